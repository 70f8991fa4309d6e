/** The bytes of a base64 string, by what every host has: `Uint8Array.fromBase64` is too new, `Buffer` is Node's. */
export function decodeBase64(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
