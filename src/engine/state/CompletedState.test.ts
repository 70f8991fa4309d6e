import { keccak_256 } from '@noble/hashes/sha3.js'
import { beforeEach, describe, expect, it } from 'vitest'
import { encodeSlimAccount } from '../../account/accountCodec.ts'
import { EMPTY_CODE_HASH, EMPTY_ROOT } from '../../account/emptyHashes.ts'
import { fromHex, type Hex, toHex } from '../../base/bytes/hex.ts'
import type { Block } from '../../chain/Block.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import { openMemoryStore } from '../../store/openMemoryStore.ts'
import type { StateStore } from '../../store/StateStore.ts'
import { createVerifier } from '../../verifier/createVerifier.ts'
import type { Verifier } from '../../verifier/Verifier.ts'
import { blocksRecord } from '../blocksRecord.ts'
import type { Completed } from '../protocol.ts'
import { CompletedState } from './CompletedState.ts'

const address = new Uint8Array(20).fill(1)
const bytes = (fill: number) => new Uint8Array(32).fill(fill)
const rootOf = (number: number): Hex => toHex(bytes(number))
const block = (number: number): Block => {
  return { number, hash: toHex(bytes(100 + number)), stateRoot: rootOf(number) }
}

let store: StateStore
let verifier: Verifier
let told: (Completed | undefined)[]

/** A state whose one account has the block's number as its nonce. */
function complete(number: number, journal = new Map<string, Uint8Array>()) {
  const account = encodeSlimAccount({
    nonce: BigInt(number),
    balance: 0n,
    storageRoot: fromHex(EMPTY_ROOT, 'root', 32),
    codeHash: fromHex(EMPTY_CODE_HASH, 'hash', 32),
  })
  const accounts = packLeaves([[keccak_256(address), account]])
  return store.commit({ accounts, journal, complete: bytes(number) })
}

function completedState(root?: Uint8Array, opened = store): CompletedState {
  const onChange = (completed: Completed | undefined) => void told.push(completed)
  return new CompletedState({ root, verifier, store: async () => opened, onChange })
}

const nonce = (state: CompletedState, meanwhile: () => Promise<unknown> = async () => {}) =>
  state.read(async (reader) => {
    const account = await reader.account(address)
    await meanwhile()
    return account?.nonce
  })

beforeEach(async () => {
  store = await openMemoryStore()
  verifier = await createVerifier()
  told = []
})

describe('the complete state', () => {
  it('answers with its root and block, and tells when it is another one', async () => {
    const state = completedState()
    expect(await state.look()).toBeUndefined()
    await complete(1, new Map([blocksRecord([block(1), block(2)])]))
    const { number, hash } = block(1)
    const first = { value: 1n, stateRoot: rootOf(1), block: { number, hash } }
    expect(await nonce(state)).toEqual(first)
    expect(await nonce(state)).toEqual(first)
    await complete(3)
    expect(await nonce(state)).toEqual({ value: 3n, stateRoot: rootOf(3) })
    await store.clear()
    await expect(nonce(state)).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' })
    expect(told).toEqual([
      { stateRoot: rootOf(1), block: block(1) },
      { stateRoot: rootOf(3) },
      undefined,
    ])
  })

  it('takes the newest block of those with its root', async () => {
    const later = { ...block(5), stateRoot: rootOf(1) }
    await complete(1, new Map([blocksRecord([block(1), later])]))
    const state = completedState()
    expect((await nonce(state)).block?.number).toBe(5)
    state.commit({ ...later, number: 6 })
    expect((await nonce(state)).block?.number).toBe(6)
  })

  it('is read again where it is another one in the end, also after an error', async () => {
    await complete(1)
    const state = completedState()
    let turns = 0
    const switched = async () => {
      if (++turns === 1) await complete(2)
    }
    expect(await nonce(state, switched)).toEqual({ value: 2n, stateRoot: rootOf(2) })
    expect(turns).toBe(2)

    turns = 0
    const failing = async () => {
      if (++turns > 1) return
      await complete(3)
      throw new Error('torn')
    }
    expect((await nonce(state, failing)).value).toBe(3n)
    await expect(nonce(state, () => Promise.reject(new Error('real')))).rejects.toThrow('real')
  })

  it('is read again where the same root was completed anew', async () => {
    await complete(1)
    let turns = 0
    const again = async () => {
      if (++turns === 1) await complete(1)
    }
    await nonce(completedState(), again)
    expect(turns).toBe(2)
  })

  it('of a fixed root is no other one', async () => {
    await complete(1, new Map([blocksRecord([block(1), block(2)])]))
    const [right, wrong] = [completedState(bytes(1)), completedState(bytes(2))]
    expect(await nonce(right)).toEqual({ value: 1n, stateRoot: rootOf(1) })
    await expect(nonce(wrong)).rejects.toThrow(rootOf(2))
    // A read before the replacement is of one state, and names it.
    expect(await nonce(right, () => complete(2))).toEqual({ value: 1n, stateRoot: rootOf(1) })
    await expect(nonce(right)).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' })
    expect(await nonce(wrong)).toEqual({ value: 2n, stateRoot: rootOf(2) })
  })

  it('is read in one look where it was found before, and again where that look sees another', async () => {
    await complete(1)
    let looks = 0
    const counted = new Proxy(store, {
      get(target, name) {
        if (name === 'completion') looks++
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const state = completedState(undefined, counted)
    await state.look()
    looks = 0
    expect(await nonce(state)).toEqual({ value: 1n, stateRoot: rootOf(1) })
    expect(looks).toBe(0)
    await complete(2)
    expect(await nonce(state)).toEqual({ value: 2n, stateRoot: rootOf(2) })
    expect(looks).toBe(2)
  })

  it('is what was committed last, not what an older look finds late', async () => {
    await complete(1)
    const state = completedState(undefined, {
      completion: () => store.completion(),
      // The look has found the first state by now.
      journal: async () => {
        await complete(2)
        state.commit(block(2))
        return store.journal()
      },
    } as StateStore)
    await state.look()
    expect(state.current).toEqual({ stateRoot: rootOf(2), block: block(2) })
    expect(told).toHaveLength(1)
  })

  it('gives up what it cannot do before the next state is complete', async () => {
    await complete(1)
    const state = completedState()
    let number = 1
    await expect(nonce(state, () => complete(++number))).rejects.toMatchObject({
      code: 'STATE_BUSY',
    })
    expect(await nonce(state)).toMatchObject({ value: BigInt(number) })
  })
})
