import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { encode } from 'uint8-varint'
import { WebSocket } from 'ws'
import { connectTo } from './connectTo.mjs'

/**
 * @typedef {object} Abuser
 * @property {string} address multiaddr of the bridge
 * @property {number} port TCP, of its WebSocket
 * @property {string | undefined} from local address; none for that which many share
 * @property {Uint8Array} root
 * @property {AbortSignal} signal when to end
 *
 * @typedef {import('@libp2p/interface').Stream} Stream
 */

/** Its requests ask for as much as they may. */
const BYTES = 512 * 1024

/** Where it was refused or dropped, an abuser comes back after that time, in milliseconds. */
const BACK_MS = 500

/**
 * What hostile clients do, each until its signal aborts. Each does so much and no more, since its
 * own work is done by the machine that is measured: a few hundred requests, a MiB or two that it
 * sends, or some ten connections, a second.
 *
 * @type {Record<string, (abuser: Abuser) => Promise<void>>}
 */
export const ABUSES = {
  /**
   * Always has a hundred of the largest requests open, reads what comes, and does nothing that is
   * forbidden.
   */
  greedy: (abuser) =>
    onStream(abuser, async (stream, { root }) => {
      let open = 0
      stream.addEventListener('message', ({ data }) => {
        open = Math.max(0, open - data.byteLength / BYTES)
      })
      while (stream.status === 'open') {
        for (; open < 100; open++) send(stream, await accountRequest(root))
        await pause(50)
      }
    }),
  /** Two hundred of the largest requests a second, answered or not. */
  flood: (abuser) =>
    onStream(abuser, async (stream, { root }) => {
      stream.addEventListener('message', () => {})
      while (stream.status === 'open') {
        for (let count = 0; count < 10; count++) send(stream, await accountRequest(root))
        await pause(50)
      }
    }),
  /** Requests that cost much and answer little: a thousand paths each, twenty a second. */
  costly: (abuser) =>
    onStream(abuser, async (stream, { root }) => {
      stream.addEventListener('message', () => {})
      while (stream.status === 'open') {
        send(stream, await nodesRequest(root))
        await pause(50)
      }
    }),
  /** Asks for megabytes and never reads. */
  slow: (abuser) =>
    onStream(abuser, async (stream, { root }) => {
      stream.addEventListener('message', () => {})
      stream.pause()
      for (let count = 0; count < 50; count++) send(stream, await accountRequest(root))
      await closed(stream)
    }),
  /** Begins handshakes, streams and frames, and finishes none. */
  async halfOpen(abuser) {
    const frames = onStream(abuser, async (stream) => {
      stream.addEventListener('message', () => {})
      stream.send(Uint8Array.of(0x80, 0x80, 0x01, 0x00))
      await closed(stream)
    })
    while (!abuser.signal.aborted) {
      const sockets = Array.from({ length: 10 }, () => rawSocket(abuser))
      for (const [index, socket] of sockets.entries())
        if (index % 2) socket.write('GET / HTTP/1.1\r\n')
      await pause(1000)
      for (const socket of sockets.slice(0, 5)) socket.destroy()
    }
    await frames
  },
  /** Random bytes at every layer. */
  async garbage(abuser) {
    while (!abuser.signal.aborted) {
      rawSocket(abuser).end(randomBytes(1000))
      await webSocket(abuser, (socket) => socket.send(randomBytes(1000)))
      await rawWebSocket(abuser)
      await once(abuser, async (stream) => {
        stream.send(randomBytes(1000))
        await closed(stream)
      })
      await pause(BACK_MS)
    }
  },
  /** Frames that are larger than they may be, at every layer. */
  async giant(abuser) {
    while (!abuser.signal.aborted) {
      await webSocket(abuser, (socket) => socket.send(new Uint8Array(2 ** 20)))
      await once(abuser, async (stream) => {
        stream.send(encode(64 * 2 ** 20))
        await closed(stream)
      })
      await once(abuser, async (stream, connection) => {
        // The multiplexer of a connection, below its streams: a frame of 2 GiB is announced, and 2
        // MiB of it sent.
        const { muxer } = /** @type {any} */ (connection)
        muxer.maConn.send(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff))
        for (let count = 0; count < 32; count++) muxer.maConn.send(new Uint8Array(65_000))
        await closed(stream)
      })
      await pause(BACK_MS)
    }
  },
  /** Connects, opens a stream, goes away, five times a second. */
  async churn(abuser) {
    while (!abuser.signal.aborted) {
      await once(abuser, async () => {})
      await pause(200)
    }
  },
}

/**
 * @param {Abuser} abuser
 * @param {(stream: Stream, abuser: Abuser) => Promise<void>} use until the stream ends
 */
async function onStream(abuser, use) {
  while (!abuser.signal.aborted) {
    await once(abuser, (stream) => use(stream, abuser))
    await pause(BACK_MS)
  }
}

/**
 * Connects, opens a stream, and leaves; the bridge may refuse or drop it at any time.
 *
 * @param {Abuser} abuser
 * @param {(stream: Stream, connection: import('@libp2p/interface').Connection) => Promise<void>}
 *   use
 */
async function once(abuser, use) {
  const { address, from, signal } = abuser
  let leave = async () => {}
  try {
    const { connection, stop } = await connectTo(address, from)
    leave = stop
    const stream = await connection.newStream('/cambium/snap/1.0.0', { signal })
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve))
    await Promise.race([use(stream, connection), aborted])
  } catch {
    // Refused, as it should be.
  }
  await leave()
}

/**
 * @param {Stream} stream
 * @param {Uint8Array} frame
 */
function send(stream, frame) {
  stream.send(encode(frame.length))
  stream.send(frame)
}

/** @param {Stream} stream */
function closed(stream) {
  return new Promise((resolve) => {
    if (stream.status !== 'open') resolve(undefined)
    stream.addEventListener('close', () => resolve(undefined))
  })
}

/** @param {Uint8Array} root */
async function accountRequest(root) {
  const { encodeMessage } = await import('../../../dist/snap/encodeMessage.js')
  const [origin, limit] = [randomBytes(32), new Uint8Array(32).fill(0xff)]
  const id = randomBytes(8).readBigUInt64BE() >> 1n
  return encodeMessage({ kind: 'GetAccountRange', id, root, origin, limit, bytes: BYTES })
}

/** @param {Uint8Array} root */
async function nodesRequest(root) {
  const { encodeMessage } = await import('../../../dist/snap/encodeMessage.js')
  const paths = Array.from({ length: 1024 }, () => [Uint8Array.of(0, ...randomBytes(30))])
  const id = randomBytes(8).readBigUInt64BE() >> 1n
  return encodeMessage({ kind: 'GetTrieNodes', id, root, paths, bytes: BYTES })
}

/** @param {Abuser} abuser */
function rawSocket({ port, from, signal }) {
  const options = { host: '127.0.0.1', port, signal, ...(from && { localAddress: from }) }
  return connect(options).on('error', () => {})
}

/**
 * @param {Abuser} abuser
 * @param {(socket: WebSocket) => void} use once it is open
 */
function webSocket({ port, from }, use) {
  const options = /** @type {WebSocket.ClientOptions} */ ({ localAddress: from })
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, options)
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.terminate(), 2000)
    socket
      .on('error', () => {})
      .on('open', () => use(socket))
      .on('close', () => {
        clearTimeout(timer)
        resolve(undefined)
      })
  })
}

/**
 * A WebSocket that is opened as it should be, and then sends what is no frame.
 *
 * @param {Abuser} abuser
 */
function rawWebSocket(abuser) {
  const socket = rawSocket(abuser)
  const headers = [
    'GET / HTTP/1.1',
    ...['Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
  ]
  socket.write(`${headers.join('\r\n')}\r\n\r\n`)
  return new Promise((resolve) => {
    socket
      .once('data', () => socket.write(Buffer.alloc(100, 0xff)))
      .setTimeout(2000, () => socket.destroy())
      .once('close', resolve)
  })
}
