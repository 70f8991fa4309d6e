import { expect, test } from 'vitest'
import { databaseName } from './databaseName.ts'
import { StoreInputError } from './errors.ts'

const genesisHash = new Uint8Array(32).fill(0xd4)

test('a database is named after its store and chain', () => {
  expect(databaseName({ chainId: 1, genesisHash }, 'wallet')).toBe(`wallet/1/0x${'d4'.repeat(32)}`)
})

test.each([-1, 1.5, Number.NaN, 2 ** 53])('chain id %d is refused', (chainId) => {
  expect(() => databaseName({ chainId, genesisHash }, 'wallet')).toThrow(
    new StoreInputError(`chain id must be a whole number from 0 on, got ${chainId}`),
  )
})

test('a state without a chain, as a dump is, has chain id 0', () => {
  expect(databaseName({ chainId: 0, genesisHash }, 'wallet')).toBe(`wallet/0/0x${'d4'.repeat(32)}`)
})

test('a genesis hash of another size is refused', () => {
  const identity = { chainId: 1, genesisHash: new Uint8Array(20) }
  expect(() => databaseName(identity, 'wallet')).toThrow(StoreInputError)
})
