import { setTimeout as pause } from 'node:timers/promises'
import { connectTo } from './connectTo.mjs'

/** What a request asks for: that with which a page begins. */
const BYTES = 64 * 1024

/**
 * Ranges are proven by each client, one of so many: proving all of them would be most of what this
 * machine does.
 */
const PROVE_EVERY = 25

/** A client asks again after a failure as a page does, in milliseconds. */
const BACK_OFF_MS = 500

/**
 * @typedef {import('../../../dist/snap/SnapMessage.js').AccountRange} AccountRange
 * @typedef {import('../../../dist/snap/SnapMessage.js').TrieNodes} TrieNodes
 *
 * @typedef {object} HonestOptions
 * @property {string} address multiaddr of the bridge
 * @property {string | undefined} from local address
 * @property {Uint8Array} root
 * @property {number} index tells clients apart: where each begins
 * @property {number} bytesPerSecond what it takes at most, so that all together do not fill the
 *   machine
 */

/**
 * Syncs as a page does, over and over: accounts range by range, then storage and code of the
 * contracts among them, and a few trie nodes. Checks what it gets.
 */
export class HonestClient {
  /** Bytes of answers that came, frames as they are. */
  bytes = 0
  answers = 0
  proven = 0
  /** What went wrong, by its message. @type {Map<string, number>} */
  failures = new Map()
  #options
  #stopped = false
  #tools
  /** @type {(() => Promise<void>) | undefined} */
  #disconnect

  /**
   * @param {HonestOptions} options
   * @param {Awaited<ReturnType<typeof loadTools>>} tools
   */
  constructor(options, tools) {
    this.#options = options
    this.#tools = tools
  }

  /** Runs until it is stopped. */
  async run() {
    while (!this.#stopped) {
      try {
        const client = await this.connect()
        while (!this.#stopped) await this.#sync(client)
      } catch (error) {
        if (this.#stopped) break
        const { message } = /** @type {Error} */ (error)
        const what = message.replace(/12D3\w+/g, '…')
        this.failures.set(what, (this.failures.get(what) ?? 0) + 1)
        await this.#disconnect?.()
        await pause(BACK_OFF_MS)
      }
    }
    await this.#disconnect?.()
  }

  stop() {
    this.#stopped = true
  }

  /** @returns a client on a stream of its own connection */
  async connect() {
    const { SnapClient, streamPipe, SNAP_PROTOCOL } = this.#tools
    const { address, from } = this.#options
    const { connection, stop } = await connectTo(address, from)
    this.#disconnect = stop
    const stream = await connection.newStream(SNAP_PROTOCOL)
    const pipe = streamPipe(stream, { peer: 'bridge', transport: 'x' })
    const counting = {
      ...pipe,
      [Symbol.asyncIterator]: () => this.#count(pipe),
    }
    return new SnapClient(counting, { timeoutMs: 60_000 })
  }

  /** @param {AsyncIterable<Uint8Array>} pipe */
  async *#count(pipe) {
    for await (const frame of pipe) {
      this.bytes += frame.length
      this.answers++
      yield frame
    }
  }

  /**
   * The account space once around.
   *
   * @param {import('../../../dist/snap/SnapClient.js').SnapClient} client
   */
  async #sync(client) {
    const { root, index } = this.#options
    // One of the 16 chunks of a sync, a different one for each neighbour.
    const first = new Uint8Array(32)
    first[0] = (index * 16) & 255
    /** @type {Uint8Array | undefined} */
    let origin = first
    const limit = new Uint8Array(32).fill(0xff)
    while (origin !== undefined && !this.#stopped) {
      const since = { ms: performance.now(), bytes: this.bytes }
      /** @type {[AccountRange, TrieNodes]} */
      const [answer, { nodes }] = await Promise.all([
        client.getAccountRange({ root, origin, limit, bytes: BYTES }),
        client.getTrieNodes({ root, paths: [[Uint8Array.of(0)]], bytes: BYTES }),
      ])
      const { accounts } = answer
      // Behind the last one.
      if (accounts.count === 0 && origin !== first) return
      if (accounts.count === 0) throw new Error('no accounts')
      if (nodes.length !== 1) throw new Error('no root node')
      const leaves = this.#tools.expandSlimAccounts(accounts)
      /** @type {boolean} */
      const more = this.answers % PROVE_EVERY < 2 ? this.#prove(origin, leaves, answer.proof) : true
      await this.#contents(client, accounts)
      const last = this.#tools.leafKey(accounts, accounts.count - 1)
      origin = more ? this.#tools.nextHash(last) : undefined
      await this.#keepPace(since)
    }
  }

  /**
   * @param {Uint8Array} origin
   * @param {import('../../../dist/leaves/Leaves.js').Leaves} leaves
   * @param {readonly Uint8Array[]} proof
   */
  #prove(origin, leaves, proof) {
    const { root } = this.#options
    const more = this.#tools.verifier.verifyRange({ root, origin, leaves, proof })
    this.proven++
    return more
  }

  /**
   * Storage and code of some contracts.
   *
   * @param {import('../../../dist/snap/SnapClient.js').SnapClient} client
   * @param {import('../../../dist/leaves/Leaves.js').Leaves} leaves slim accounts
   */
  async #contents(client, leaves) {
    const { root } = this.#options
    const contracts = this.#tools.findContracts(leaves).slice(0, 32)
    const accounts = contracts.flatMap((one) => (one.storageRoot ? [one.accountHash] : []))
    const hashes = contracts.flatMap((one) => (one.codeHash ? [one.codeHash] : []))
    if (accounts.length === 0 || hashes.length === 0) return
    const [storage, code] = await Promise.all([
      client.getStorageRanges({ root, accounts, bytes: BYTES }),
      client.getByteCodes({ hashes, bytes: BYTES }),
    ])
    if (storage.slots.length === 0) throw new Error('no slots')
    const [one] = code.codes
    const [hash] = hashes
    if (one === undefined || hash === undefined) throw new Error('no code')
    if (Buffer.compare(this.#tools.verifier.keccak256(one), hash) !== 0)
      throw new Error('other code')
  }

  /** @param {{ms: number, bytes: number}} since */
  async #keepPace(since) {
    const due = ((this.bytes - since.bytes) / this.#options.bytesPerSecond) * 1000
    const left = due - (performance.now() - since.ms)
    if (left > 1) await pause(left)
  }
}

/** What a client is made of, from the compiled library. */
export async function loadTools() {
  const [snap, pipes, protocol, slim, find, leaf, hash, build] = await Promise.all([
    import('../../../dist/snap/SnapClient.js'),
    import('../../../dist/libp2p/streamPipe.js'),
    import('../../../dist/libp2p/protocols/protocol.js'),
    import('../../../dist/account/expandSlimAccounts.js'),
    import('../../../dist/account/findContracts.js'),
    import('../../../dist/leaves/Leaves.js'),
    import('../../../dist/base/bytes/hash32.js'),
    import('../../../dist/verifier/createVerifier.js'),
  ])
  return {
    ...{ SnapClient: snap.SnapClient, streamPipe: pipes.streamPipe },
    ...{ SNAP_PROTOCOL: protocol.SNAP_PROTOCOL, leafKey: leaf.leafKey, nextHash: hash.nextHash },
    expandSlimAccounts: slim.expandSlimAccounts,
    findContracts: find.findContracts,
    verifier: await build.createVerifier(),
  }
}
