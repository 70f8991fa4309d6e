import { createECDH } from 'node:crypto'

/** Who the bridge is to execution clients. */
export interface NodeKey {
  /** 32 bytes, secp256k1. */
  privateKey: Uint8Array
  /** The public key, 64 bytes: uncompressed, without the leading 4. */
  id: Uint8Array
}

/** A new one: execution clients need not know a bridge again. */
export function createNodeKey(): NodeKey {
  const ecdh = createECDH('secp256k1')
  const id = new Uint8Array(ecdh.generateKeys()).subarray(1)
  // Node leaves leading zero bytes out.
  const digits = ecdh.getPrivateKey('hex').padStart(64, '0')
  return { privateKey: new Uint8Array(Buffer.from(digits, 'hex')), id }
}
