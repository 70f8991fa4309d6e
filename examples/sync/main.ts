/**
 * A page that syncs a state into this browser and shows that it is proven. The sync itself is in
 * `Session.ts`; this file joins it to the form, the pictures and the page's address.
 */
import { answers } from './answers.ts'
import { fetchBridgeAddresses, peersUrl, resolveBridge } from './bridgeAddresses.ts'
import { Log } from './Log.ts'
import { lookup, offerAddress } from './lookup.ts'
import { networks } from './networks.ts'
import { type Query, readQuery } from './query.ts'
import { find, setText } from './render/dom.ts'
import { explain } from './render/explain.ts'
import { renderChain } from './render/renderChain.ts'
import { renderLog } from './render/renderLog.ts'
import { renderPeers } from './render/renderPeers.ts'
import { renderProof } from './render/renderProof.ts'
import { renderStatus } from './render/renderStatus.ts'
import { Session } from './Session.ts'
import { fillSetup, readSetup, setFault, showNetwork } from './setupForm.ts'
import { slowPeers } from './slowPeers.ts'
import { snapshot } from './snapshot.ts'

const log = new Log()
const session = new Session(log, render)
const { state } = session
/** Between the click on Start and the run: the bridge is being asked for its addresses. */
let preparing = false
/** Until the page's site has told of a bridge, or cannot. */
let filling: Promise<void> | undefined
const toggle = find('toggle', HTMLButtonElement)
const bridge = find('bridge', HTMLTextAreaElement)

/** For the console, and for programs that drive the page. */
const controls = {
  get handle() {
    return session.handle
  },
  snapshot: () => snapshot(state),
  /**
   * What each request takes longer, in ms; from the page's address, and may be changed at any time.
   */
  latency: 0,
}
Object.defineProperty(globalThis, 'cambium', { value: controls })

try {
  await run(readQuery(location.search))
} catch (error) {
  state.error = error
  render()
}

async function run(query: Query): Promise<void> {
  controls.latency = query.latency ?? 0
  fillSetup(query)
  find('setup', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    void (running() ? session.pause() : start(query))
  })
  find('network', HTMLSelectElement).addEventListener('change', () => void openChosen(query))
  find('audit', HTMLButtonElement).addEventListener('click', () => void session.audit())
  for (const id of ['reset', 'start-over']) {
    find(id, HTMLButtonElement).addEventListener('click', () => void session.reset())
  }
  lookup(() => session.handle)
  // For the countdown to a peer's next try.
  setInterval(() => renderPeers(state, Date.now()), 1000)
  render()

  if (!query.audit) filling = fillBridge(query.bridge)
  await Promise.all([openChosen(query), filling])
  if (query.audit) {
    const target = readSetup(query)
    if (target !== undefined && !sameTarget(target)) await session.open(target)
    await session.audit()
  } else if (query.autostart) {
    await start(query)
  }
}

/**
 * Opens a known network's state at once: one that is complete can be read without starting
 * anything.
 */
async function openChosen(query: Query): Promise<void> {
  const known = showNetwork(query)
  offerAddress(networks.find(({ name }) => name === known?.name)?.example)
  find('address', HTMLInputElement).value = ''
  find('answer', HTMLElement).replaceChildren()
  if (known !== undefined) await session.open(known)
}

async function fillBridge(place: string | undefined): Promise<void> {
  let typed = false
  bridge.addEventListener('input', () => (typed = true), { once: true })
  try {
    const url = peersUrl(place ?? './', place === undefined ? location.origin : location.href)
    const addresses = (await fetchBridgeAddresses(url)).join('\n')
    // What a person typed meanwhile is what they want.
    if (typed) return
    bridge.value = addresses
    setText(find('bridge-hint', HTMLElement), `From ${url}. It carries bytes; it is not trusted.`)
  } catch (error) {
    // Nobody asked for the page's own site to serve one; a bridge that was named must answer.
    if (place !== undefined) setFault('bridge', (error as Error).message)
  }
}

async function start(query: Query): Promise<void> {
  const target = readSetup(query)
  if (target === undefined) return
  preparing = true
  state.refusal = undefined
  render()
  try {
    if (bridge.value === '') await filling
    const bridges = await resolveBridge(bridge.value)
    // libp2p is most of this page's bytes, and a state that is complete needs none of it.
    const { libp2pPeers } = await import('cambium/libp2p')
    const transports = query.transport === undefined ? undefined : [query.transport]
    const near = libp2pPeers({ bridges, ...(transports && { transports }) })
    const slow = slowPeers(near, () => controls.latency)
    const peers = query.latency === undefined ? near : slow
    setFault('bridge', undefined)
    if (!sameTarget(target) || session.isSpent) await session.open(target)
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
  return ['syncing', 'following', 'waiting'].includes(state.status)
}

function render(): void {
  const { status, target } = state
  renderStatus(state)
  renderChain(state)
  renderProof(state)
  renderPeers(state, Date.now())
  renderLog(find('log', HTMLElement), log)
  find('lookup', HTMLElement).hidden = !answers(state)
  const offline = running() ? 'Answered' : 'Network off: answered'
  setText(find('offline-text', HTMLElement), `${offline} from this browser’s disk`)
  find('offline-mark', HTMLElement).dataset.network = running() ? 'on' : 'off'
  // With a fixed root nothing is left to do; of blocks there are always more.
  const finished = status === 'complete' && typeof target?.trust === 'string'
  find('bridge-row', HTMLElement).hidden = finished
  find('actions', HTMLElement).hidden = finished
  find('network', HTMLSelectElement).disabled = running()
  for (const id of ['root', 'chain-id', 'genesis']) find(id, HTMLInputElement).disabled = running()
  bridge.disabled = running()
  toggle.disabled = preparing
  toggle.dataset.running = String(running())
  setText(toggle, running() ? 'Pause' : startLabel())
}

function startLabel(): string {
  if (state.status === 'failed') return 'Try again'
  if (state.block !== undefined) return 'Follow on'
  return (state.progress?.accounts ?? 0) > 0 ? 'Go on' : 'Start'
}
