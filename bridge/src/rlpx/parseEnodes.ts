import { hexToBytes } from '@noble/hashes/utils.js'
import type { Enode } from './Enode.ts'
import { EnodeError } from './errors.ts'

/** What `--state` begins with for a state that is relayed. */
export const RLPX_PREFIX = 'rlpx:'

/**
 * Reads the addresses of execution clients: enode URLs, with commas between them.
 *
 * @throws {EnodeError} when one is malformed, two have the same id, or there is none
 * @example parseEnodes('enode://6f8a…@127.0.0.1:30303,enode://22a8…@[::1]:30303?discport=0')
 * @see https://ethereum.org/developers/docs/networking-layer/network-addresses
 */
export function parseEnodes(text: string): Enode[] {
  const enodes = new Map<string, Enode>()
  for (const part of text.split(',').map((part) => part.trim())) {
    const enode = parseEnode(part)
    const id = part.slice(ENODE.length, ENODE.length + ID_DIGITS).toLowerCase()
    if (enodes.has(id)) throw new EnodeError(part, 'this node is listed twice')
    enodes.set(id, enode)
  }
  return [...enodes.values()]
}

const ENODE = 'enode://'
const ID_DIGITS = 128

function parseEnode(text: string): Enode {
  if (text === '') throw new EnodeError(text, 'an enode is missing')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'enode:') {
    throw new EnodeError(text, 'not an enode: enode://ID@HOST:PORT')
  }
  const { username, hostname, port } = url
  if (!/^[0-9a-f]{128}$/i.test(username)) {
    throw new EnodeError(text, `the id of an enode has ${ID_DIGITS} hexadecimal digits`)
  }
  if (hostname === '' || port === '' || port === '0') {
    throw new EnodeError(text, 'an enode has host and TCP port: enode://ID@HOST:PORT')
  }
  return {
    id: hexToBytes(username.toLowerCase()),
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port),
    name: `${username.slice(0, 8).toLowerCase()}@${hostname}:${port}`,
  }
}
