import { vi } from 'vitest'
import type { HeldState } from '../../bridge/src/BridgeState.ts'
import { type Bridge, createBridge } from '../../bridge/src/createBridge.ts'
import { memoryState } from '../../src/served/memoryState.ts'
import type { StateSource } from '../../src/served/StateSource.ts'
import type { SnapRequest } from '../../src/snap/SnapMessage.ts'
import { decodedAnswers } from '../../src/snap/server/decodedAnswers.ts'
import type { SnapHandler } from '../../src/snap/server/serveSnap.ts'
import type { StateShape } from '../../src/testing/synthetic/StateShape.ts'
import { syntheticAccounts } from '../../src/testing/syntheticAccounts.ts'

export type Wrap = (handler: SnapHandler) => SnapHandler

const wraps = vi.hoisted(() => new WeakMap<object, (handler: SnapHandler) => SnapHandler>())

// The bridge is real, down to its sockets; only what stands between a decoded request and its
// answer is looked at.
vi.mock('../../src/snap/server/stateServer.ts', async (importOriginal) => {
  const { stateServer } =
    await importOriginal<typeof import('../../src/snap/server/stateServer.ts')>()
  return {
    stateServer: (source: StateSource) => {
      const handler = decodedAnswers(stateServer(source))
      return wraps.get(source)?.(handler) ?? handler
    },
  }
})

/** Starts a real bridge in this process, on free ports of loopback. */
export function testBridge(
  state: HeldState,
  identityDir: string,
  wrap: Wrap = (handler) => handler,
): Promise<Bridge> {
  const source: StateSource = { ...state.source }
  wraps.set(source, wrap)
  // Tests count requests and change answers: none may come from memory.
  const ports = { cacheBytes: 0, webrtcPort: 0, wsPort: 0, httpPort: 0 }
  return createBridge({ state: { ...state, source }, identityDir, ...ports })
}

/** A made-up state, under the name of a network of its own. */
export function syntheticState(shape: StateShape): HeldState {
  const { stateRoot, ...state } = memoryState(syntheticAccounts(shape))
  const network = { name: 'synthetic', chainId: 1337, genesisHash: stateRoot, stateRoot }
  return { ...state, network }
}

/** A handler whose answers have about so many bytes at most: many requests for a small state. */
export function smallAnswers(bytes: number): Wrap {
  return (handler) => (request) => handler({ ...request, bytes: Math.min(request.bytes, bytes) })
}

/** What a bridge was asked for, and a gate that holds its answers. */
export class Traffic {
  readonly requests: SnapRequest[] = []
  /** Those whose answer was sent. */
  readonly answered = new Set<SnapRequest>()
  #waiting: { count: number; resolve: () => void }[] = []
  #open = Number.POSITIVE_INFINITY
  #held: (() => void)[] = []

  /** Resolves when so many requests have come. */
  reached(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve })
      this.#tell()
    })
  }

  /** Answers no request after the first `count`. */
  holdAfter(count: number): void {
    this.#open = count
  }

  /** Answers all that comes, and first what was held. */
  release(): void {
    this.#open = Number.POSITIVE_INFINITY
    for (const go of this.#held.splice(0)) go()
  }

  readonly wrap: Wrap = (handler) => async (request) => {
    this.requests.push(request)
    this.#tell()
    if (this.requests.length > this.#open) {
      await new Promise<void>((resolve) => this.#held.push(resolve))
    }
    const answer = await handler(request)
    this.answered.add(request)
    return answer
  }

  #tell(): void {
    const reached = this.#waiting.filter(({ count }) => this.requests.length >= count)
    this.#waiting = this.#waiting.filter((waiting) => !reached.includes(waiting))
    for (const { resolve } of reached) resolve()
  }
}
