import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { SignJWT } from 'jose'
import { type Hex, toHex } from '../../src/base/bytes/hex.ts'
import { JsonRpc } from './JsonRpc.ts'

/**
 * A block as a node and its consensus client hand it to each other (the fields that are looked at
 * here).
 */
export interface ExecutionPayload {
  blockHash: Hex
  parentHash: Hex
  blockNumber: Hex
  timestamp: Hex
  stateRoot: Hex
  gasUsed: Hex
  transactions: Hex[]
}

interface PayloadStatus {
  status: 'VALID' | 'INVALID' | 'SYNCING' | 'ACCEPTED'
  validationError: string | null
}

const ZERO_HASH = `0x${'00'.repeat(32)}`
const COINBASE = `0x${'c0'.repeat(20)}`

/** Even a block of half a gigagas takes a node less than this to build. */
const BUILD_LIMIT_MS = 10_000

/**
 * What a consensus client asks of its node, in the version of the Shanghai fork.
 *
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/shanghai.md
 */
export class EngineApi {
  readonly #rpc: JsonRpc

  /** @param secret that the node shares with its consensus client: 32 bytes */
  constructor(url: string, secret: Uint8Array) {
    this.#rpc = new JsonRpc(url, async () => {
      const token = await new SignJWT()
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuedAt()
        .sign(secret)
      return { authorization: `Bearer ${token}` }
    })
  }

  /** Makes a block that the node has its head. */
  async setHead(blockHash: Hex): Promise<void> {
    await this.#forkchoiceUpdated(blockHash, null)
  }

  /**
   * Lets the node build a block on top of another one, out of the transactions in its pool.
   *
   * @param minTransactions what the block must have; as a real consensus client does, this gives
   *   the node time, and more of it where the block that comes back is not full yet
   */
  async build(
    parent: Hex,
    timestamp: number,
    minTransactions: number,
    patienceMs = 10,
  ): Promise<ExecutionPayload> {
    for (let patience = patienceMs; patience < BUILD_LIMIT_MS; patience *= 2) {
      // With other randomness it is another payload: one that was taken is not built on.
      const id = await this.#forkchoiceUpdated(parent, {
        timestamp: `0x${timestamp.toString(16)}`,
        prevRandao: toHex(randomBytes(32)),
        suggestedFeeRecipient: COINBASE,
        withdrawals: [],
      })
      await sleep(patience)
      const { executionPayload } = await this.#rpc.call<{ executionPayload: ExecutionPayload }>(
        'engine_getPayloadV2',
        id,
      )
      if (executionPayload.transactions.length >= minTransactions) return executionPayload
    }
    throw new Error(`the node built no block of ${minTransactions} transactions on ${parent}`)
  }

  /** Hands the node a block. It becomes no head by that. */
  async newPayload(payload: ExecutionPayload): Promise<void> {
    const status = await this.#rpc.call<PayloadStatus>('engine_newPayloadV2', payload)
    expectValid(status, payload.blockHash)
  }

  async #forkchoiceUpdated(headBlockHash: Hex, attributes: object | null): Promise<Hex | null> {
    const { payloadStatus, payloadId } = await this.#rpc.call<{
      payloadStatus: PayloadStatus
      payloadId: Hex | null
    }>(
      'engine_forkchoiceUpdatedV2',
      { headBlockHash, safeBlockHash: ZERO_HASH, finalizedBlockHash: ZERO_HASH },
      attributes,
    )
    expectValid(payloadStatus, headBlockHash)
    return payloadId
  }
}

function expectValid({ status, validationError }: PayloadStatus, block: Hex): void {
  if (status !== 'VALID') {
    throw new Error(`the node says ${status} to block ${block}: ${validationError ?? 'no reason'}`)
  }
}
