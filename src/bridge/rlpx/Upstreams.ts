import { LRUCache } from 'lru-cache'
import { answerKind } from '../../snap/answerKind.ts'
import { decodeMessage } from '../../snap/decodeMessage.ts'
import { emptyFields, isEmptyResponse } from '../../snap/emptyResponse.ts'
import { encodeMessage } from '../../snap/encodeMessage.ts'
import type { RawResponse } from '../../snap/RawResponse.ts'
import type { GetTrieNodes, SnapRequest, SnapResponse, TrieNodes } from '../../snap/SnapMessage.ts'
import { SnapRequestError } from '../../snap/SnapRequestError.ts'
import type { StateRelay } from '../BridgeState.ts'
import { requestKey } from '../requestKey.ts'
import { auditAnswer } from './auditAnswer.ts'
import type { Upstream } from './Upstream.ts'

/** Answers of which is known who gave them: those of a few minutes. */
const MAX_GIVEN = 4096

/** Trie nodes that an execution client looks up for one request. */
const MAX_LOOKUPS = 1024

/** Of the account trie, compact. */
const ROOT_PATH = /* @__PURE__ */ new Uint8Array(1)

/** Several execution clients as one: shares requests out, and asks another where one has nothing. */
export class Upstreams implements StateRelay {
  onAsked: StateRelay['onAsked']
  readonly #all: readonly Upstream[]
  readonly #stop: () => Promise<void>
  /** Who gave the answer to a request. */
  readonly #given = new LRUCache<string, Upstream>({ max: MAX_GIVEN })
  #auditing = false

  /** @param stop ends all connections */
  constructor(all: readonly Upstream[], stop: () => Promise<void>) {
    this.#all = all
    this.#stop = stop
  }

  /** @throws {SnapRequestError} when an execution client would end the connection for it */
  async answer(request: SnapRequest): Promise<RawResponse> {
    const empty =
      request.kind === 'GetTrieNodes' ? request.paths.findIndex((set) => set.length === 0) : -1
    if (request.kind === 'GetTrieNodes' && empty >= 0) return this.#answerBefore(request, empty)
    const tried = new Set<Upstream>()
    for (;;) {
      const upstream = this.#next(tried)
      if (upstream === undefined) break
      tried.add(upstream)
      try {
        const response = await upstream.ask(request)
        const isEmpty = isEmptyResponse(response)
        this.onAsked?.(request.kind, isEmpty ? 'empty' : 'answered')
        if (isEmpty) continue
        this.#given.set(requestKey(request), upstream)
        return { ...response, id: request.id }
      } catch {
        this.onAsked?.(request.kind, 'failed')
        // What was wrong is told when it ends the connection; the next one is asked.
      }
    }
    const kind = answerKind(request.kind)
    return { kind, id: request.id, fields: emptyFields(kind) }
  }

  /**
   * Answers as an execution client would that came as far as a path set without paths, without asking it that far, as it ends
   * the connection there.
   */
  async #answerBefore(request: GetTrieNodes, empty: number): Promise<RawResponse> {
    const { paths, bytes } = request
    // Where there is nothing before it, the root node tells whether anybody knows the state.
    const before = empty === 0 ? [[ROOT_PATH]] : paths.slice(0, empty)
    const response = await this.answer({ ...request, paths: before })
    if (isEmptyResponse(response)) return response
    const { nodes } = read(response) as TrieNodes
    const size = nodes.reduce((sum, { length }) => sum + length, 0)
    if (empty > 0 && (size > bytes || nodes.length >= MAX_LOOKUPS)) return response
    throw new SnapRequestError(`path set ${empty} of ${paths.length} is empty`)
  }

  upstreams(): { connected: number; known: number } {
    const connected = this.#all.filter(({ head }) => head !== undefined)
    return { connected: connected.length, known: this.#all.length }
  }

  ready(): { ready: boolean; reason?: string } {
    const { connected, known } = this.upstreams()
    if (connected > 0) return { ready: true }
    return { ready: false, reason: `none of ${known} upstreams is connected` }
  }

  async refute(request: SnapRequest, answer: RawResponse | undefined): Promise<boolean> {
    const upstream = this.#given.get(requestKey(request))
    // One at a time: what looking into it costs must not be a way to keep everybody busy.
    if (upstream === undefined || this.#auditing) return false
    this.#auditing = true
    try {
      const given = answer ?? (await upstream.ask(request))
      const ask = async <R extends SnapRequest>(question: R) => read(await this.answer(question))
      if (await auditAnswer(request, read({ ...given, id: request.id }), ask)) return false
      upstream.exile(`gave a false answer to ${request.kind}`)
      return true
    } catch {
      // Nobody has the state any more, so that there is no telling.
      return false
    } finally {
      this.#auditing = false
    }
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  /** The one with the least to do. */
  #next(tried: ReadonlySet<Upstream>): Upstream | undefined {
    return this.#all
      .filter((upstream) => upstream.head !== undefined && !tried.has(upstream))
      .sort((a, b) => a.inFlight - b.inFlight)[0]
  }
}

function read(response: RawResponse): SnapResponse {
  return decodeMessage(encodeMessage(response)) as SnapResponse
}
