/** A binary heap: takes items in any order and gives the first of them by `compare`. */
export class PriorityQueue<Item> {
  readonly #items: Item[] = []
  readonly #compare: (a: Item, b: Item) => number

  /** @param compare negative when `a` comes first */
  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare
  }

  /** The first item, which stays. */
  peek(): Item | undefined {
    return this.#items[0]
  }

  push(item: Item): void {
    const items = this.#items
    let at = items.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#compare(items[parent]!, item) <= 0) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = item
  }

  /** Takes the first item. */
  pop(): Item | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      const right = child + 1
      if (right < items.length && this.#compare(items[right]!, items[child]!) < 0) child = right
      if (this.#compare(last, items[child]!) <= 0) break
      items[at] = items[child]!
      at = child
    }
    items[at] = last
    return first
  }
}
