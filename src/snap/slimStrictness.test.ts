import { concatBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { answerFrame } from '../../test/support/snap/answerFrame.ts'
import { emptyCodeHash, emptyRoot } from '../account/emptyHashes.ts'
import { leafValue } from '../leaves/Leaves.ts'
import { encodeRlp, type RlpInput } from '../rlp/encodeRlp.ts'
import { MemoryTrie } from '../trie/memory/MemoryTrie.ts'
import { createVerifier } from '../verifier/createVerifier.ts'

// Of each account there is one form that is accepted. The tries here are made of the very bytes
// that come, so that nothing but the form can be wrong: a root that does not match would hide a
// reader that is too lax.

const KEY = new Uint8Array(32).fill(7)
const NONE = new Uint8Array()
const bytes = (size: number, first = 1) => new Uint8Array(size).fill(0xee).fill(first, 0, 1)
const CODE = bytes(32, 0xaa)

/** RLP of a byte that is written as a string of one, as none may be. */
const longByte = Uint8Array.of(0x81, 5)

/**
 * An answer with one account, given as RLP of its four fields, and the root of the trie with what
 * they stand for.
 */
function answer(numbers: Uint8Array[], root: Uint8Array, codeHash: Uint8Array, strangers = 0) {
  const list = (payload: Uint8Array) => {
    return concatBytes(payload.length > 55 ? Uint8Array.of(0xf8) : NONE, head(payload), payload)
  }
  const head = ({ length }: Uint8Array) => Uint8Array.of(length > 55 ? length : 0xc0 + length)
  const tail = [root.length ? root : emptyRoot(), codeHash.length ? codeHash : emptyCodeHash()]
  const full = list(concatBytes(...numbers, ...tail.map((hash) => encodeRlp(hash))))
  const slim = list(concatBytes(...numbers, encodeRlp(root), encodeRlp(codeHash)))
  const trie = MemoryTrie.from([[KEY, full]])
  const proof: RlpInput[] = [...trie.prove(KEY), ...Array(strangers).fill(bytes(1025))]
  const id = Uint8Array.of(1)
  const pairs = list(concatBytes(encodeRlp(KEY), slim))
  const payload = concatBytes(encodeRlp(id), listOf(pairs), encodeRlp(proof))
  return { frame: concatBytes(Uint8Array.of(1), listOf(payload)), root: trie.root, slim }
}

/** A list of any length around what is encoded already. */
function listOf(payload: Uint8Array): Uint8Array {
  const { length } = payload
  if (length <= 55) return concatBytes(Uint8Array.of(0xc0 + length), payload)
  if (length < 256) return concatBytes(Uint8Array.of(0xf8, length), payload)
  return concatBytes(Uint8Array.of(0xf9, length >> 8, length & 255), payload)
}

const number = (value: Uint8Array) => encodeRlp(value)
const plain = [number(NONE), number(bytes(4))]

describe.each(['simd', 'plain'] as const)('accounts as wasm reads them (%s)', async (build) => {
  const verifier = await createVerifier({ build })
  const read = (made: ReturnType<typeof answer>) => {
    const claim = {
      root: made.root,
      origin: new Uint8Array(32),
      last: new Uint8Array(32).fill(255),
    }
    return verifier.readAccounts(answerFrame(made.frame), claim)
  }

  it.each([
    ['that has nothing', [number(NONE), number(NONE)], NONE, NONE],
    ['with a balance', plain, NONE, NONE],
    [
      'with the largest nonce and balance',
      [number(bytes(8, 255)), number(bytes(32, 255))],
      NONE,
      NONE,
    ],
    ['with code', plain, NONE, CODE],
    ['with storage', plain, CODE, NONE],
    ['with all of it', [number(bytes(8)), number(bytes(32))], CODE, CODE],
  ] as const)('takes one %s', (_, numbers, root, code) => {
    const made = answer([...numbers], root, code)
    const proven = read(made)
    expect(proven).toBeDefined()
    expect(leafValue(proven!.accounts, 0)).toEqual(made.slim)
    const isContract = root.length + code.length > 0
    expect(proven!.contracts).toHaveLength(isContract ? 1 : 0)
  })

  it.each([
    ['whose empty storage root is written out', plain, emptyRoot(), NONE],
    ['whose code hash of nothing is written out', plain, NONE, emptyCodeHash()],
    ['with both written out', plain, emptyRoot(), emptyCodeHash()],
    ['whose nonce has nine bytes', [number(bytes(9)), number(NONE)], NONE, NONE],
    ['whose balance has 33 bytes', [number(NONE), number(bytes(33))], NONE, NONE],
    ['whose nonce begins with zero', [number(bytes(2, 0)), number(NONE)], NONE, NONE],
    ['whose balance begins with zero', [number(NONE), number(bytes(2, 0))], NONE, NONE],
    ['whose nonce is zero as a byte', [Uint8Array.of(0), number(NONE)], NONE, NONE],
    ['whose nonce is a byte in a string of one', [longByte, number(NONE)], NONE, NONE],
    ['whose balance is a byte in a string of one', [number(NONE), longByte], NONE, NONE],
    ['whose code hash has 31 bytes', plain, NONE, bytes(31)],
  ] as const)('does not take one %s', (_, numbers, root, code) => {
    expect(read(answer([...numbers], root, code))).toBeUndefined()
  })

  it('takes no node of more bytes than any has, not even one that proves nothing', () => {
    expect(read(answer(plain, NONE, NONE, 1))).toBeUndefined()
  })
})
