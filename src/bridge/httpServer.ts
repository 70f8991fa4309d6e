import { createServer, type Server } from 'node:http'

/**
 * Answers `GET` of a few paths with JSON, to pages of any origin: what it tells is public.
 *
 * @param routes path → what it answers now
 * @returns the server, listening
 */
export function httpServer(
  host: string,
  port: number,
  routes: Readonly<Record<string, () => unknown>>,
): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0] ?? ''
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined
    const allowed = request.method === 'GET' || request.method === 'HEAD'
    const status = route === undefined ? 404 : allowed ? 200 : 405
    const body = status === 200 ? route?.() : { error: status === 404 ? 'not found' : 'GET only' }
    response.writeHead(status, {
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
      'cache-control': 'no-store',
      ...(status === 405 && { allow: 'GET, HEAD' }),
    })
    response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(body)}\n`)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}
