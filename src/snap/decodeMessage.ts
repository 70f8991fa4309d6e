import { RlpError } from '../rlp/errors.ts'
import { RlpReader } from '../rlp/RlpReader.ts'
import { MAX_PROOF_NODE_BYTES, MAX_PROOF_NODES } from '../verifier/wasm/generated/layout.ts'
import { decodeLeaves } from './decodeLeaves.ts'
import { SnapCodecError } from './errors.ts'
import { SNAP_KINDS, type SnapKind, type SnapMessage } from './SnapMessage.ts'

/**
 * Hashes, paths, codes, nodes or slot lists in one message. A server looks at 1,024 of them;
 * sixteen times as many bound what a frame of ten million one-byte items can make us allocate.
 */
const MAX_ITEMS = 16_384

/**
 * Decodes a frame: one byte of message code, then the RLP body. Hashes, proof nodes, codes and
 * paths are views of the frame; leaves are packed anew. Keys may be in any order; no hash is
 * computed.
 *
 * @throws {SnapCodecError} when the code is unknown, the body is not canonical RLP or of another
 *   shape, a hash has another size than 32 bytes, an integer more than 64 bits, a proof node more
 *   bytes than a node of state can have, or there are more items than snap/1 has use for
 */
export function decodeMessage(frame: Uint8Array): SnapMessage {
  return strictly(frame, (kind, id, body) => {
    const message = decodeFields(kind, id, body)
    body.finish('message')
    return message
  })
}

/**
 * The kind and the id of a frame, and a cursor over the fields that follow; none of them is looked
 * at.
 */
export interface FrameHead {
  kind: SnapKind
  id: bigint
  fields: RlpReader
}

/**
 * Decodes as little as tells what a frame is.
 * @throws {SnapCodecError} when not even that is legible
 */
export function decodeMessageHead(frame: Uint8Array): FrameHead {
  return strictly(frame, (kind, id, fields) => ({ kind, id, fields }))
}

function strictly<T>(
  frame: Uint8Array,
  decode: (kind: SnapKind, id: bigint, fields: RlpReader) => T,
): T {
  if (frame.length === 0) throw new SnapCodecError('the frame is empty')
  const kind = SNAP_KINDS[frame[0]!]
  if (kind === undefined) throw new SnapCodecError(`unknown message code ${frame[0]}`)
  try {
    const outer = new RlpReader(frame, 1)
    const fields = outer.list('message')
    outer.finish('frame')
    return decode(kind, fields.uint64('id'), fields)
  } catch (cause) {
    if (!(cause instanceof RlpError)) throw cause
    throw new SnapCodecError(`${kind}: ${cause.message}`, { cause })
  }
}

function decodeFields(kind: SnapKind, id: bigint, body: RlpReader): SnapMessage {
  switch (kind) {
    case 'GetAccountRange':
      return {
        kind,
        id,
        root: body.string('root', 32),
        origin: body.string('origin', 32),
        limit: body.string('limit', 32),
        bytes: byteLimit(body),
      }
    case 'AccountRange':
      return {
        kind,
        id,
        accounts: decodeLeaves(body.list('accounts'), 'account'),
        proof: proof(body),
      }
    case 'GetStorageRanges':
      return {
        kind,
        id,
        root: body.string('root', 32),
        accounts: items(body, 'accounts', (list) => list.string('account hash', 32)),
        origin: slotHash(body, 'origin'),
        limit: slotHash(body, 'limit'),
        bytes: byteLimit(body),
      }
    case 'StorageRanges':
      return {
        kind,
        id,
        slots: items(body, 'slots', (list) =>
          decodeLeaves(list.list('slots of one account'), 'slot'),
        ),
        proof: proof(body),
      }
    case 'GetByteCodes':
      return {
        kind,
        id,
        hashes: items(body, 'hashes', (list) => list.string('code hash', 32)),
        bytes: byteLimit(body),
      }
    case 'ByteCodes':
      return { kind, id, codes: items(body, 'codes', (list) => list.string('code')) }
    case 'GetTrieNodes': {
      const root = body.string('root', 32)
      let left = MAX_ITEMS
      const paths = items(body, 'paths', (list) => {
        const set = items(list, 'path set', (elements) => elements.string('path'), left)
        left -= set.length
        return set
      })
      return { kind, id, root, paths, bytes: byteLimit(body) }
    }
    case 'TrieNodes':
      return { kind, id, nodes: items(body, 'nodes', (list) => list.string('node')) }
  }
}

function items<T>(
  body: RlpReader,
  what: string,
  read: (list: RlpReader) => T,
  most = MAX_ITEMS,
): T[] {
  const list = body.list(what)
  const found: T[] = []
  while (!list.done) {
    if (found.length === most) throw new RlpError(`${what}: more than ${most} items`)
    found.push(read(list))
  }
  return found
}

function proof(body: RlpReader): Uint8Array[] {
  return items(body, 'proof', proofNode, MAX_PROOF_NODES)
}

function proofNode(list: RlpReader): Uint8Array {
  const node = list.string('proof node')
  if (node.length > MAX_PROOF_NODE_BYTES) {
    throw new RlpError(
      `proof node must have at most ${MAX_PROOF_NODE_BYTES} bytes, got ${node.length}`,
    )
  }
  return node
}

/** 32 bytes or none. */
function slotHash(body: RlpReader, what: string): Uint8Array {
  const bytes = body.string(what)
  if (bytes.length !== 0 && bytes.length !== 32) {
    throw new RlpError(`${what} must have 32 bytes or none, got ${bytes.length}`)
  }
  return bytes
}

function byteLimit(body: RlpReader): number {
  const bytes = body.uint64('bytes')
  return bytes > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(bytes)
}
