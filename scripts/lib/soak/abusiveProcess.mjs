// Hostile clients of a soak, in a process of their own. Told by messages what to do: see
// ClientProcess.mjs.
import { setMaxListeners } from 'node:events'
import { fromHex } from '../../../dist/base/bytes/hex.js'
import { ABUSES } from './abuses.mjs'

/** What is done in an attack ends with it. */
let attack = new AbortController()
/** @type {import('./ClientProcess.mjs').Start | undefined} */
let given

/** @type {Record<string, (data: any) => unknown>} */
const TASKS = {
  /** @param {import('./ClientProcess.mjs').Start} data */
  start(data) {
    given = data
  },
  attack() {
    if (given === undefined) return
    attack = new AbortController()
    setMaxListeners(0, attack.signal)
    const root = fromHex(given.root, 'root', 32)
    for (const [index, client] of given.clients.entries()) {
      const abuse = ABUSES[given.kinds[index % given.kinds.length] ?? '']
      void abuse?.({ ...client, root, port: given.port, signal: attack.signal })
    }
  },
  retreat: () => attack.abort(),
  look: () => ({ bytes: [], proven: 0, failures: [] }),
  stop: () => attack.abort(),
}

process.on('message', async (/** @type {{task: string, data: any}} */ { task, data }) => {
  process.send?.({ task, data: await TASKS[task]?.(data) })
})

// A client of libp2p that is cut off in mid-handshake may throw without a listener; that is not
// what is measured.
process.on('uncaughtException', () => {})
process.on('unhandledRejection', () => {})
