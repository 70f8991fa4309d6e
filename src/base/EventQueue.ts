/** Events in the order in which they happened, taken one at a time by the one loop that owns the state. */
export class EventQueue<Event> {
  #events: Event[] = []
  #waiting: ((event: Event) => void) | undefined

  push(event: Event): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) this.#events.push(event)
    else waiting(event)
  }

  /** The next event, now or when it comes. One caller at a time. */
  next(): Promise<Event> {
    const event = this.#events.shift()
    if (event !== undefined) return Promise.resolve(event)
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  /** Takes all that are left. */
  drain(): Event[] {
    return this.#events.splice(0)
  }
}
