import { NETWORKS, toHex } from 'cambium/server'
import { describe, expect, it } from 'vitest'
import type { EthStatus } from './eth/EthStatus.ts'
import { NetworkChoice } from './NetworkChoice.ts'

/** Fork ids of mainnet, from the list of EIP-2124: after each of the forks, with the next one. */
const FORKS = {
  byzantium: ['a00bc324', 7_280_000n],
  petersburg: ['668db0af', 9_069_000n],
  petersburgUnawares: ['668db0af', 0n],
  istanbul: ['879d6e30', 9_200_000n],
  /** Ethereum Classic, which has mainnet's genesis and id. */
  classicAtlantis: ['7fd1bb25', 0n],
} as const

function status(fork: keyof typeof FORKS): EthStatus {
  const [hash, next] = FORKS[fork]
  const genesisHash = Uint8Array.from(Buffer.from(NETWORKS.mainnet.genesisHash.slice(2), 'hex'))
  const forkId = { hash: Uint8Array.from(Buffer.from(hash, 'hex')), next }
  return { networkId: 1n, genesisHash, forkId, latestHash: genesisHash }
}

function accept(...forks: (keyof typeof FORKS)[]): NetworkChoice {
  const choice = new NetworkChoice()
  for (const fork of forks) choice.accept(status(fork), undefined, fork)
  return choice
}

describe('NetworkChoice', () => {
  it('knows a network by its genesis', () => {
    expect(accept('byzantium').network).toEqual(NETWORKS.mainnet)
    expect(new NetworkChoice().network).toBeUndefined()
  })

  it('goes on with its network from fork to fork, and takes who is one behind or ahead', () => {
    accept('byzantium', 'petersburg', 'byzantium', 'petersburg', 'istanbul', 'petersburg')
    accept('petersburgUnawares', 'petersburg', 'istanbul')
  })

  it.each([
    ['petersburg', 'classicAtlantis'],
    ['classicAtlantis', 'istanbul'],
    ['byzantium', 'istanbul'],
  ] as const)('refuses, after %s, who is on %s', (first, second) => {
    expect(() => accept(first, second)).toThrow(/is on fork 0x\w{8}, not on 0x\w{8}/)
  })

  it('needs the genesis block of a network that it does not know', () => {
    const unknown = { ...status('byzantium'), genesisHash: new Uint8Array(32) }
    const name = toHex(unknown.genesisHash)
    expect(() => new NetworkChoice().accept(unknown, undefined, 'a')).toThrow(`block 0, ${name}`)
  })
})
