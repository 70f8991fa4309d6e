import { encodeRlp } from '../../src/rlp/encodeRlp.ts'
import { SNAP_KINDS } from '../../src/snap/SnapMessage.ts'
import { FIRST, LAST, NO_BYTES } from './edges.ts'
import type { Expected, Question, Rule } from './Rule.ts'
import type { RuleState } from './RuleState.ts'

const ACCOUNTS = SNAP_KINDS.indexOf('GetAccountRange')
const CODES = SNAP_KINDS.indexOf('GetByteCodes')
const NODES = SNAP_KINDS.indexOf('GetTrieNodes')

/** §6.1: an answer has the id of its request; what is no request ends the connection. */
export const dispatchRules: readonly Rule[] = [
  answered('an id of zero', 0n),
  answered('the largest id', 2n ** 64n - 1n),

  refused('an unknown message', () => frame(SNAP_KINDS.length, encodeRlp([1n, []]))),
  refused('no RLP', () => Uint8Array.of(ACCOUNTS, 0xff, 0xff, 0xff)),
  refused('a string for a list', () => frame(CODES, encodeRlp(NO_BYTES))),
  refused('a message that is cut', ({ root }) => request(root).subarray(0, -1)),
  refused('bytes after the message', ({ root }) => Uint8Array.of(...request(root), 0)),
  refused('a field too many', ({ root }) => {
    return frame(ACCOUNTS, encodeRlp([1n, root, FIRST, LAST, 4000n, 1n]))
  }),
  refused('a field too few', ({ root }) => frame(ACCOUNTS, encodeRlp([1n, root, FIRST, LAST]))),
  refused('a hash of 31 bytes', ({ root }) => {
    return frame(ACCOUNTS, encodeRlp([1n, root, FIRST.subarray(1), LAST, 4000n]))
  }),
  refused('an id of more than 64 bits', ({ root }) => {
    return frame(ACCOUNTS, encodeRlp([2n ** 64n, root, FIRST, LAST, 4000n]))
  }),
  refused('a limit of more than 64 bits', ({ root }) => {
    return frame(ACCOUNTS, encodeRlp([1n, root, FIRST, LAST, 2n ** 64n]))
  }),
  refused('a list for a path', ({ root }) => {
    return frame(NODES, encodeRlp([1n, root, [[[]]], 4000n]))
  }),
  refused('an answer that nobody asked for', () => {
    return frame(SNAP_KINDS.indexOf('ByteCodes'), encodeRlp([1n, []]))
  }),
]

function answered(name: string, id: bigint): Rule {
  const question: Question = { kind: 'GetByteCodes', hashes: [], bytes: 1 }
  const expected: Expected = { kind: 'ByteCodes', codes: [] }
  return { section: '6.1', name: `messages: ${name}`, apply: () => ({ question, id, expected }) }
}

function refused(name: string, bytes: (state: RuleState) => Uint8Array): Rule {
  return {
    section: '6.1',
    name: `messages: refused: ${name}`,
    apply: (state) => ({ question: { frame: bytes(state) }, expected: { kind: 'closed' } }),
  }
}

function request(root: Uint8Array): Uint8Array {
  return frame(ACCOUNTS, encodeRlp([1n, root, FIRST, LAST, 4000n]))
}

function frame(code: number, body: Uint8Array): Uint8Array {
  return Uint8Array.of(code, ...body)
}
