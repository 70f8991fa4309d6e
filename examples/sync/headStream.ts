import type { TrustedHeader } from 'cambium'

/** Wait before a server is asked again that has answered with something else than events. */
const RETRY_MS = 2_000

/**
 * The blocks that a node tells as server-sent events, each `{ number, hash, stateRoot }` in JSON.
 * This node is trusted with the state root, so it must be the user's own. Cambium refuses anything
 * that is no header.
 *
 * A connection that breaks is made again; what was missed meanwhile does not matter, as only the
 * newest block does. Reading it throws where nothing ever came, or what came is not JSON.
 */
export function headStream(url: string): AsyncIterable<TrustedHeader> {
  return {
    [Symbol.asyncIterator]() {
      const heads = readEvents(url).getReader()
      return {
        next: () => heads.read() as Promise<IteratorResult<TrustedHeader>>,
        async return() {
          await heads.cancel()
          return { done: true, value: undefined }
        },
      }
    },
  }
}

function readEvents(url: string): ReadableStream<TrustedHeader> {
  let source: EventSource
  let timer: number
  let heard = false
  const connect = (controller: ReadableStreamDefaultController<TrustedHeader>) => {
    source = new EventSource(url)
    source.onmessage = ({ data }) => {
      heard = true
      try {
        controller.enqueue(JSON.parse(data))
      } catch (cause) {
        source.close()
        controller.error(new Error(`${url} tells what is not JSON: ${data}`, { cause }))
      }
    }
    source.onerror = () => {
      // Where only the connection fails, the browser makes it again by itself.
      if (source.readyState !== EventSource.CLOSED) return
      if (heard) timer = window.setTimeout(connect, RETRY_MS, controller)
      else controller.error(new Error(`nothing tells blocks at ${url}`))
    }
  }
  return new ReadableStream({
    start: connect,
    cancel() {
      clearTimeout(timer)
      source.close()
    },
  })
}
