import { accountRules } from './accountRules.ts'
import { codeRules } from './codeRules.ts'
import { dispatchRules } from './dispatchRules.ts'
import { nodeRules } from './nodeRules.ts'
import type { Rule } from './Rule.ts'
import { retentionRules } from './retentionRules.ts'
import { storageRules } from './storageRules.ts'

/**
 * The rules by which go-ethereum's server answers snap/1, as a table of requests and right answers.
 * It says them of any state: what is asked and what is right follows from the state's truth. The
 * checks of go-ethereum's own conformance suite for servers are among them, but for its handshake
 * of `eth`.
 *
 * @see https://github.com/ethereum/devp2p/blob/master/caps/snap.md
 */
export const serverRules: readonly Rule[] = [
  ...dispatchRules,
  ...accountRules,
  ...storageRules,
  ...codeRules,
  ...nodeRules,
  ...retentionRules,
]
