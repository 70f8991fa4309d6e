import { networks } from './networks.ts'
import type { Query } from './query.ts'
import { find, setText } from './render/dom.ts'
import { readTarget, type Target, type TargetFields } from './target.ts'

const CUSTOM = 'custom'

const BLOCKS_HINT =
  'For this demo only: this address stands in for a node of your own. A wallet takes its blocks from its light client, never from who serves the state.'

/** Field of a custom target → id of its input. */
const INPUTS: Record<keyof TargetFields, string> = {
  root: 'root',
  chainId: 'chain-id',
  genesis: 'genesis',
}

/** Fills the form from the page's address. */
export function fillSetup(query: Query): void {
  const select = find('network', HTMLSelectElement)
  for (const { name } of networks) {
    select.add(new Option(`${name[0]?.toUpperCase()}${name.slice(1)} genesis`, name))
  }
  select.add(new Option('Custom root', CUSTOM))
  const wanted = query.network ?? networks[0]?.name ?? CUSTOM
  if (![...select.options].some((option) => option.value === wanted)) {
    const known = [...select.options].map((option) => option.value).join(', ')
    throw new Error(`The network "${wanted}" is not one of ${known}.`)
  }
  select.value = wanted
  find('root', HTMLInputElement).value = query.root
  find('chain-id', HTMLInputElement).value = query.chainId
  find('genesis', HTMLInputElement).value = query.genesis
  showNetwork(query)
}

/**
 * Shows the fields that the chosen network needs, and returns its target; `undefined` for one that
 * is typed.
 *
 * @param blocks what is trusted instead of a root
 */
export function showNetwork({ blocks }: Pick<Query, 'blocks'>): Target | undefined {
  const { value } = find('network', HTMLSelectElement)
  const known = networks.find(({ name }) => name === value)
  find('custom', HTMLElement).hidden = known !== undefined
  find('root-field', HTMLElement).hidden = blocks !== undefined
  find('trusted', HTMLElement).hidden = known === undefined && blocks === undefined
  if (blocks !== undefined) {
    setText(find('trusted-label', HTMLElement), 'Trusted blocks')
    setText(find('trusted-root', HTMLElement), `told by ${blocks.url}`)
    setText(find('trusted-hint', HTMLElement), BLOCKS_HINT)
    return known && { ...known, trust: blocks }
  }
  setText(find('trusted-root', HTMLElement), typeof known?.trust === 'string' ? known.trust : '')
  return known
}

/**
 * The target that the form names; where it names none, every field at fault says so, and the first
 * gets the focus.
 */
export function readSetup(query: Pick<Query, 'blocks'>): Target | undefined {
  const known = showNetwork(query)
  const fields = {
    root: find(INPUTS.root, HTMLInputElement).value,
    chainId: find(INPUTS.chainId, HTMLInputElement).value,
    genesis: find(INPUTS.genesis, HTMLInputElement).value,
  }
  const read = known ? { target: known } : readTarget(fields, query.blocks)
  const faults = 'faults' in read ? read.faults : {}
  for (const [field, id] of Object.entries(INPUTS)) {
    setFault(id, faults[field as keyof TargetFields])
  }
  if ('target' in read) return read.target
  document.querySelector<HTMLElement>('#custom [aria-invalid]')?.focus()
  return undefined
}

/** Says beside a field what is wrong with it, or that nothing is. */
export function setFault(id: string, fault: string | undefined): void {
  setText(find(`${id}-fault`, HTMLElement), fault ?? '')
  const input = find(id, HTMLElement)
  if (fault === undefined) input.removeAttribute('aria-invalid')
  else input.setAttribute('aria-invalid', 'true')
}
