import type { Hex } from '../base/bytes/hex.ts'

/** A network's genesis: what names its state. */
export interface Network {
  name: string
  chainId: number
  /** Hash of the genesis block. */
  genesisHash: Hex
  /** State root of the genesis block. */
  stateRoot: Hex
}

/** The networks whose genesis state this package knows, by name. */
export const NETWORKS = {
  mainnet: {
    name: 'mainnet',
    chainId: 1,
    genesisHash: '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3',
    stateRoot: '0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544',
  },
  sepolia: {
    name: 'sepolia',
    chainId: 11155111,
    genesisHash: '0x25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9',
    stateRoot: '0x5eb6e371a698b8d68f665192350ffcecbbbf322916f4b51bd79bb6887da3f494',
  },
  holesky: {
    name: 'holesky',
    chainId: 17000,
    genesisHash: '0xb5f7f912443c940f21fd611f12828d75b534364ed9e95ca4e307729a4661bde4',
    stateRoot: '0x69d8c9d72f6fa4ad42d4702b433707212f90db395eb54dc20bc85de253788783',
  },
  hoodi: {
    name: 'hoodi',
    chainId: 560048,
    genesisHash: '0xbbe312868b376a3001692a646dd2d7d1e4406380dfd86b98aa8a34d1557c971b',
    stateRoot: '0xda87d7f5f91c51508791bbcbd4aa5baf04917830b86985eeb9ad3d5bfb657576',
  },
} as const satisfies Record<string, Network>

export type NetworkName = keyof typeof NETWORKS
