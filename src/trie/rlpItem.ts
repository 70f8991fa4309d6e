/** RLP of a byte string. */
export function rlpString(content: Uint8Array): Uint8Array {
  if (content.length === 1 && content[0]! < 0x80) return content
  return withHeader(0x80, content.length, [content])
}

/** RLP of a list whose items are already encoded, so that raw references can be put into nodes. */
export function rlpList(items: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const item of items) size += item.length
  return withHeader(0xc0, size, items)
}

function withHeader(base: number, size: number, parts: readonly Uint8Array[]): Uint8Array {
  let sizeBytes = 0
  if (size > 55) for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) sizeBytes++
  const encoded = new Uint8Array(1 + sizeBytes + size)
  encoded[0] = sizeBytes === 0 ? base + size : base + 55 + sizeBytes
  for (let at = sizeBytes, rest = size; at > 0; at--, rest = Math.floor(rest / 256)) {
    encoded[at] = rest % 256
  }
  let position = 1 + sizeBytes
  for (const part of parts) {
    encoded.set(part, position)
    position += part.length
  }
  return encoded
}
