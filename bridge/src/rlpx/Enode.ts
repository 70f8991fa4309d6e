/** The address of a node on devp2p. */
export interface Enode {
  /** Public key of its identity, 64 bytes: secp256k1, uncompressed, without the leading 4. */
  id: Uint8Array
  /** IP address or name. */
  host: string
  /** TCP. */
  port: number
  /** What people see of it: the first eight digits of the id, host and port. */
  name: string
}
