import { expect, test } from 'vitest'
import { databaseName } from './databaseName.ts'
import { StoreInputError } from './errors/StoreInputError.ts'

const genesisHash = new Uint8Array(32).fill(0xd4)

test('a database is named after its store and chain', () => {
  expect(databaseName({ chainId: 1, genesisHash }, 'wallet')).toBe(`wallet/1/0x${'d4'.repeat(32)}`)
})

test.each([0, -1, 1.5, Number.NaN, 2 ** 53])('chain id %d is refused', (chainId) => {
  expect(() => databaseName({ chainId, genesisHash }, 'wallet')).toThrow(
    new StoreInputError(`chain id must be a positive whole number, got ${chainId}`),
  )
})

test('a genesis hash of another size is refused', () => {
  const identity = { chainId: 1, genesisHash: new Uint8Array(20) }
  expect(() => databaseName(identity, 'wallet')).toThrow(StoreInputError)
})
