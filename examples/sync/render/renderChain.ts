import type { Block } from 'cambium'
import type { Round } from '../PivotHistory.ts'
import type { SessionState } from '../Session.ts'
import { element, find, setText } from './dom.ts'
import { count, ends } from './format.ts'

/** A round that healed nothing is to be seen, too. */
const LEAST_HEIGHT = 6

/**
 * Draws the chain that is followed: how far the stored states are behind it, and what each pivot
 * took.
 */
export function renderChain(state: SessionState): void {
  const { target, head, pivot, block, progress, rounds } = state
  const followed = typeof target?.trust === 'object'
  const known = followed && (head ?? block) !== undefined
  find('chain', HTMLElement).hidden = !known
  if (!known) return
  renderBlock('proven', block)
  renderBlock('pivot', pivot)
  renderBlock('head', head)
  setText(find('pivot-behind', HTMLElement), behind(pivot, head))
  setText(find('proven-behind', HTMLElement), behind(block, head))
  setText(find('moves', HTMLElement), count(progress?.pivotMoves ?? 0))
  setText(find('healed-nodes', HTMLElement), count(progress?.healed.nodes ?? 0))
  setText(find('healed-accounts', HTMLElement), count(progress?.healed.accounts ?? 0))
  setText(find('healed-slots', HTMLElement), count(progress?.healed.slots ?? 0))
  renderRounds(rounds.all)
}

function renderBlock(name: string, block: Block | undefined): void {
  setText(find(`${name}-number`, HTMLElement), block === undefined ? '–' : count(block.number))
  const root = find(`${name}-root`, HTMLElement)
  setText(root, block === undefined ? '' : ends(block.stateRoot, 6, 4))
  root.title = block === undefined ? '' : `State root ${block.stateRoot}`
}

function behind(block: Block | undefined, head: Block | undefined): string {
  if (block === undefined || head === undefined) return ''
  const blocks = head.number - block.number
  return blocks > 0 ? `${count(blocks)} behind` : ''
}

function renderRounds(rounds: readonly Round[]): void {
  const chart = find('rounds', HTMLElement)
  const most = Math.max(1, ...rounds.map(({ nodes }) => nodes))
  chart.replaceChildren(
    ...rounds.map((round) => {
      const bar = element('i', round.outcome)
      bar.style.height = `${Math.max(LEAST_HEIGHT, (100 * round.nodes) / most)}%`
      bar.title = `Block ${count(round.block.number)}: ${describe(round)}`
      return bar
    }),
  )
  const ended = rounds.filter(({ outcome }) => outcome === 'proven')
  const nodes = ended.map((round) => count(round.nodes)).join(', ')
  chart.setAttribute(
    'aria-label',
    `Trie nodes healed for each proven block: ${nodes || 'none yet'}`,
  )
}

function describe({ outcome, nodes, accounts, slots }: Round): string {
  const healed = `${count(nodes)} nodes healed, ${count(accounts)} accounts and ${count(slots)} slots written`
  return { running: healed, proven: `proven; ${healed}`, left: `left unfinished; ${healed}` }[
    outcome
  ]
}
