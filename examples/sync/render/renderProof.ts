import type { SessionState } from '../Session.ts'
import { element, find, setText } from './dom.ts'
import { count } from './format.ts'

/** Draws what was proven, once the state is complete. */
export function renderProof(state: SessionState): void {
  const { status, target, block, progress, audit } = state
  const trusted = typeof target?.trust === 'string' ? target.trust : block?.stateRoot
  const complete = status === 'complete' && trusted !== undefined && progress !== undefined
  find('proof', HTMLElement).hidden = !complete
  if (!complete) return
  const report = typeof audit === 'object' ? audit : undefined
  // A state is complete only once the root recomputed from its leaves equals the trusted one, and
  // no longer than that.
  const recomputed = report?.root ?? trusted
  setText(find('proof-trusted', HTMLElement), trusted.toLowerCase())
  setText(
    find('proof-trusted-label', HTMLElement),
    block === undefined
      ? 'Trusted state root'
      : `Trusted state root of block ${count(block.number)}`,
  )
  setText(find('proof-recomputed', HTMLElement), recomputed)
  setText(
    find('proof-recomputed-label', HTMLElement),
    report ? 'Recomputed just now, from disk' : 'Recomputed when the sync ended, from disk',
  )
  // What a run has begun for the next block is counted in its progress, too.
  const counts = report ?? (block === undefined ? progress : undefined)
  renderChecks([
    [amount(counts?.accounts, 'account'), 'their trie’s root is the trusted state root'],
    [amount(counts?.slots, 'storage slot'), 'every storage root is the one in its account'],
    [amount(counts?.codes, 'contract code'), 'every code hashes to the code hash in its account'],
  ])
  const button = find('audit', HTMLButtonElement)
  button.disabled = audit === 'running'
  setText(
    find('audit-hint', HTMLElement),
    audit === 'running'
      ? 'Reading every leaf from disk…'
      : report
        ? 'Done: the stored state still has the trusted root.'
        : 'Reads every leaf from disk again and rebuilds the root from nothing else.',
  )
}

function renderChecks(checks: [what: string, proof: string][]): void {
  const list = find('checks', HTMLElement)
  const rows = checks.map(([what, proof]) =>
    element('li', '', element('strong', '', what), `: ${proof}`),
  )
  if (list.textContent === rows.map((row) => row.textContent).join('')) return
  list.replaceChildren(...rows)
}

function amount(known: number | undefined, noun: string): string {
  return `${known === undefined ? 'All' : count(known)} ${noun}${known === 1 ? '' : 's'}`
}
