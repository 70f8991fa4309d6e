import type { Progress } from 'cambium'
import type { SessionState } from '../Session.ts'
import { element, find, setText } from './dom.ts'
import { explain } from './explain.ts'
import { explainStall } from './explainStall.ts'
import { bytes, count, duration, percent } from './format.ts'

/** Draws what is happening: the words, the bar, the numbers, and what is in the way. */
export function renderStatus(state: SessionState): void {
  const { status, progress, target } = state
  find('status', HTMLElement).dataset.status = status
  setText(find('status-title', HTMLElement), title(state))
  setText(find('status-line', HTMLElement), line(state))
  renderBar(state)
  renderNumbers(status, progress)
  renderTrouble(state)
  document.title =
    status === 'syncing' && progress?.phase === 'download'
      ? `${percent(progress.fraction)} · ${target?.name} · Cambium`
      : `${title(state)} · Cambium`
}

/** Whether a connection that there was, or should be, is missing. */
function bridgeIsAway({ peers: { rows } }: SessionState): boolean {
  const connected = rows.some(({ status }) => status === 'connected')
  return !connected && rows.some(({ status }) => status === 'waiting' || status === 'closed')
}

function title(state: SessionState): string {
  const { status, progress, target, error, block } = state
  switch (status) {
    case 'idle':
      return progress !== undefined && progress.accounts > 0 ? 'Paused' : 'Ready'
    case 'waiting':
      return 'Waiting for another tab'
    case 'syncing':
      if (progress?.phase === 'verify' && !progress.stalled) return 'Recomputing the root'
      // The first reason for a standstill, and told before three seconds have passed.
      if (bridgeIsAway(state)) return 'Reconnecting'
      if (progress?.stalled) return explainStall(progress.stalled)[0]
      return progress?.phase === 'heal' ? 'Healing' : 'Downloading and proving'
    case 'following':
      if (bridgeIsAway(state)) return 'Reconnecting'
      return progress?.stalled ? explainStall(progress.stalled)[0] : 'Following the chain'
    case 'complete':
      return `Verified: ${block ? `block ${count(block.number)}` : stateName(target)}`
    case 'failed':
      return 'Stopped'
    case 'closed':
      return error === undefined ? (target === undefined ? 'Ready' : 'Opening') : 'Not available'
  }
}

function stateName(target: SessionState['target']): string {
  const isGenesis = typeof target?.trust === 'string' && target.name !== 'custom'
  return isGenesis ? `${target.name} genesis state` : 'the whole state'
}

function line(state: SessionState): string {
  const { status, progress, peers, error, target } = state
  switch (status) {
    case 'idle':
      return progress !== undefined && progress.accounts > 0
        ? 'What was proven is stored. It goes on where it stopped.'
        : 'Nothing is stored yet. Press Start.'
    case 'waiting':
      return 'Another tab syncs this state. This one goes on when that one ends.'
    case 'syncing': {
      if (progress?.stalled) return explainStall(progress.stalled)[1]
      if (progress?.phase === 'verify') return 'Hashing every stored leaf, up to the root.'
      if (bridgeIsAway(state)) return 'The bridge is away. The sync goes on where it stopped.'
      if (progress?.phase === 'heal') {
        return 'The state has changed since some of it was fetched. What differs is fetched anew.'
      }
      return peers.rows.some((row) => row.status === 'connected')
        ? 'Every range is proven against the trusted root before it is stored.'
        : 'Connecting to the bridge.'
    }
    case 'following':
      if (progress?.stalled) return explainStall(progress.stalled)[1]
      return followingLine(state)
    case 'complete':
      return 'All of it is on this disk, and the root recomputed from it equals the trusted one.'
    case 'failed':
      return 'Nothing was stored that is not proven.'
    case 'closed':
      if (error !== undefined) return 'The stored state could not be opened.'
      return target === undefined
        ? 'Name a state above and press Start.'
        : 'Looking at what is stored.'
  }
}

/**
 * Short, and the same for as long as nothing is wrong: blocks come faster than a screen reader
 * speaks.
 */
function followingLine(state: SessionState): string {
  return bridgeIsAway(state)
    ? 'The bridge is away. The last proven block answers meanwhile.'
    : 'What each block changes is healed; the last proven block answers meanwhile.'
}

const STEPS = ['download', 'heal', 'verify'] as const

function renderBar({ status, progress, target }: SessionState): void {
  const phase = status === 'complete' ? 'complete' : (progress?.phase ?? 'idle')
  const fraction = progress?.fraction ?? 0
  // A state that was paused tells the fraction of its download, under any phase.
  const current = phase === 'idle' ? 0 : phase === 'complete' ? STEPS.length : STEPS.indexOf(phase)
  const bar = find('bar', HTMLElement)
  // A root that stays has nothing to heal, unless another one was stored before.
  const heals = typeof target?.trust === 'object' || (progress?.healed.nodes ?? 0) > 0
  find('status', HTMLElement).dataset.heals = String(heals || phase === 'heal')
  for (const [index, step] of STEPS.entries()) {
    const filled = index < current ? 1 : index === current ? fraction : 0
    find(`fill-${step}`, HTMLElement).style.transform = `scaleX(${filled})`
    const entry = find(`step-${step}`, HTMLElement)
    entry.classList.toggle('done', index < current)
    const isCurrent = index === current && (status === 'syncing' || status === 'following')
    if (isCurrent) entry.setAttribute('aria-current', 'step')
    else entry.removeAttribute('aria-current')
  }
  const shown = current === STEPS.length ? 1 : fraction
  bar.setAttribute('aria-valuenow', String(Math.floor(shown * 100)))
  const words = {
    idle: '',
    download: 'downloaded and proven',
    heal: 'compared and healed',
    verify: 'hashed',
    complete: '',
  }
  bar.setAttribute('aria-valuetext', `${percent(shown)} ${words[phase]}`.trim())
  // Blocks come too fast for a number: it would only flicker.
  const silent = phase === 'complete' || status === 'following' || (phase === 'idle' && shown === 0)
  setText(find('percent', HTMLElement), silent ? '' : percent(shown))
}

function renderNumbers(status: SessionState['status'], progress: Progress | undefined): void {
  const set = (id: string, text: string) => setText(find(id, HTMLElement), text)
  set('accounts', count(progress?.accounts ?? 0))
  set('slots', count(progress?.slots ?? 0))
  set('codes', count(progress?.codes ?? 0))
  set('bytes', progress !== undefined && progress.bytes > 0 ? bytes(progress.bytes) : '–')
  const seconds = (progress?.elapsedMs ?? 0) / 1000
  if (status === 'complete') {
    const rate = seconds > 0 && progress !== undefined ? progress.bytes / seconds : 0
    set('rate', rate > 0 ? `${bytes(rate)}/s` : '–')
    set('time-label', 'Took')
    set('time', seconds > 0 ? duration(seconds) : '–')
  } else {
    const following = status === 'following'
    const running = (status === 'syncing' || following) && progress !== undefined
    set('rate', running ? `${bytes(progress.bytesPerSecond)}/s` : '–')
    set('time-label', following ? 'Running for' : 'Time left')
    const left = running ? progress.etaSeconds : undefined
    const shown = following ? seconds : left
    set('time', shown === undefined ? '–' : duration(shown))
  }
}

function renderTrouble({ error, notices }: SessionState): void {
  const box = find('error', HTMLElement)
  box.hidden = error === undefined
  if (error !== undefined) {
    const { title, advice, code, message, startOver } = explain(error)
    find('start-over', HTMLElement).hidden = !startOver
    setText(find('error-title', HTMLElement), title)
    setText(find('error-advice', HTMLElement), advice)
    setText(find('error-message', HTMLElement), code === '' ? message : `${code} · ${message}`)
  }
  const list = find('notices', HTMLElement)
  // Rewriting the same notices would make a screen reader say them again.
  const rows = notices.map((notice) => element('li', '', notice.message))
  if (list.textContent === rows.map((row) => row.textContent).join('')) return
  list.replaceChildren(...rows)
}
