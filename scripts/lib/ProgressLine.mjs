import { bytes, count } from './text.mjs'

/** @typedef {import('../../examples/sync/snapshot.ts').Snapshot} Snapshot */

const BAR_WIDTH = 24

/**
 * Without a terminal every line stays, so there are few: one at most in this time, unless the phase
 * changes.
 */
const PLAIN_INTERVAL_MS = 2_000

/**
 * The progress of a page in a terminal: one line that is redrawn, or on anything else plain lines
 * now and then.
 */
export class ProgressLine {
  #stream
  #shown = ''
  #phase = ''
  #shownAt = 0

  /** @param {NodeJS.WriteStream} stream */
  constructor(stream) {
    this.#stream = stream
  }

  /** @param {Snapshot} snapshot */
  show(snapshot) {
    const line = describe(snapshot)
    if (line === this.#shown) return
    const phase = `${snapshot.status} ${snapshot.progress?.phase}`
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[2K${line.slice(0, this.#stream.columns - 1)}`)
    } else if (phase !== this.#phase || Date.now() - this.#shownAt >= PLAIN_INTERVAL_MS) {
      this.#stream.write(`${line}\n`)
      this.#shownAt = Date.now()
    }
    this.#shown = line
    this.#phase = phase
  }

  /** Leaves the line as it is; what is written next starts on a line of its own. */
  end() {
    if (this.#stream.isTTY && this.#shown !== '') this.#stream.write('\n')
    this.#shown = ''
  }
}

/** @param {Snapshot} snapshot */
export function describe({ status, progress, peers, head, pivot, block }) {
  if (progress === undefined) return 'opening …'
  const running = status === 'syncing' || status === 'following'
  const done = status === 'complete' || progress.phase === 'complete' ? 1 : progress.fraction
  const full = Math.round(done * BAR_WIDTH)
  const parts = [
    `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}`,
    `${String(Math.floor(done * 100)).padStart(3)} %`,
    running ? progress.phase : status,
    ...(head === undefined ? [] : [blocks({ head, pivot, block })]),
    `${count(progress.accounts)} accounts, ${count(progress.slots)} slots, ${count(progress.codes)} codes`,
    bytes(progress.bytes),
  ]
  if (running) {
    parts.push(`${bytes(progress.bytesPerSecond)}/s`)
    if (progress.etaSeconds !== undefined) parts.push(`${Math.ceil(progress.etaSeconds)} s left`)
    const connected = peers.some((peer) => peer.status === 'connected')
    if (progress.phase === 'download' && !connected) parts.push('no peer connected')
  }
  return parts.join('  ')
}

/** @param {Pick<Snapshot, 'head' | 'pivot' | 'block'>} snapshot */
function blocks({ head, pivot, block }) {
  const number = (/** @type {Snapshot['head']} */ of) => of?.number ?? '–'
  return `head ${number(head)}, pivot ${number(pivot)}, proven ${number(block)}`
}
