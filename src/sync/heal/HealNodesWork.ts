import type { RequestOptions, SnapClient } from '../../snap/SnapClient.ts'
import type { TrieNodes } from '../../snap/SnapMessage.ts'
import { NodeMismatchError } from '../../snap/verify/errors.ts'
import { matchAnswer } from '../../snap/verify/matchAnswer.ts'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { Work } from '../loop/Work.ts'
import { takeIn } from './batch/takeIn.ts'
import type { HealJob } from './HealJob.ts'
import type { MissingNode } from './HealQueue.ts'
import type { HealThrottle } from './HealThrottle.ts'
import { toPathSets } from './scheduler/paths/toPathSets.ts'

export interface HealNodesRequest {
  /** Those that are not taken in, in the order in which the answer brings them. */
  nodes: MissingNode[]
  /** As `GetTrieNodes` names them. */
  paths: Uint8Array[][]
  /** How many nodes have come and wait for their turn. */
  waiting: number
}

/** The reference's figures. */
const MAX_NODES = 1024
const ANSWER_BYTES = 512 * 1024

/** Fetches the trie nodes that healing misses. */
export class HealNodesWork implements Work<HealNodesRequest, TrieNodes> {
  readonly kind = 'healNodes'
  readonly #job: HealJob
  readonly #throttle: HealThrottle
  readonly #now: () => number

  /** @param now milliseconds of a clock that never goes back */
  constructor(job: HealJob, throttle: HealThrottle, now: () => number) {
    this.#job = job
    this.#throttle = throttle
    this.#now = now
  }

  /** @param capacity nodes that the peer can deliver in time */
  assign(capacity: number): HealNodesRequest | undefined {
    const most = Math.floor(Math.min(capacity, MAX_NODES) / this.#throttle.divisor)
    const nodes = this.#job.queue.takeNodes(Math.max(most, 1))
    if (nodes.length === 0) return undefined
    const { items, sets } = toPathSets(nodes)
    return { nodes: items, paths: sets, waiting: 0 }
  }

  async send(
    client: SnapClient,
    request: HealNodesRequest,
    options?: RequestOptions,
  ): Promise<TrieNodes> {
    const { paths } = request
    const { root } = this.#job
    const answer = await client.getTrieNodes({ root, paths, bytes: ANSWER_BYTES }, options)
    request.waiting = answer.nodes.length
    this.#throttle.arrived(request.waiting)
    return answer
  }

  /**
   * @throws {NodeMismatchError} when a node is none of those that were asked for, in their order
   */
  async accept(request: HealNodesRequest, answer: TrieNodes): Promise<StoreBatch | undefined> {
    const { sync, queue, verifier, counts } = this.#job
    // An empty item stands for a node that the peer does not have; others it leaves out altogether.
    const delivered = answer.nodes.filter(({ length }) => length > 0)
    const hashes = request.nodes.map(({ hash }) => hash)
    const toError = (digest: Uint8Array) => new NodeMismatchError(digest)
    const matched = matchAnswer(hashes, delivered, verifier, toError)
    if (delivered.length === 0) {
      this.revert(request)
      return undefined
    }
    this.#leaveWaiting(request)
    const startedAt = this.#now()
    const asked = request.nodes
    const missing: MissingNode[] = []
    for (const [index, node] of asked.entries()) {
      const encoded = matched[index]
      if (encoded === undefined) {
        missing.push(node)
        continue
      }
      try {
        const isNew = await takeIn(counts, () => sync.processNode(node.path, encoded, node.hash))
        if (!isNew) continue
        counts.nodes++
        counts.nodeBytes += encoded.length
      } catch (error) {
        request.nodes = [...missing, ...asked.slice(index)]
        throw error
      }
    }
    queue.returnNodes(missing)
    this.#throttle.taken(delivered.length, this.#now() - startedAt)
    return this.#job.batch()
  }

  revert(request: HealNodesRequest): void {
    this.#leaveWaiting(request)
    this.#job.queue.returnNodes(request.nodes)
  }

  #leaveWaiting(request: HealNodesRequest): void {
    this.#throttle.left(request.waiting)
    request.waiting = 0
  }
}
