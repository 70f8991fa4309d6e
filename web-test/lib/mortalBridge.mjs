// A bridge as a process of its own, which ends in the middle of its work. Its orders come as JSON
// in the first argument; it tells its parent when it is up, and each account range that it is asked
// for.
//
// A process, because the UDP port of WebRTC is not free before the process that had it ends.

import { memoryState, syntheticAccounts } from 'cambium/testing'
import { createBridge } from 'cambium-bridge'

/**
 * @typedef {object} Orders
 * @property {import('cambium/testing').StateShape} shape
 * @property {string} identityDir
 * @property {{webrtcPort: number, wsPort: number, httpPort: number}} ports
 * @property {number} accountsPerAnswer
 * @property {number} [lives] account ranges that are answered before the end; all of them where it
 *   is left out
 * @property {'stop' | 'die'} end in order, or as a process that is killed
 */

/** @type {Orders} */
const orders = JSON.parse(process.argv[2] ?? '')
const { source, stateRoot, ...size } = memoryState(syntheticAccounts(orders.shape))
let asked = 0

const bridge = await createBridge({
  state: {
    ...size,
    source: { ...source, state: served },
    network: { name: 'synthetic', chainId: 1337, genesisHash: stateRoot, stateRoot },
  },
  identityDir: orders.identityDir,
  ...orders.ports,
})
process.send?.({ up: { stateRoot, url: bridge.url, multiaddrs: bridge.multiaddrs, ...size } })

/** @param {Uint8Array} root */
function served(root) {
  const state = source.state(root)
  if (state === undefined) return undefined
  const { accounts } = state
  /** @param {Uint8Array} origin */
  function* runs(origin) {
    asked++
    if (asked > (orders.lives ?? Number.POSITIVE_INFINITY)) end()
    process.send?.({ asked: Buffer.from(origin).toString('hex') })
    const most = orders.accountsPerAnswer
    // One run holds more than an answer shall.
    for (const { count, keySize, keys, values, offsets } of accounts.runs(origin)) {
      yield {
        ...{ count: Math.min(count, most), keySize },
        keys: keys.subarray(0, most * keySize),
        values: values.subarray(0, offsets[most]),
        offsets: offsets.subarray(0, most + 1),
      }
      return
    }
  }
  return {
    storage: state.storage,
    accounts: {
      root: accounts.root,
      leaves: /** @param {Uint8Array} from */ (from) => accounts.leaves(from),
      runs,
      prove: /** @param {Uint8Array} key */ (key) => accounts.prove(key),
      node: /** @param {Uint8Array} path */ (path) => accounts.node(path),
    },
  }
}

/** @returns {never} */
function end() {
  if (orders.end === 'die') process.kill(process.pid, 'SIGKILL')
  void bridge.stop().then(() => process.exit())
  throw new Error('the bridge is being stopped')
}
