import { fromHex, NETWORKS, type NetworkName } from 'cambium/server'
import { describe, expect, it } from 'vitest'
import { UnknownForkError } from './errors.ts'
import { genesisHash } from './genesisHash.ts'

/** Header fields as the networks' own genesis files have them. */
const HEADERS: Record<NetworkName, Record<string, unknown>> = {
  mainnet: {
    config: { chainId: 1, homesteadBlock: 1_150_000, londonBlock: 12_965_000 },
    ...{ difficulty: '0x400000000', gasLimit: '0x1388', nonce: '0x0000000000000042' },
    extraData: '0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa',
  },
  sepolia: {
    config: { chainId: 11_155_111, londonBlock: 0, shanghaiTime: 1_677_557_088 },
    ...{ difficulty: '0x20000', gasLimit: '30000000', nonce: '0x0' },
    ...{ timestamp: '0x6159af19', baseFeePerGas: null },
    extraData: '0x5365706f6c69612c20417468656e732c204174746963612c2047726565636521',
  },
  holesky: {
    config: { chainId: 17_000, londonBlock: 0, shanghaiTime: 1_696_000_704 },
    ...{ difficulty: '0x01', gasLimit: '0x17D7840', nonce: '0x1234', timestamp: 1_695_902_100 },
    baseFeePerGas: '0x3B9ACA00',
  },
  hoodi: {
    config: { chainId: 560_048, londonBlock: 0, shanghaiTime: 0, cancunTime: 0 },
    ...{ difficulty: '0x01', gasLimit: '0x2255100', nonce: '0x1234', timestamp: '0x67d80ec0' },
    baseFeePerGas: '0x3B9ACA00',
  },
}

describe('genesisHash', () => {
  it.each(Object.keys(HEADERS) as NetworkName[])('is that of %s', (name) => {
    const { stateRoot, genesisHash: expected } = NETWORKS[name]
    expect(genesisHash(HEADERS[name], fromHex(stateRoot, 'state root', 32))).toBe(expected)
  })

  const root = fromHex(NETWORKS.hoodi.stateRoot, 'state root', 32)
  const forks = { londonBlock: 0, shanghaiTime: 0, cancunTime: 0, pragueTime: 0, osakaTime: 0 }

  it("is geth's of a genesis under the rules of Amsterdam", () => {
    // go-ethereum 1.17.5 gives this hash for this file with this root of one account.
    const config = { chainId: 4242, ...forks, amsterdamTime: 0, terminalTotalDifficulty: 0 }
    const genesis = { config, difficulty: '0x0', gasLimit: '0x8000000', timestamp: '0x65' }
    const oneAccount = '0x1c66582fd303e8f2ec5c2ae4ef22bd27a86195de7e295439cc876d77fc0319f1'
    expect(genesisHash(genesis, fromHex(oneAccount, 'state root', 32))).toBe(
      '0x9a79e70a640309bfa9a70d8011f6e41f7f087ed92d8686e9a78cb37249655599',
    )
  })

  it.each([
    ['zebraTime', { timestamp: 101, config: { ...forks, zebraTime: 101 } }],
    ['zebraBlock', { number: 7, config: { ...forks, zebraBlock: '0x7' } }],
    ['verkleTime', { config: { ...forks, verkleTime: 0 } }],
  ])('is not guessed when %s is active, a fork that is not known here', (key, genesis) => {
    expect(() => genesisHash(genesis, root)).toThrow(UnknownForkError)
    expect(() => genesisHash(genesis, root)).toThrow(`config.${key}`)
  })

  it('does not depend on forks to come, known or not, nor on those that leave the header', () => {
    const hash = genesisHash({ config: forks }, root)
    const more = { amsterdamTime: 1, zebraTime: 1, zebraBlock: 1, bpo1Time: 0, daoForkBlock: 0 }
    const config = { ...forks, ...more, zebraTimeless: 'x', blobSchedule: {}, laterTime: null }
    expect(genesisHash({ config }, root)).toBe(hash)
  })
})
