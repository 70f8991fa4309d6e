import { fileURLToPath } from 'node:url'
import { CommandError } from '../CommandError.mjs'

/**
 * Serves the built example pages on loopback, and the bridge's `/peers.json` and `/heads` beside
 * them, so that a page finds its bridge at its own origin.
 *
 * @param {object} options
 * @param {string} options.bridge where the bridge's HTTP server is
 * @param {number} [options.port] 0, the default, takes a free one
 * @param {import('../command.mjs').Defer} options.defer
 * @returns {Promise<string>} the address of the pages, ending with `/`
 */
export async function servePages({ bridge, port = 0, defer }) {
  const { preview } = await import('vite')
  const server = await preview({
    configFile: fileURLToPath(new URL('../../../examples/vite.config.ts', import.meta.url)),
    logLevel: 'silent',
    appType: 'mpa',
    preview: {
      ...{ host: '127.0.0.1', port, strictPort: true },
      proxy: { '/peers.json': bridge, '/heads': bridge },
    },
  }).catch((cause) => {
    throw new CommandError(`cannot serve the pages on port ${port}: ${cause.message}`, { cause })
  })
  defer(() => server.close())
  const address = server.httpServer.address()
  if (address === null || typeof address === 'string') throw new Error('the pages have no port')
  return `http://127.0.0.1:${address.port}/`
}
