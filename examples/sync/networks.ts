import { NETWORKS, type NetworkName } from 'cambium'
import type { Target } from './target.ts'

/** A state that this page knows, with an address in it that is worth looking at. */
export interface Network extends Target {
  example: string
}

const EXAMPLES: Record<NetworkName, string> = {
  mainnet: '0x000d836201318ec6899a67540690382780743280',
  sepolia: '0xa2a6d93439144ffe4d27c9e088dcd8b783946263',
  holesky: '0x4242424242424242424242424242424242424242',
  hoodi: '0x00000000219ab540356cbb839cbe05303d7705fa',
}

/**
 * The genesis states that this page trusts. They are part of the page: a bridge is never asked what
 * to trust, or it could choose the state that it then "proves".
 */
export const networks: readonly Network[] = Object.values(NETWORKS).map(
  ({ name, chainId, genesisHash, stateRoot }) => ({
    ...{ name, chainId, genesisHash },
    trust: stateRoot,
    example: EXAMPLES[name],
  }),
)
