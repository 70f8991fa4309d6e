import type { Log, LogEntry } from '../Log.ts'
import { element } from './dom.ts'

const drawn = new WeakMap<LogEntry, HTMLElement>()

/**
 * Draws the log into its list; entries that are there already stay, so that a reader keeps their
 * place.
 */
export function renderLog(list: HTMLElement, log: Log): void {
  const rows = log.entries.map((entry) => {
    const row = drawn.get(entry) ?? drawEntry(entry)
    drawn.set(entry, row)
    return row
  })
  if (rows.length === list.children.length && rows[0] === list.firstChild) return
  list.replaceChildren(...rows)
}

function drawEntry(entry: LogEntry): HTMLElement {
  const time = document.createElement('time')
  time.dateTime = entry.at.toISOString()
  time.textContent = entry.at.toLocaleTimeString('en-GB')
  const times = entry.times > 1 ? ` ×${entry.times}` : ''
  return element('li', entry.tone, time, element('span', '', entry.text + times))
}
