import type { Hex } from 'cambium'

/** Blocks that are trusted as they come, and how far behind them the state follows. */
export interface TrustedBlocks {
  /** Tells them as server-sent events. */
  url: string
  /** Cambium's own, where left out; in blocks. */
  pivotDistance: number | undefined
  maxPivotAge: number | undefined
}

/** A state to sync: which chain it belongs to, and what says which state it is. */
export interface Target {
  name: string
  chainId: number
  genesisHash: Hex
  /** One state root, or blocks, each with its own. */
  trust: Hex | TrustedBlocks
}

/** What a person typed to name a state of their own. */
export interface TargetFields {
  root: string
  chainId: string
  genesis: string
}

/**
 * The state that the fields name, or for each field that names nothing, a sentence to show beside
 * it.
 *
 * @param blocks what is trusted instead of the root that the fields name
 */
export function readTarget(
  fields: TargetFields,
  blocks: TrustedBlocks | undefined,
): { target: Target } | { faults: Partial<Record<keyof TargetFields, string>> } {
  const faults: Partial<Record<keyof TargetFields, string>> = {}
  const trust = blocks ?? fields.root.trim()
  const genesis = fields.genesis.trim()
  const chainId = fields.chainId.trim()
  const trusted = typeof trust === 'object' || isHash(trust)
  if (!trusted) faults.root = refusal('A state root is 0x and 64 hexadecimal digits', trust)
  if (!isHash(genesis)) {
    faults.genesis = refusal('A block hash is 0x and 64 hexadecimal digits', genesis)
  }
  if (!/^\d{1,16}$/.test(chainId) || !Number.isSafeInteger(Number(chainId))) {
    faults.chainId = refusal('A chain id is a whole number', chainId)
  }
  if (!trusted || !isHash(genesis) || faults.chainId !== undefined) return { faults }
  return { target: { name: 'custom', chainId: Number(chainId), genesisHash: genesis, trust } }
}

function isHash(text: string): text is Hex {
  return /^0x[0-9a-fA-F]{64}$/.test(text)
}

function refusal(expected: string, received: string): string {
  return received === '' ? `${expected}.` : `${expected}; this is not: ${received.slice(0, 80)}`
}
