import { setTimeout as sleep } from 'node:timers/promises'
import type { Hex } from '../../src/base/bytes/hex.ts'
import type { Action, Wallet } from '../chain/Wallet.ts'
import type { ExecutionPayload } from './EngineApi.ts'
import type { Geth } from './Geth.ts'

/** A block as geth tells it (the fields that are looked at here). */
export interface GethBlock {
  number: Hex
  hash: Hex
  stateRoot: Hex
  timestamp: Hex
}

const LOOK_MS = 10

/**
 * The consensus of a chain: who makes its blocks, and who follows. What a consensus client does for
 * a real node, without the consensus.
 */
export class Chain {
  /** All blocks but the first, in their order: block 1 is at index 0. */
  readonly blocks: ExecutionPayload[]
  readonly genesis: GethBlock
  readonly #wallet: Wallet
  readonly #followers = new Set<Geth>()
  #proposer: Geth
  #timer: { stop: () => Promise<void> } | undefined
  /** One change after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(
    proposer: Geth,
    wallet: Wallet,
    genesis: GethBlock,
    blocks: readonly ExecutionPayload[],
  ) {
    this.#proposer = proposer
    this.#wallet = wallet
    this.genesis = genesis
    this.blocks = [...blocks]
  }

  /**
   * @param proposer makes the blocks; it runs
   * @param wallet sends the transactions
   * @param blocks that there are already
   */
  static async of(proposer: Geth, wallet: Wallet, blocks: readonly ExecutionPayload[] = []) {
    const genesis = await proposer.rpc.call<GethBlock>('eth_getBlockByNumber', '0x0', false)
    const chain = new Chain(proposer, wallet, genesis, blocks)
    await chain.#import(proposer)
    return chain
  }

  get height(): number {
    return this.blocks.length
  }

  /**
   * Makes a block that does this, and the head of everybody who follows. `patienceMs`: what
   * building it takes at least.
   */
  produce(actions: readonly Action[], patienceMs?: number): Promise<ExecutionPayload> {
    return this.#next(async () => {
      const block = await this.#build(this.#proposer, this.blocks.at(-1), actions, patienceMs)
      this.blocks.push(block)
      await this.#tell([this.#proposer, ...this.#followers], [block])
      return block
    })
  }

  /** Makes blocks from now on, one every so often. */
  start(everyMs: number, actions: (number: number) => readonly Action[]): void {
    const ended = new AbortController()
    const run = async () => {
      while (!ended.signal.aborted) {
        const due = sleep(everyMs)
        await this.produce(actions(this.height + 1))
        await due
      }
    }
    const running = run()
    // Told when it is stopped.
    running.catch(() => {})
    this.#timer = {
      stop() {
        ended.abort()
        return running
      },
    }
  }

  /** No block is made once this has resolved. @throws what went wrong with a block since `start` */
  async stop(): Promise<void> {
    const timer = this.#timer
    this.#timer = undefined
    await timer?.stop()
  }

  /** Which transactions of the blocks from a number on did not do what they were to do. */
  async failures(from = 1): Promise<Hex[]> {
    const numbers = this.blocks.slice(from - 1).map(({ blockNumber }) => blockNumber)
    const blocks = await this.#proposer.rpc.batch<{ status: Hex; transactionHash: Hex }[]>(
      numbers.map((number) => ['eth_getBlockReceipts', number]),
    )
    const failed = blocks.flat().filter(({ status }) => status !== '0x1')
    return failed.map(({ transactionHash }) => transactionHash)
  }

  /** Brings a geth to the head, and keeps it there from then on. */
  follow(geth: Geth): Promise<void> {
    return this.#next(async () => {
      await this.#import(geth)
      this.#followers.add(geth)
    })
  }

  /** No longer hands blocks to a geth, which may end then. */
  leave(geth: Geth): Promise<void> {
    return this.#next(async () => void this.#followers.delete(geth))
  }

  /** Lets another geth make the blocks; the one before stays as a follower. */
  async hand(proposer: Geth): Promise<void> {
    await this.follow(proposer)
    await this.#next(async () => {
      this.#followers.delete(proposer)
      this.#followers.add(this.#proposer)
      this.#proposer = proposer
    })
  }

  /**
   * Replaces the newest blocks by others, and one more, for all who follow at once.
   *
   * @param depth how many go
   * @param smith makes the others, and all blocks from then on; none of the blocks that go may have
   *   reached it, so that their transactions are not in its pool
   */
  reorg(depth: number, smith: Geth, actions: (number: number) => readonly Action[]): Promise<void> {
    return this.#next(async () => {
      const kept = this.blocks.slice(0, this.height - depth)
      await this.#import(smith, kept)
      const fork: ExecutionPayload[] = []
      for (let number = kept.length + 1; number <= this.height + 1; number++) {
        const parent = fork.at(-1) ?? kept.at(-1)
        fork.push(await this.#build(smith, parent, actions(number)))
        await this.#tell([smith], fork.slice(-1))
      }
      this.blocks.splice(kept.length, depth, ...fork)
      this.#followers.add(this.#proposer)
      this.#proposer = smith
      await this.#tell(this.#followers, fork)
    })
  }

  async #build(
    geth: Geth,
    parent: ExecutionPayload | undefined,
    actions: readonly Action[],
    patienceMs?: number,
  ): Promise<ExecutionPayload> {
    const { rpc, engine } = geth
    const { address } = this.#wallet
    const count = async (block: string) =>
      Number(await rpc.call<Hex>('eth_getTransactionCount', address, block))
    const nonce = await count('latest')
    const transactions = this.#wallet.sign(actions, nonce)
    await rpc.batch(transactions.map((transaction) => ['eth_sendRawTransaction', transaction]))
    // It takes them into its pool on its own time.
    while ((await count('pending')) < nonce + transactions.length) await sleep(LOOK_MS)
    const { timestamp } = parent ?? this.genesis
    const now = Math.max(Number(timestamp) + 1, Math.floor(Date.now() / 1000))
    const hash = parent?.blockHash ?? this.genesis.hash
    return engine.build(hash, now, transactions.length, patienceMs)
  }

  /** Brings a geth to the end of some blocks, from any state. */
  async #import(geth: Geth, blocks: readonly ExecutionPayload[] = this.blocks): Promise<void> {
    const { rpc, engine } = geth
    const hashAt = async (number: number) =>
      (await rpc.call<GethBlock>('eth_getBlockByNumber', toQuantity(number), false)).hash
    let common = Math.min(Number(await rpc.call<Hex>('eth_blockNumber')), blocks.length)
    while (common > 0 && (await hashAt(common)) !== blocks[common - 1]!.blockHash) common--
    const missing = blocks.slice(common)
    // One that was killed has lost its newest states and gone back; but the blocks it still knows,
    // and takes them for done.
    const [next] = missing
    if (next && (await rpc.call('eth_getBlockByHash', next.blockHash, false)) !== null) {
      await rpc.call('debug_setHead', toQuantity(common))
    }
    await this.#tell([geth], missing)
    const last = blocks.at(-1)
    if (last !== undefined) await engine.setHead(last.blockHash)
  }

  async #tell(geths: Iterable<Geth>, blocks: readonly ExecutionPayload[]): Promise<void> {
    const last = blocks.at(-1)
    if (last === undefined) return
    await Promise.all(
      [...geths].map(async ({ engine }) => {
        for (const block of blocks) await engine.newPayload(block)
        await engine.setHead(last.blockHash)
      }),
    )
  }

  #next<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(change)
    // The caller hears that its change failed. The next change is unaffected.
    this.#turn = result.catch(() => {})
    return result
  }
}

function toQuantity(number: number): Hex {
  return `0x${number.toString(16)}`
}
