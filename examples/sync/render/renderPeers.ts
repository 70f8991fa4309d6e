import type { PeerRow } from '../PeerList.ts'
import type { SessionState } from '../Session.ts'
import { element, find, setText } from './dom.ts'
import { ends, transportName } from './format.ts'

/**
 * Draws the peers with their transport and state, and the mark that says whether the page uses the
 * network at all.
 */
export function renderPeers(state: SessionState, now: number): void {
  const rows = state.peers.rows
  find('peers', HTMLElement).replaceChildren(...rows.map((row) => drawPeer(row, now)))
  const empty = find('peers-empty', HTMLElement)
  empty.hidden = rows.length > 0
  setText(
    empty,
    state.status === 'complete'
      ? 'None, and none needed: the state is on this disk.'
      : 'None yet. Peers are asked once the sync starts.',
  )

  const connected = rows.filter(({ status }) => status === 'connected').length
  const trying = rows.some(({ status }) => status === 'connecting' || status === 'waiting')
  const network = connected > 0 ? 'on' : trying ? 'trying' : 'off'
  find('network-mark', HTMLElement).dataset.network = network
  const peers = connected === 1 ? '1 peer' : `${connected} peers`
  const words = { on: peers, trying: 'Connecting', off: 'Network off' }
  setText(find('network-text', HTMLElement), words[network])
}

function drawPeer(row: PeerRow, now: number): HTMLElement {
  const name = element('span', 'mono', ends(row.peer, 10, 6))
  name.title = row.address
  const head = element('div', 'peer-head', element('span', 'dot'), name)
  if (row.transport !== undefined) {
    head.append(element('span', 'tag', transportName(row.transport)))
  }
  const line = element('li', '', head, element('p', 'hint', describe(row, now)))
  line.dataset.peer = row.status
  return line
}

function describe(row: PeerRow, now: number): string {
  switch (row.status) {
    case 'connecting':
      return 'Connecting…'
    case 'connected':
      return 'Connected'
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil(((row.retryAt ?? now) - now) / 1000))
      return `No connection; next try in ${seconds} s. ${row.reason ?? ''}`
    }
    case 'closed':
      return row.reason === undefined ? 'Closed' : `Lost: ${row.reason}`
  }
}
