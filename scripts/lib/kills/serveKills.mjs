import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { WebSocketServer } from 'ws'
import { serveSnap } from '../../../dist/snap/server/serveSnap.js'
import { stateServer } from '../../../dist/snap/server/stateServer.js'

/**
 * What the page and its engine tell. `manifest` is the record that every commit writes, in
 * hexadecimal; each commit writes another one.
 *
 * @typedef {{ type: 'asked' | 'acknowledged', manifest: string } | { type: 'opened', manifest:
 *   string | null }
 *   | { type: 'openFailed', error: string } | { type: 'fault' | 'failed', code: string, message:
 *   string }
 *   | { type: 'audited' }} LogMessage
 */

/**
 * Serves the page, the state and the log on one port of loopback.
 *
 * @param {object} options
 * @param {import('cambium/testing').SyntheticState['source']} options.source
 * @param {(message: LogMessage) => void} options.onLog
 * @param {import('../command.mjs').Defer} options.defer
 * @returns {Promise<string>} the address of the page, ending with `/`
 */
export async function serveKills({ source, onLog, defer }) {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const { outputFiles } = await build({
    entryPoints: ['page', 'engine.worker'].map((name) => `${folder}/${name}.mjs`),
    ...{ outdir: '/', outExtension: { '.js': '.mjs' }, write: false, bundle: true, minify: true },
    ...{ format: 'esm', target: 'es2022', logLevel: 'error', splitting: true },
  })
  const files = new Map(outputFiles.map(({ path, contents }) => [path.split('/').at(-1), contents]))
  const web = createServer(({ url = '/' }, response) => {
    const name = new URL(url, 'http://page').pathname.slice(1)
    const script = files.get(name)
    if (script) response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    else if (name !== '') response.writeHead(404).end()
    else {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end(
        '<!doctype html><title>kills</title><script type="module" src="page.mjs"></script>',
      )
    }
  })
  const handler = stateServer(source)
  const sockets = new WebSocketServer({ server: web })
  sockets.on('connection', (socket, { url }) => {
    // A killed browser leaves broken sockets behind.
    socket.on('error', () => {})
    if (url === '/log') socket.on('message', (text) => onLog(JSON.parse(String(text))))
    else void serveSnap(socketPipe(socket), handler)
  })
  await new Promise((resolve) => web.listen(0, '127.0.0.1', () => resolve(undefined)))
  defer(() => {
    for (const socket of sockets.clients) socket.terminate()
    web.close()
  })
  const address = web.address()
  if (address === null || typeof address === 'string') throw new Error('the pages have no port')
  return `http://127.0.0.1:${address.port}/`
}

/**
 * @param {import('ws').WebSocket} socket
 * @returns {import('cambium').FramePipe}
 */
function socketPipe(socket) {
  const frames = new ReadableStream({
    start(controller) {
      socket.on('message', (/** @type {Buffer} */ data) =>
        controller.enqueue(Uint8Array.from(data)),
      )
      socket.on('close', () => controller.close())
    },
  })
  return {
    ...{ peer: 'browser', transport: 'websocket' },
    send: (frame) => socket.send(frame),
    close: () => socket.close(),
    [Symbol.asyncIterator]: () => frames[Symbol.asyncIterator](),
  }
}
