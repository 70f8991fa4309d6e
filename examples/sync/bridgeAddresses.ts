/** Whether an answer names bridges: a list of multiaddrs, under `multiaddrs`. */
function isPeersFile(value: unknown): value is { multiaddrs: string[] } {
  if (typeof value !== 'object' || value === null || !('multiaddrs' in value)) return false
  const { multiaddrs } = value
  return Array.isArray(multiaddrs) && multiaddrs.every((entry) => typeof entry === 'string')
}

/**
 * Where a bridge offers its addresses.
 *
 * @param place the address of a `peers.json`, or of the site that serves one
 */
export function peersUrl(place: string, base: string): URL {
  const url = new URL(place, base)
  if (!url.pathname.endsWith('.json')) url.pathname = url.pathname.replace(/\/*$/, '/peers.json')
  return url
}

/**
 * Asks a bridge for its multiaddrs. They are ways to reach it, nothing more: no answer of a bridge
 * is trusted.
 *
 * @throws {Error} with a sentence for people, when nothing there answers with multiaddrs
 */
export async function fetchBridgeAddresses(url: URL): Promise<string[]> {
  let response: Response
  try {
    response = await fetch(url)
  } catch (cause) {
    throw new Error(`Nothing answers at ${url}.`, { cause })
  }
  if (!response.ok) throw new Error(`${url} answers with status ${response.status}.`)
  const answer: unknown = await response.json().catch(() => undefined)
  if (!isPeersFile(answer) || answer.multiaddrs.length === 0) {
    throw new Error(`${url} does not list a bridge's addresses.`)
  }
  return answer.multiaddrs
}

/**
 * The multiaddrs that a person means: typed as such, one or several, or behind the address of a
 * bridge.
 *
 * @throws {Error} with a sentence for people, when the text is neither, or the bridge does not
 *   answer
 */
export async function resolveBridge(text: string): Promise<string[]> {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '')
  const [first] = parts
  if (first === undefined) throw new Error('Enter the address of a bridge.')
  if (parts.length === 1 && /^https?:/i.test(first)) {
    if (!URL.canParse(first)) throw new Error(`This is not a web address: ${first}`)
    return await fetchBridgeAddresses(peersUrl(first, first))
  }
  const stranger = parts.find((part) => !part.startsWith('/'))
  if (stranger !== undefined) {
    throw new Error(`A bridge's address begins with / or https://; this does not: ${stranger}`)
  }
  return parts
}
