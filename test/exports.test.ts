import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const project = join(import.meta.dirname, '..')

/**
 * The entry points with their files and all that they export. To change a list is to change what
 * apps rely on.
 */
const ENTRIES: [entry: string, file: string, exports: string[]][] = [
  [
    'cambium',
    'src/index.ts',
    [
      'CambiumError',
      'ClosedError',
      'HexError',
      'NETWORKS',
      'OptionsError',
      'TrustError',
      'createStateSync',
    ],
  ],
  ['cambium/worker', 'src/engine/index.ts', ['run']],
  [
    'cambium/heal',
    'src/sync/heal/scheduler/index.ts',
    [
      'AlreadyProcessedError',
      'HashMismatchError',
      'NotRequestedError',
      'TrieNodeError',
      'TrieSync',
      'clearedRanges',
      'newStateSync',
      'toPathSets',
    ],
  ],
  [
    'cambium/libp2p',
    'src/libp2p/index.ts',
    [
      'BackOffError',
      'FloodingPeerError',
      'FrameTooLargeError',
      'MultiaddrError',
      'SlowPeerError',
      'announcedHeads',
      'libp2pPeers',
    ],
  ],
  [
    'cambium/server',
    'src/server/index.ts',
    [
      'AccountEncodingError',
      'AccountMismatchError',
      'AsyncQueue',
      'CONNECTION_MONITOR',
      'CambiumError',
      'ChangingState',
      'FAULT_PROTOCOL',
      'FIRST_HASH',
      'HEAD_PROTOCOL',
      'HalfOpenPeerError',
      'LAST_HASH',
      'LruMap',
      'MissingNodeError',
      'MultiaddrError',
      'NETWORKS',
      'PeerProtocolError',
      'PendingCalls',
      'RangeProofError',
      'RequestTimeoutError',
      'RlpError',
      'RlpReader',
      'SNAP_KINDS',
      'SNAP_PROTOCOL',
      'SlowPeerError',
      'SnapClient',
      'SnapRequestError',
      'TrieNodeError',
      'accountEntries',
      'answerKind',
      'backOff',
      'bytesToNibbles',
      'compareBytes',
      'createVerifier',
      'decodeAccount',
      'decodeCompactPath',
      'decodeFault',
      'decodeMessage',
      'decodeMessageHead',
      'emptyFields',
      'emptyRoot',
      'encodeHead',
      'encodeMessage',
      'encodeRlp',
      'expandSlimAccounts',
      'fromHex',
      'isEmptyResponse',
      'memoryState',
      'packLeaves',
      'provideWithResolvers',
      'referencedHash',
      'serveSnap',
      'sleep',
      'stateServer',
      'streamPipe',
      'systemClock',
      'toHex',
      'toRawResponse',
      'transportOf',
      'verifyProof',
      'walkPath',
    ],
  ],
  [
    'cambium/testing',
    'src/testing/index.ts',
    [
      'ChangingState',
      'createVerifier',
      'memoryPipes',
      'memoryState',
      'serveSnap',
      'stateHandler',
      'statePeers',
      'stateServer',
      'syntheticAccounts',
      'syntheticState',
    ],
  ],
  [
    'cambium-bridge',
    'bridge/src/index.ts',
    [
      'AccountMismatchError',
      'BlocksError',
      'EnodeError',
      'HeadFeed',
      'HostError',
      'IdentityError',
      'NoUpstreamError',
      'PortError',
      'StateFileError',
      'StateRootMismatchError',
      'UnknownNetworkError',
      'UpstreamError',
      'createBridge',
      'fileSource',
      'genesisSource',
      'rlpxState',
    ],
  ],
]

let folder: string

/** Bundles the entries, without dependencies, for a plain Node. */
beforeAll(async () => {
  // Within the project, so that the dependencies are found from there.
  folder = await mkdtemp(join(project, 'node_modules/.cambium-entries-'))
  const input = Object.fromEntries(ENTRIES.map(([entry, file]) => [entry, join(project, file)]))
  await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { alias: { 'cambium/server': join(project, 'src/server/index.ts') } },
    build: {
      ...{ ssr: true, outDir: folder, target: 'node20' },
      // What modules that are loaded later share with an entry is not among its exports.
      rollupOptions: { input, preserveEntrySignatures: 'strict' },
    },
  })
})

afterAll(() => rm(folder, { recursive: true }))

/**
 * Runs a module, beside the bundles, in a Node of its own until that ends by itself; what it prints
 * is JSON.
 */
async function inNode(source: string): Promise<unknown> {
  const file = join(folder, `script-${Math.random()}.mjs`)
  await writeFile(file, source)
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 30_000 })
  return JSON.parse(stdout)
}

/**
 * Imports a module, and tells what was touched on the way, which globals were added, and what it
 * exports.
 */
const WATCHED_IMPORT = `
const touched = []
const watch = (owner, ...names) => {
  for (const name of names) {
    if (!(name in owner)) continue
    owner[name] = new Proxy(owner[name], {
      apply: (...call) => (touched.push(name), Reflect.apply(...call)),
      construct: (...call) => (touched.push(name), Reflect.construct(...call)),
    })
  }
}
watch(WebAssembly, 'compile', 'instantiate', 'validate', 'Module', 'Instance', 'Memory')
watch(globalThis, 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask')
watch(globalThis, 'MessageChannel', 'BroadcastChannel', 'Worker', 'WebSocket', 'fetch')
const globals = new Set(Reflect.ownKeys(globalThis))
const exported = Object.keys(await import(MODULE)).sort()
const added = Reflect.ownKeys(globalThis).filter((key) => !globals.has(key)).map(String)
console.log(JSON.stringify({ touched, added, exported }))
`

/** A whole sync with its peers; the process must end without being told to. */
const SYNC = `
import { createStateSync } from './cambium.js'
import { memoryState, stateHandler, statePeers, syntheticAccounts } from './cambium/testing.js'
const { stateRoot, source } = memoryState(syntheticAccounts({ seed: 1, accounts: 300 }))
const sync = await createStateSync({
  chain: { id: 1, genesisHash: '0x' + '11'.repeat(32) },
  trust: stateRoot,
  peers: statePeers([stateHandler(source), stateHandler(source)]),
  store: { kind: 'memory' },
})
await sync.start()
BEFORE_CLOSE
await sync.close()
console.log(JSON.stringify(sync.status))
`

describe('the packages', () => {
  it('have these entry points', async () => {
    const found: [string, string][] = []
    for (const folder of ['', 'bridge']) {
      const { name, exports } = JSON.parse(
        await readFile(join(project, folder, 'package.json'), 'utf8'),
      )
      for (const [path, built] of Object.entries<{ default: string }>(exports)) {
        if (path !== './package.json')
          found.push([name + path.slice(1), join(folder, built.default)])
      }
    }
    const built = (file: string) => file.replace('src/', 'dist/').replace('.ts', '.js')
    expect(found).toEqual(ENTRIES.map(([entry, file]) => [entry, built(file)]))
  })

  it.each(ENTRIES)(
    'have no effect when %s is imported from %s, and export its list',
    async (entry, _, exported) => {
      const result = await inNode(WATCHED_IMPORT.replace('MODULE', JSON.stringify(`./${entry}.js`)))
      expect(result).toEqual({ touched: [], added: [], exported })
    },
  )

  it.each([
    ['has completed', 'await sync.ready()'],
    ['has only begun', ''],
  ])('let the process end when a sync that %s is closed', async (_, beforeClose) => {
    expect(await inNode(SYNC.replace('BEFORE_CLOSE', beforeClose))).toBe('closed')
  })
})
