import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What is answered. */
export interface HttpAnswer {
  /** @default 200 */
  status?: number
  /** JSON, unless it is text of another type. */
  body: unknown
  type?: string
}

/** Paths, and what the server does there. */
export interface HttpRoutes {
  /**
   * Whether one more connection of a place may be made; called for each, and holds until it is
   * closed. @default any
   */
  admits?: (socket: Socket) => boolean
  /** Paths that only this machine is answered at: any other client gets 403. @default none */
  local?: ReadonlySet<string>
  /** What it answers now. */
  answers: Readonly<Record<string, () => HttpAnswer | Promise<HttpAnswer>>>
  /**
   * Sends events, each of them JSON, to one client, until the function that it returns is called.
   */
  events: Readonly<Record<string, (send: (event: unknown) => void) => () => void>>
}

/** Each holds a connection for as long as the client likes. */
const MAX_EVENT_STREAMS = 256

/** What a client that does not read may hold: some 250 events. */
const MAX_UNSENT_BYTES = 64 * 1024

/**
 * Who sends no whole request for so long is cut off, in milliseconds; every client sends its own at
 * once.
 */
const REQUEST_TIMEOUT_MS = 10_000

/** Twice the event streams, so that these leave room for requests. */
const MAX_CONNECTIONS = 2 * MAX_EVENT_STREAMS

const HEADERS = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' }

/**
 * Answers `GET` of a few paths with JSON, text or server-sent events, to pages of any origin: what
 * it tells is public.
 *
 * @returns the server, listening
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function httpServer(
  host: string,
  port: number,
  { answers, events, admits = () => true, local = new Set() }: HttpRoutes,
): Promise<Server> {
  let streams = 0
  const timeouts = {
    headersTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: REQUEST_TIMEOUT_MS / 2,
  }
  const sockets = new Sockets()
  const server = createServer(timeouts, (request, response) => {
    // Pipelined: answers would be made for every request before the first of them has left.
    if (!sockets.begin(request.socket, response)) return void request.socket.destroy()
    const path = request.url?.split('?', 1)[0] ?? ''
    const [answer, subscribe] = [own(answers, path), own(events, path)]
    if (answer === undefined && subscribe === undefined) {
      return fail(response, 404, 'not found')
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      // A body may follow, which must not be read on.
      response.once('finish', () => request.socket.destroy())
      return fail(response, 405, 'GET only')
    }
    if (local.has(path) && !isLoopback(request.socket.remoteAddress)) {
      return fail(response, 403, 'for this machine only')
    }
    if (answer !== undefined) return void send(response, answer)
    if (streams >= MAX_EVENT_STREAMS) return fail(response, 503, 'too many streams')
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
    if (request.method === 'HEAD') return response.end()
    streams++
    const unsubscribe = subscribe!((event) => sendEvent(response, event))
    response.on('close', () => {
      streams--
      unsubscribe()
    })
  })
  server.on('connection', (socket) => {
    if (!admits(socket) || !sockets.add(socket)) socket.destroy()
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

/** The open sockets of a server, each with one request at a time. */
class Sockets {
  /** Whether each is being answered; in the order in which they came, or were last answered. */
  readonly #busy = new Map<Socket, boolean>()

  /**
   * Takes a socket. Without room, the one that has been idle for longest is closed. @returns
   * whether there is room
   */
  add(socket: Socket): boolean {
    if (this.#busy.size >= MAX_CONNECTIONS) {
      const idle = [...this.#busy].find(([, isBusy]) => !isBusy)?.[0]
      if (idle === undefined) return false
      this.#busy.delete(idle)
      idle.destroy()
    }
    this.#busy.set(socket, false)
    socket.once('close', () => this.#busy.delete(socket))
    return true
  }

  /** A request has come. @returns whether it is the only one of its socket */
  begin(socket: Socket, response: ServerResponse): boolean {
    if (this.#busy.get(socket) !== false) return false
    this.#busy.set(socket, true)
    response.once('close', () => {
      if (this.#busy.delete(socket) && !socket.destroyed) this.#busy.set(socket, false)
    })
    return true
  }
}

function isLoopback(address: string | undefined): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(address ?? '')
}

/** Not `record[key]`: keys come from clients, and objects have more than what was put in. */
function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function fail(response: ServerResponse, status: number, error: string): void {
  void send(response, () => ({ status, body: { error } }))
}

/** Node leaves the body out where the request is `HEAD`. */
async function send(
  response: ServerResponse,
  answer: () => HttpAnswer | Promise<HttpAnswer>,
): Promise<void> {
  const { status = 200, type = 'application/json', body } = await tried(answer)
  response.writeHead(status, { ...HEADERS, 'content-type': type })
  response.end(typeof body === 'string' ? body : `${JSON.stringify(body)}\n`)
}

/** A fault behind one path must neither leave its client waiting nor end the process. */
async function tried(answer: () => HttpAnswer | Promise<HttpAnswer>): Promise<HttpAnswer> {
  try {
    return await answer()
  } catch (error) {
    return { status: 500, body: { error: String(error) } }
  }
}

function sendEvent(response: ServerResponse, event: unknown): void {
  // It is told that it is closed only in a later turn, and to write to it until then is an error.
  if (response.destroyed) return
  response.write(`data: ${JSON.stringify(event)}\n\n`)
  if (response.writableLength > MAX_UNSENT_BYTES) response.destroy()
}
