import type { CambiumError } from '../base/CambiumError.ts'
import { PendingCalls } from '../base/PendingCalls.ts'
import type { Header } from '../chain/Header.ts'
import {
  type EngineEvents,
  type EngineMessage,
  type EngineMethod,
  type EngineMethods,
  fromWire,
  type PageMessage,
  toWire,
} from '../engine/protocol.ts'
import type { ClosedError } from './errors.ts'

/** What a `MessagePort` and a `Worker` have in common. */
export type EngineTarget = Pick<MessagePort, 'postMessage' | 'addEventListener'> & {
  start?(): void
}

type EventOf<Name extends keyof EngineEvents> = { name: Name; detail: EngineEvents[Name] }
export type EngineEvent = { [Name in keyof EngineEvents]: EventOf<Name> }[keyof EngineEvents]

/** The page's end of the port: calls as promises, events as calls of one listener. */
export class EnginePort {
  readonly #target: EngineTarget
  readonly #calls = new PendingCalls<number, undefined, unknown>()
  #lastId = 0
  #broken: ClosedError | undefined

  constructor(target: EngineTarget, onEvent: (event: EngineEvent) => void) {
    this.#target = target
    target.addEventListener('message', (event) => {
      const message = (event as MessageEvent<EngineMessage>).data
      if (message.type === 'event') return onEvent(message)
      if (message.type === 'result') this.#calls.resolve(message.id, message.value)
      else this.#calls.reject(message.id, fromWire(message.error))
    })
    target.start?.()
  }

  call<Method extends EngineMethod>(
    method: Method,
    ...args: Parameters<EngineMethods[Method]>
  ): ReturnType<EngineMethods[Method]> {
    if (this.#broken !== undefined)
      return Promise.reject(this.#broken) as ReturnType<EngineMethods[Method]>
    const id = ++this.#lastId
    const result = this.#calls.add(id, undefined)
    try {
      this.#post({ type: 'call', id, method, args })
    } catch (error) {
      // An argument cannot be copied to the engine.
      this.#calls.reject(id, error)
    }
    return result as ReturnType<EngineMethods[Method]>
  }

  /** Hands a connection over; its frames go through `port` from now on. */
  join(peer: string, transport: string, port: MessagePort): void {
    this.#post({ type: 'peer', peer, transport, port }, [port])
  }

  /** Hands over a worker that proves, at the other end of `port`. */
  addVerifier(id: number, port: MessagePort): void {
    this.#post({ type: 'verifier', id, port }, [port])
  }

  /** Tells that such a worker has failed. */
  loseVerifier(id: number, reason: string): void {
    this.#post({ type: 'verifierLost', id, reason })
  }

  /** Tells of the next trusted header. */
  header(header: Header): void {
    this.#post({ type: 'header', header })
  }

  /** Tells that no more headers come, and why. */
  endHeaders(error?: CambiumError): void {
    this.#post(error ? { type: 'headersEnd', error: toWire(error) } : { type: 'headersEnd' })
  }

  /** Rejects all calls, running and later ones. */
  break(error: ClosedError): void {
    this.#broken ??= error
    this.#calls.rejectAll(this.#broken)
  }

  #post(message: PageMessage, transfer: Transferable[] = []): void {
    this.#target.postMessage(message, transfer)
  }
}
