import { expect, it } from 'vitest'
import { toHex } from '../../base/bytes/hex.ts'
import { SeededRandom } from '../changing/SeededRandom.ts'
import { HashIndex } from './HashIndex.ts'

it('numbers hashes as they come, also where thousands begin alike', () => {
  const random = new SeededRandom(1)
  const index = new HashIndex()
  const model = new Map<string, number>()
  for (let round = 0; round < 5000; round++) {
    const hash = random.bytes(32)
    if (random.below(2) === 0) hash.fill(0, 0, random.pick([3, 4, 8, 31]))
    expect(index.get(hash)).toBe(model.get(toHex(hash)))
    if (model.has(toHex(hash))) continue
    expect(index.add(hash)).toBe(model.size)
    model.set(toHex(hash), model.size)
    expect(index.count).toBe(model.size)
    expect(index.get(hash)).toBe(model.get(toHex(hash)))
  }
  for (const [hex, number] of model) {
    const hash = Uint8Array.from(hex.slice(2).match(/../g) ?? [], (pair) =>
      Number.parseInt(pair, 16),
    )
    expect(index.get(hash)).toBe(number)
    expect(index.at(number)).toEqual(hash)
  }
})
