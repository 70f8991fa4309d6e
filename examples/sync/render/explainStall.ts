import type { Stall, StallReason } from 'cambium'

/** What is waited for, in a person's words: a title, and what helps. */
const WORDS: Record<StallReason, [title: string, advice: string]> = {
  'no-peer': ['No bridge is connected', 'Check its address, and that it runs.'],
  'state-unavailable': [
    'No bridge has this state',
    'Nodes keep the states of the last 128 blocks. Check the root and the network; a newer root helps.',
  ],
  'slow-peers': ['The bridge answers slowly', 'Its answers are on their way.'],
  'peers-rest': ['No bridge can answer now', 'Some have nothing, the others are late.'],
  disk: ['The disk is slow', 'The database is still writing what was proven.'],
  'other-tab': ['Another tab syncs this state', 'This one takes over when that one ends.'],
  'no-header': ['No block has been named yet', 'Check where the trusted blocks come from.'],
  audit: ['An audit is running', 'The sync continues when it ends.'],
}

/** @returns a title, and a line with advice and how long nothing has moved */
export function explainStall({ reason, since, until }: Stall): [title: string, line: string] {
  const [title, advice] = WORDS[reason]
  const seconds = Math.round((Date.now() - since) / 1000)
  const left = until === undefined ? 0 : Math.ceil((until - Date.now()) / 1000)
  const again = left > 0 ? ` Asked again in ${left} s.` : ''
  return [title, `${advice} Nothing has moved for ${seconds} s.${again}`]
}
