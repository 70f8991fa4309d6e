import { afterEach, expect, it, vi } from 'vitest'
import { fromHex } from '../../base/bytes/hex.ts'
import { syntheticState } from '../../testing/syntheticState.ts'
import { encodeMessage } from '../encodeMessage.ts'
import { stateServer } from './stateServer.ts'

afterEach(() => vi.restoreAllMocks())

const ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array

it('makes no view or copy per account or slot of an answer', async () => {
  const state = await syntheticState({ seed: 1, accounts: 12_000, contracts: 0.2, maxSlots: 9000 })
  const root = fromHex(state.stateRoot, 'root', 32)
  const [first, last] = [new Uint8Array(32), new Uint8Array(32).fill(0xff)]
  let largest: Uint8Array = first
  let most = 0
  const served = state.source.state(root)!
  for (const [hash] of served.accounts.leaves(first)) {
    const slots = [...served.storage(hash)!.runs(first)].reduce((sum, { count }) => sum + count, 0)
    if (slots > most) {
      largest = hash
      most = slots
    }
  }
  const serve = stateServer(state.source)
  const range = { id: 1n, root, origin: first, limit: last, bytes: 2 ** 20 }
  for (const [request, items] of [
    [{ ...range, kind: 'GetAccountRange' } as const, 12_000],
    [{ ...range, kind: 'GetStorageRanges', accounts: [largest] } as const, most],
  ] as const) {
    const subarrays = vi.spyOn(ARRAY, 'subarray')
    const slices = vi.spyOn(ARRAY, 'slice')
    const frame = encodeMessage(serve(request))
    // Those that hash the blocks at both ends of the range, of 64 leaves or so, and what proves
    // them.
    expect(subarrays.mock.calls.length + slices.mock.calls.length).toBeLessThan(1000)
    expect(items).toBeGreaterThan(2500)
    expect(frame.length).toBeGreaterThan(36 * items)
    vi.restoreAllMocks()
  }
})
