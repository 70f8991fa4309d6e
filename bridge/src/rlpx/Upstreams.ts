import {
  AccountEncodingError,
  answerKind,
  CambiumError,
  decodeMessage,
  emptyFields,
  encodeMessage,
  type GetTrieNodes,
  isEmptyResponse,
  MissingNodeError,
  PeerProtocolError,
  type RawResponse,
  type SnapRequest,
  SnapRequestError,
  type SnapResponse,
  TrieNodeError,
  type TrieNodes,
} from 'cambium/server'
import { LRUCache } from 'lru-cache'
import type { StateRelay } from '../BridgeState.ts'
import { requestKey } from '../peers/requestKey.ts'
import { auditAnswer } from './audit/auditAnswer.ts'
import type { Upstream } from './Upstream.ts'

/** Answers whose upstream is remembered: those of a few minutes. */
const MAX_GIVEN = 4096

/** Trie nodes that an execution client looks up for one request. */
const MAX_LOOKUPS = 1024

/** Of the account trie, compact. */
const ROOT_PATH = /* @__PURE__ */ new Uint8Array(1)

/** Answers that are looked into or wait for it; further ones are not. */
const MAX_AUDITS = 4

/**
 * What one of them may cost: storage roots of 256 contracts, or 100 nodes. Beyond, there is no
 * telling.
 */
const MAX_QUESTIONS = 256
const AUDIT_MS = 5_000

/** What a proof with gaps, or with something else in it, meets. */
const PROOF_ERRORS = [MissingNodeError, TrieNodeError, AccountEncodingError] as const

/**
 * Several execution clients as one: shares requests out, and asks another where one has nothing.
 */
export class Upstreams implements StateRelay {
  onAsked: StateRelay['onAsked']
  readonly #all: readonly Upstream[]
  readonly #stop: () => Promise<void>
  /** Who gave the answer to a request. */
  readonly #given = new LRUCache<string, Upstream>({ max: MAX_GIVEN })
  #audits = 0
  #lastAudit: Promise<unknown> = Promise.resolve()

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
    return this.#ask(request)
  }

  /** @param last asked only if no other upstream has an answer */
  async #ask(request: SnapRequest, last?: Upstream): Promise<RawResponse> {
    const { kind, id } = request
    const nothing = { kind: answerKind(kind), id, fields: emptyFields(answerKind(kind)) }
    const tried = new Set<Upstream>()
    for (;;) {
      const upstream = this.#next(tried, last)
      if (upstream === undefined) return nothing
      tried.add(upstream)
      try {
        const response = await upstream.ask(request)
        const isEmpty = isEmptyResponse(response)
        this.onAsked?.(kind, isEmpty ? 'empty' : 'answered')
        if (isEmpty) continue
        this.#given.set(requestKey(request), upstream)
        return { ...response, id }
      } catch (error) {
        if (!(error instanceof CambiumError)) throw error
        this.onAsked?.(kind, 'failed')
        // What cost one connection must not cost them all; who asks again, asks another.
        if (error instanceof PeerProtocolError) return nothing
      }
    }
  }

  /**
   * Answers as an execution client would that came as far as a path set without paths, without
   * asking it that far, as it ends the connection there.
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
    // What looking into it costs must not be a way to keep everybody busy: one after the other, and
    // few of them.
    if (upstream === undefined || this.#audits >= MAX_AUDITS) return false
    this.#audits++
    const audit = this.#lastAudit.then(() => this.#isFalse(request, answer, upstream))
    this.#lastAudit = audit
    const isFalse = await audit
    this.#audits--
    if (isFalse) upstream.ban(`gave a false answer to ${request.kind}`)
    return isFalse
  }

  async #isFalse(
    request: SnapRequest,
    answer: RawResponse | undefined,
    accused: Upstream,
  ): Promise<boolean> {
    const until = performance.now() + AUDIT_MS
    let questions = 0
    let asked: Upstream | undefined
    const ask = async (question: SnapRequest) => {
      if (++questions > MAX_QUESTIONS || performance.now() > until)
        throw new Error('too much to ask')
      const response = await this.#ask(question, accused)
      asked = this.#given.get(requestKey(question))
      if (isEmptyResponse(response)) throw new Error('nobody has the state any more')
      return read(response)
    }
    try {
      const given = answer ?? (await accused.ask(request))
      return !(await auditAnswer(request, read({ ...given, id: request.id }), ask))
    } catch (error) {
      // A proof that proves nothing is false as well. Of all else, there is no telling.
      return asked === accused && PROOF_ERRORS.some((proofError) => error instanceof proofError)
    }
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  /** The one with the least to do. */
  #next(tried: ReadonlySet<Upstream>, last: Upstream | undefined): Upstream | undefined {
    return this.#all
      .filter((upstream) => upstream.head !== undefined && !tried.has(upstream))
      .sort((a, b) => Number(a === last) - Number(b === last) || a.inFlight - b.inFlight)[0]
  }
}

function read(response: RawResponse): SnapResponse {
  return decodeMessage(encodeMessage(response)) as SnapResponse
}
