/**
 * A page that syncs a state into this browser and shows that it is proven. The sync itself is in `Session.ts`; this file
 * joins it to the form, the pictures and the page's address.
 */
import { fetchBridgeAddresses, peersUrl, resolveBridge } from './bridgeAddresses.ts'
import { find, setText } from './dom.ts'
import { explain } from './explain.ts'
import { Log } from './Log.ts'
import { lookup, offerAddress } from './lookup.ts'
import { networks } from './networks.ts'
import { type Query, readQuery } from './query.ts'
import { renderLog } from './renderLog.ts'
import { renderPeers } from './renderPeers.ts'
import { renderProof } from './renderProof.ts'
import { renderStatus } from './renderStatus.ts'
import { Session } from './Session.ts'
import { fillSetup, readSetup, setFault, showNetwork } from './setupForm.ts'
import { snapshot } from './snapshot.ts'

const log = new Log()
const session = new Session(log, render)
const { state } = session
/** Between the click on Start and the run: the bridge is being asked for its addresses. */
let preparing = false
const toggle = find('toggle', HTMLButtonElement)
const bridge = find('bridge', HTMLTextAreaElement)

Object.defineProperty(globalThis, 'cambium', {
  value: {
    get handle() {
      return session.handle
    },
    snapshot: () => snapshot(state),
  },
})

try {
  await run(readQuery(location.search))
} catch (error) {
  state.error = error
  render()
}

async function run(query: Query): Promise<void> {
  fillSetup(query)
  find('setup', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    void (running() ? session.pause() : start(query))
  })
  find('network', HTMLSelectElement).addEventListener('change', () => void openChosen())
  find('audit', HTMLButtonElement).addEventListener('click', () => void session.audit())
  for (const id of ['reset', 'start-over']) {
    find(id, HTMLButtonElement).addEventListener('click', () => void session.reset())
  }
  lookup(() => session.handle)
  // For the countdown to a peer's next try.
  setInterval(() => renderPeers(state, Date.now()), 1000)
  render()

  await Promise.all([openChosen(), query.audit ? undefined : fillBridge(query.bridge)])
  if (query.audit) {
    const target = readSetup()
    if (target !== state.target && target !== undefined) await session.open(target)
    await session.audit()
  } else if (query.autostart) {
    await start(query)
  }
}

/** Opens a known network's state at once: one that is complete can be read without starting anything. */
async function openChosen(): Promise<void> {
  const known = showNetwork()
  offerAddress(networks.find(({ name }) => name === known?.name)?.example)
  find('address', HTMLInputElement).value = ''
  find('answer', HTMLElement).replaceChildren()
  if (known !== undefined) await session.open(known)
}

async function fillBridge(place: string | undefined): Promise<void> {
  try {
    const url = peersUrl(place ?? './', place === undefined ? location.origin : location.href)
    bridge.value = (await fetchBridgeAddresses(url)).join('\n')
    setText(find('bridge-hint', HTMLElement), `From ${url}. It carries bytes; it is not trusted.`)
  } catch (error) {
    // Nobody asked for the page's own site to serve one; a bridge that was named must answer.
    if (place !== undefined) setFault('bridge', (error as Error).message)
  }
}

async function start(query: Query): Promise<void> {
  const target = readSetup()
  if (target === undefined) return
  preparing = true
  state.refusal = undefined
  render()
  try {
    const bridges = await resolveBridge(bridge.value)
    // libp2p is most of this page's bytes, and a state that is complete needs none of it.
    const { libp2pPeers } = await import('cambium/libp2p')
    const transports = query.transport === undefined ? undefined : [query.transport]
    const peers = libp2pPeers({ bridges, ...(transports && { transports }) })
    setFault('bridge', undefined)
    if (!sameTarget(target) || session.handle === undefined) await session.open(target)
    if (session.handle !== undefined) await session.start(peers)
  } catch (error) {
    state.refusal = error
    const { title, message, code } = explain(error)
    setFault('bridge', code === '' ? message : `${title}: ${message}`)
    bridge.focus()
  }
  preparing = false
  render()
}

function sameTarget(target: (typeof state)['target']): boolean {
  return JSON.stringify(target) === JSON.stringify(state.target)
}

function running(): boolean {
  return state.status === 'syncing' || state.status === 'waiting'
}

function render(): void {
  const { status } = state
  renderStatus(state)
  renderProof(state)
  renderPeers(state, Date.now())
  renderLog(find('log', HTMLElement), log)
  const complete = status === 'complete'
  find('lookup', HTMLElement).hidden = !complete
  find('bridge-row', HTMLElement).hidden = complete
  find('actions', HTMLElement).hidden = complete
  find('network', HTMLSelectElement).disabled = running()
  for (const id of ['root', 'chain-id', 'genesis']) find(id, HTMLInputElement).disabled = running()
  bridge.disabled = running()
  toggle.disabled = preparing
  toggle.dataset.running = String(running())
  setText(toggle, running() ? 'Pause' : startLabel())
}

function startLabel(): string {
  if (state.status === 'failed') return 'Try again'
  return (state.progress?.accounts ?? 0) > 0 ? 'Go on' : 'Start'
}
