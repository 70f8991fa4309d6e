export type Tone = 'plain' | 'good' | 'bad'

export interface LogEntry {
  at: Date
  tone: Tone
  text: string
  /** How often the same text came in a row. */
  times: number
}

/**
 * Long enough for a sync's story; a hostile peer must not fill the page's memory with its faults.
 */
const LIMIT = 200

/** The last things that happened, newest first. */
export class Log {
  readonly entries: LogEntry[] = []

  add(tone: Tone, text: string): void {
    const at = new Date()
    const last = this.entries[0]
    if (last?.text === text) {
      this.entries[0] = { at, tone, text, times: last.times + 1 }
      return
    }
    this.entries.unshift({ at, tone, text, times: 1 })
    this.entries.length = Math.min(this.entries.length, LIMIT)
  }
}
