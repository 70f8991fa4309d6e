/**
 * @typedef {object} Head a block as the bridge tells it
 * @property {number} number
 * @property {string} hash
 * @property {string} stateRoot
 */

/**
 * Listens to the blocks that a bridge tells, apart from every page, so that what a page says of
 * them can be compared.
 *
 * @param {string} url of the bridge
 * @returns {Promise<{heads: Head[], ended: Promise<void>}>} all that were told so far, in their
 *   order; it grows until the bridge ends
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function hearHeads(url) {
  const { body, status } = await fetch(`${url}/heads`)
  if (status !== 200 || body === null) throw new Error(`${url}/heads answers with ${status}`)
  /** @type {Head[]} */
  const heads = []
  const listen = async () => {
    let unread = ''
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const events = (unread + text).split('\n\n')
      unread = events.pop() ?? ''
      for (const event of events) heads.push(JSON.parse(event.replace(/^data: /, '')))
    }
  }
  // A bridge that ends breaks the connection in the middle of the stream, which has no other end.
  const ended = listen().catch(() => {})
  return { heads, ended }
}
