import { element, find, setText } from './dom.ts'
import { count } from './format.ts'
import type { SessionState } from './Session.ts'

/** Draws what was proven, once the state is complete. */
export function renderProof(state: SessionState): void {
  const { status, target, progress, audit } = state
  const complete = status === 'complete' && target !== undefined && progress !== undefined
  find('proof', HTMLElement).hidden = !complete
  if (!complete) return
  const report = typeof audit === 'object' ? audit : undefined
  // A state is complete only once the root recomputed from its leaves equals the trusted one, and no longer than that.
  const recomputed = report?.root ?? target.stateRoot
  setText(find('proof-trusted', HTMLElement), target.stateRoot.toLowerCase())
  setText(find('proof-recomputed', HTMLElement), recomputed)
  setText(
    find('proof-recomputed-label', HTMLElement),
    report ? 'Recomputed just now, from disk' : 'Recomputed when the sync ended, from disk',
  )
  const { accounts, slots, codes } = report ?? progress
  renderChecks([
    [plural(accounts, 'account'), 'their trie’s root is the trusted state root'],
    [plural(slots, 'storage slot'), 'every storage root is the one in its account'],
    [plural(codes, 'contract code'), 'every code hashes to the code hash in its account'],
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

function renderChecks(checks: [amount: string, proof: string][]): void {
  const list = find('checks', HTMLElement)
  const rows = checks.map(([amount, proof]) =>
    element('li', '', element('strong', '', amount), `: ${proof}`),
  )
  if (list.textContent === rows.map((row) => row.textContent).join('')) return
  list.replaceChildren(...rows)
}

function plural(amount: number, noun: string): string {
  return `${count(amount)} ${noun}${amount === 1 ? '' : 's'}`
}
