import type { TrustedBlocks } from './target.ts'

export type Transport = 'webrtc' | 'websocket'

/** What the page's address asks for. */
export interface Query {
  /** Name of a network of this page, or `custom`. */
  network: string | undefined
  root: string
  chainId: string
  genesis: string
  /** Where to ask for the bridge's addresses: its `/peers.json`, or the site that serves it. */
  bridge: string | undefined
  /** Blocks to follow, instead of a root: `heads` in the address, with `distance` and `maxAge`. */
  blocks: TrustedBlocks | undefined
  /** What each request is to take longer, in ms: to see what happens over a slow network. */
  latency: number | undefined
  /** The only transport to use; both where it is left out. */
  transport: Transport | undefined
  /** Start without a click. */
  autostart: boolean
  /** Read the stored state back and recompute its root, without peers. */
  audit: boolean
}

/** @throws {Error} when a parameter has a value that it cannot have */
export function readQuery(search: string): Query {
  const query = new URLSearchParams(search)
  const transport = query.get('transport') ?? undefined
  if (transport !== undefined && transport !== 'webrtc' && transport !== 'websocket') {
    throw new Error(`The parameter "transport" is webrtc or websocket, not "${transport}".`)
  }
  const root = query.get('root') ?? ''
  return {
    network: query.get('network') ?? (root === '' ? undefined : 'custom'),
    root,
    chainId: query.get('chainId') ?? '',
    genesis: query.get('genesis') ?? '',
    bridge: query.get('bridge') ?? undefined,
    blocks: readBlocks(query),
    latency: readNumber(query, 'latency'),
    transport,
    autostart: query.has('autostart'),
    audit: query.has('audit'),
  }
}

function readBlocks(query: URLSearchParams): TrustedBlocks | undefined {
  const heads = query.get('heads')
  if (heads === null) return undefined
  if (!URL.canParse(heads, location.href)) {
    throw new Error(`The parameter "heads" is a web address, not "${heads}".`)
  }
  return {
    url: new URL(heads, location.href).href,
    pivotDistance: readNumber(query, 'distance'),
    maxPivotAge: readNumber(query, 'maxAge'),
  }
}

function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Error(`The parameter "${name}" is a whole number, not "${text}".`)
}
