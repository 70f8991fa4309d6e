import { fromHex, NETWORKS } from 'cambium/server'
import { describe, expect, it } from 'vitest'
import { genesisSource } from './genesisSource.ts'

describe('genesisSource', () => {
  it.each([
    ['mainnet', 8893, 0, 0],
    ['sepolia', 15, 0, 0],
    ['holesky', 317, 31, 1],
    ['hoodi', 335, 33, 5],
  ])('builds %s with the root of its genesis block', async (name, accounts, slots, codes) => {
    const state = await genesisSource(name)
    const { stateRoot } = NETWORKS[name as 'mainnet']
    expect({ ...state.network }).toEqual(NETWORKS[name as 'mainnet'])
    expect([state.accounts, state.slots, state.codes]).toEqual([accounts, slots, codes])
    expect(state.source.state(fromHex(stateRoot, 'root'))?.accounts.root).toEqual(
      fromHex(stateRoot, 'root'),
    )
  })
})
