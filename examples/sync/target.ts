import type { Hex } from 'cambium'

/** A state to sync: which chain it belongs to, and the root that says what it is. */
export interface Target {
  name: string
  chainId: number
  genesisHash: Hex
  stateRoot: Hex
}

/** What a person typed to name a state of their own. */
export interface TargetFields {
  root: string
  chainId: string
  genesis: string
}

/** The state that the fields name, or for each field that names nothing, a sentence to show beside it. */
export function readTarget(
  fields: TargetFields,
): { target: Target } | { faults: Partial<Record<keyof TargetFields, string>> } {
  const faults: Partial<Record<keyof TargetFields, string>> = {}
  const root = fields.root.trim()
  const genesis = fields.genesis.trim()
  const chainId = fields.chainId.trim()
  if (!isHash(root)) faults.root = refusal('A state root is 0x and 64 hexadecimal digits', root)
  if (!isHash(genesis)) {
    faults.genesis = refusal('A block hash is 0x and 64 hexadecimal digits', genesis)
  }
  if (!/^\d{1,16}$/.test(chainId) || !Number.isSafeInteger(Number(chainId))) {
    faults.chainId = refusal('A chain id is a whole number', chainId)
  }
  if (!isHash(root) || !isHash(genesis) || faults.chainId !== undefined) return { faults }
  const target = { name: 'custom', chainId: Number(chainId), genesisHash: genesis, stateRoot: root }
  return { target }
}

function isHash(text: string): text is Hex {
  return /^0x[0-9a-fA-F]{64}$/.test(text)
}

function refusal(expected: string, received: string): string {
  return received === '' ? `${expected}.` : `${expected}; this is not: ${received.slice(0, 80)}`
}
