// Syncs the state that the address names, again and again, until the browser is killed.
import { createStateSync } from '../../../dist/index.js'

const query = new URLSearchParams(location.search)
const root = /** @type {import('../../../dist/index.js').Hex} */ (query.get('root'))
const genesisHash = /** @type {const} */ (`0x${'00'.repeat(32)}`)
const log = new WebSocket(`ws://${location.host}/log`)
await new Promise((resolve) => {
  log.onopen = resolve
})
/** @param {import('./serveKills.mjs').LogMessage} message */
const tell = (message) => log.send(JSON.stringify(message))

/** @type {import('../../../dist/index.js').PeerSource} */
async function* peers({ signal }) {
  const socket = new WebSocket(`ws://${location.host}/snap`)
  socket.binaryType = 'arraybuffer'
  await new Promise((resolve) => {
    socket.onopen = resolve
  })
  signal.addEventListener('abort', () => socket.close())
  const frames = new ReadableStream({
    start(controller) {
      socket.onmessage = ({ data }) => controller.enqueue(new Uint8Array(data))
      socket.onclose = () => controller.close()
    },
  })
  yield {
    ...{ peer: 'server', transport: 'websocket' },
    send: (/** @type {Uint8Array<ArrayBuffer>} */ frame) => socket.send(frame),
    close: () => socket.close(),
    [Symbol.asyncIterator]: () => frames[Symbol.asyncIterator](),
  }
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
}

/** The record that says what is stored, read past the library; `null` when there is none. */
function storedManifest() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(`cambium/1337/${genesisHash}`)
    request.onerror = () => reject(request.error)
    request.onsuccess = () => {
      const database = request.result
      const store = database.transaction('meta').objectStore('meta')
      const read = store.get(new TextEncoder().encode('head'))
      read.onerror = () => reject(read.error)
      read.onsuccess = () => {
        database.close()
        const bytes = /** @type {Uint8Array | undefined} */ (read.result)
        const hex = bytes && Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
        resolve(hex ? hex.join('') : null)
      }
    }
  })
}

try {
  const handle = await createStateSync({
    ...{ chain: { id: 1337, genesisHash }, trust: root, peers },
    worker: () => new Worker(`engine.worker.mjs${location.search}`, { type: 'module' }),
  })
  handle.addEventListener('fault', ({ detail: { code, message } }) => {
    tell({ type: 'fault', code, message })
  })
  tell({ type: 'opened', manifest: await storedManifest() })
  for (;;) {
    await handle.start()
    await handle.ready()
    await handle.audit()
    tell({ type: 'audited' })
    await handle.reset()
  }
} catch (error) {
  const { code = '', message } = /** @type {Error & { code?: string }} */ (error)
  tell({ type: 'failed', code, message })
}
