import {
  answerKind,
  emptyFields,
  isEmptyResponse,
  type RawResponse,
  type SnapRequest,
  type SnapServer,
  toRawResponse,
} from 'cambium/server'
import { LRUCache } from 'lru-cache'
import { requestKey } from '../peers/requestKey.ts'

/**
 * How an answer came about: from memory, by waiting for what another asked at the same time, or
 * anew.
 */
export type CacheOutcome = 'hit' | 'joined' | 'miss'

export interface AnswerCacheOptions {
  /** Where answers come from that are not there. */
  answer: SnapServer
  /** Bytes of answers to keep, 0 for none: those that were not asked for longest go first. */
  maxBytes: number
  onAnswer?: (outcome: CacheOutcome) => void
}

interface Asked {
  request: SnapRequest
}

/** What is held beside an answer: the key, the entry, its links. */
const ENTRY_BYTES = 256

/**
 * Answers, kept for equal requests: the content of a state never changes, so a thousand browsers
 * that sync one state cost its source as much as one browser. Equal requests at the same time are
 * one.
 *
 * Empty answers are not kept: a root that is not there yet may come, and code may, too.
 *
 * @example
 * const cache = new AnswerCache({ answer: stateHandler(source), maxBytes: 64 * 2 ** 20 })
 * serveSnap(pipe, (request) => cache.answer(request))
 */
export class AnswerCache {
  readonly #onAnswer: (outcome: CacheOutcome) => void
  /** Hash of a request → what follows the id in its answer. */
  readonly #kept: LRUCache<string, Uint8Array, Asked>

  constructor({ answer, maxBytes, onAnswer = () => {} }: AnswerCacheOptions) {
    this.#onAnswer = onAnswer
    this.#kept = new LRUCache({
      maxSize: Math.max(1, maxBytes),
      sizeCalculation: ({ length }) => length + ENTRY_BYTES,
      fetchMethod: async (_key, _stale, { context }) => {
        const response = toRawResponse(await answer(context.request))
        return isEmptyResponse(response) ? undefined : alone(response.fields)
      },
      // Who waits for an answer that is not worth its room any more gets it all the same.
      ignoreFetchAbort: true,
    })
  }

  /** Bytes of all answers that are kept. */
  get bytes(): number {
    return this.#kept.calculatedSize
  }

  /** @throws what `answer` throws, to all who asked the same meanwhile */
  async answer(request: SnapRequest): Promise<RawResponse> {
    const { id } = request
    const kind = answerKind(request.kind)
    const status: LRUCache.Status<string, Uint8Array, Asked> = {}
    const fetching = this.#kept.fetch(requestKey(request), {
      context: { request },
      status,
    })
    this.#onAnswer(outcomeOf(status.fetch))
    return { kind, id, fields: (await fetching) ?? emptyFields(kind) }
  }

  /** Somebody who gave answers gave a false one: any of them may be. */
  clear(): void {
    this.#kept.clear()
  }

  /**
   * The answer to a request may be false: the next who asks gets another.
   * @returns what it was, where it was kept
   */
  forget(request: SnapRequest): RawResponse | undefined {
    const key = requestKey(request)
    const fields = this.#kept.peek(key)
    this.#kept.delete(key)
    return fields && { kind: answerKind(request.kind), id: request.id, fields }
  }
}

function outcomeOf(fetched: string | undefined): CacheOutcome {
  if (fetched === 'hit') return 'hit'
  return fetched === 'inflight' ? 'joined' : 'miss'
}

/** A view would keep the whole buffer that an answer came in. */
function alone(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
}
