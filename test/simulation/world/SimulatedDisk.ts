import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import { MemoryBackend } from '../../../src/store/backend/MemoryBackend.ts'
import type { StoreBackend } from '../../../src/store/backend/StoreBackend.ts'
import { StoreQuotaError } from '../../../src/store/errors.ts'
import type { VirtualTime } from '../VirtualTime.ts'

/** What a process has of the disk. */
export interface ProcessDisk extends StoreBackend {
  /** The process has ended: nothing more is written, and nobody is told of anything. */
  kill(): void
}

export interface SimulatedDiskOptions {
  time: VirtualTime
  random: SeededRandom
  /** The longest that a transaction takes that writes, and one that reads, in milliseconds. */
  writeMs: number
  readMs: number
  /** Told when a writing transaction begins, and when it is through and nobody knows of it. */
  onWrite: (moment: 'begins' | 'written') => void
}

/**
 * A disk that outlives the processes that write to it; transactions take time, and run in the order
 * of the calls.
 */
export class SimulatedDisk {
  /** How many of the next writing transactions are refused for want of space. */
  refuse = 0
  /** What is on it. */
  readonly memory = new MemoryBackend()
  readonly #options: SimulatedDiskOptions

  constructor(options: SimulatedDiskOptions) {
    this.#options = options
  }

  /**
   * Flips a bit of a journal record, before any transaction that comes later. @returns whether
   * there was one
   */
  async damage(): Promise<boolean> {
    const { random } = this.#options
    return this.memory.transact('readwrite', async (transaction) => {
      const records = await transaction.entries('journal')
      if (records.length === 0) return false
      const [name, record] = random.pick(records)
      const at = random.below(record.length)
      transaction.put('journal', name, record.with(at, record[at]! ^ (1 << random.below(8))))
      return true
    })
  }

  open(): ProcessDisk {
    const { time, random, writeMs, readMs, onWrite } = this.#options
    let dead = false
    let last: Promise<unknown> = Promise.resolve()
    const untilDeath = async (ms: number) => {
      if (ms > 0) await time.pass(random.below(ms + 1))
      if (dead) await NEVER
    }
    return {
      transact: (mode, work) => {
        const writes = mode === 'readwrite'
        const run = async () => {
          await untilDeath(writes ? writeMs : readMs)
          if (writes) onWrite('begins')
          const refused = writes && this.refuse > 0
          if (refused) this.refuse--
          try {
            const result = await this.memory.transact(mode, async (transaction) => {
              if (refused) throw new StoreQuotaError('simulated')
              const value = await work(transaction)
              if (dead) throw new Error('killed within a transaction')
              return value
            })
            if (writes) onWrite('written')
            return result
          } finally {
            if (dead) await NEVER
          }
        }
        const running = last.then(run)
        last = running.catch(() => {})
        return running
      },
      close: () => {},
      kill() {
        dead = true
      },
    }
  }
}

/** What a process that has ended waits for. */
const NEVER = new Promise<never>(() => {})
