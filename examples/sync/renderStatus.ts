import type { Progress } from 'cambium'
import { element, find, setText } from './dom.ts'
import { explain } from './explain.ts'
import { bytes, count, duration, percent } from './format.ts'
import type { SessionState } from './Session.ts'

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
  const { status, progress, target, error } = state
  switch (status) {
    case 'idle':
      return progress !== undefined && progress.accounts > 0 ? 'Paused' : 'Ready'
    case 'waiting':
      return 'Waiting for another tab'
    case 'syncing':
      if (progress?.phase === 'verify') return 'Recomputing the root'
      return bridgeIsAway(state) ? 'Reconnecting' : 'Downloading and proving'
    case 'complete':
      return `Verified: ${target?.name === 'custom' ? 'the whole state' : `${target?.name} genesis state`}`
    case 'failed':
      return 'Stopped'
    case 'closed':
      return error === undefined ? (target === undefined ? 'Ready' : 'Opening') : 'Not available'
  }
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
      if (progress?.phase === 'verify') return 'Hashing every stored leaf, up to the root.'
      if (bridgeIsAway(state)) return 'The bridge is away. The sync goes on where it stopped.'
      return peers.rows.some((row) => row.status === 'connected')
        ? 'Every range is proven against the trusted root before it is stored.'
        : 'Connecting to the bridge.'
    }
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

function renderBar({ status, progress }: SessionState): void {
  const phase = status === 'complete' ? 'complete' : (progress?.phase ?? 'idle')
  const fraction = progress?.fraction ?? 0
  const verifying = phase === 'verify' ? fraction : phase === 'complete' ? 1 : 0
  // A state that was paused tells its fraction too, whatever its phase is called.
  const downloaded = phase === 'verify' || phase === 'complete' ? 1 : fraction
  find('fill-download', HTMLElement).style.transform = `scaleX(${downloaded})`
  find('fill-verify', HTMLElement).style.transform = `scaleX(${verifying})`
  const shown = phase === 'verify' ? verifying : downloaded
  const bar = find('bar', HTMLElement)
  bar.setAttribute('aria-valuenow', String(Math.floor(shown * 100)))
  const words = {
    idle: '',
    download: 'downloaded and proven',
    heal: 'compared and healed',
    verify: 'hashed',
    complete: '',
  }
  bar.setAttribute('aria-valuetext', `${percent(shown)} ${words[phase]}`.trim())
  setText(
    find('percent', HTMLElement),
    phase === 'complete' || (phase === 'idle' && shown === 0) ? '' : percent(shown),
  )
  for (const step of find('steps', HTMLElement).children) {
    const own = step.getAttribute('data-step')
    const done = phase === 'complete' || (phase === 'verify' && own === 'download')
    step.classList.toggle('done', done)
    if (status === 'syncing' && own === phase) step.setAttribute('aria-current', 'step')
    else step.removeAttribute('aria-current')
  }
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
    const running = status === 'syncing' && progress !== undefined
    set('rate', running ? `${bytes(progress.bytesPerSecond)}/s` : '–')
    set('time-label', 'Time left')
    const left = running ? progress.etaSeconds : undefined
    set('time', left === undefined ? '–' : duration(left))
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
