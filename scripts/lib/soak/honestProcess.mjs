// Honest clients of a soak, in a process of their own. Told by messages what to do: see
// ClientProcess.mjs.
import { fromHex } from '../../../dist/base/bytes/hex.js'
import { HonestClient, loadTools } from './HonestClient.mjs'

/** @type {HonestClient[]} */
const clients = []

/** @type {Record<string, (data: any) => unknown>} */
const TASKS = {
  /** @param {import('./ClientProcess.mjs').Start} data */
  async start({ root, clients: wanted, bytesPerSecond }) {
    const tools = await loadTools()
    for (const [index, { address, from }] of wanted.entries()) {
      const options = { address, from, index, root: fromHex(root, 'root', 32), bytesPerSecond }
      const client = new HonestClient(options, tools)
      clients.push(client)
      void client.run()
      // One after the other, as handshakes all at once are refused.
      while (client.answers === 0 && client.failures.size === 0) await later(20)
    }
  },
  look: () => ({
    bytes: clients.map((client) => client.bytes),
    proven: clients.reduce((sum, client) => sum + client.proven, 0),
    failures: clients.flatMap((client) => [...client.failures]),
  }),
  stop() {
    for (const client of clients) client.stop()
  },
}

process.on('message', async (/** @type {{task: string, data: any}} */ { task, data }) => {
  process.send?.({ task, data: await TASKS[task]?.(data) })
})

/** @param {number} ms */
function later(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
