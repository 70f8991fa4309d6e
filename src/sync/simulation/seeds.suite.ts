import { expect, it } from 'vitest'
import { createVerifier } from '../../trie/createVerifier.ts'
import { Simulation } from './Simulation.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** What `npm run simulate` counts. */
    simulated?: { seeds: number; failed: SimulationFailure[] }
  }
}

/** A seed whose run went wrong, and how. */
export interface SimulationFailure {
  seed: number
  message: string
}

/** Files that share the seeds, so that as many processors can run them. */
const SHARES = 4

/** Seeds of one test: about two seconds. */
const BATCH = 25

/** Which seeds are run; `npm run simulate` asks for others. */
const FIRST = Number(process.env.SIMULATION_SEED ?? 0)
const COUNT = Number(process.env.SIMULATION_SEEDS ?? 1_000)

/** Tests for every fourth batch of the seeds. */
export function testSeeds(share: number): void {
  const verifier = createVerifier()
  for (let from = share * BATCH; from < COUNT; from += SHARES * BATCH) {
    const seeds = Array.from(
      { length: Math.min(BATCH, COUNT - from) },
      (_, at) => FIRST + from + at,
    )
    it(`state sync holds with the seeds ${seeds[0]} to ${seeds.at(-1)}`, async ({ task }) => {
      const failed: SimulationFailure[] = []
      for (const seed of seeds) {
        const message = await failureOf(seed, await verifier)
        if (message !== undefined) failed.push({ seed, message })
      }
      task.meta.simulated = { seeds: seeds.length, failed }
      expect(failed.map(replayLine)).toEqual([])
    }, 600_000)
  }
}

async function failureOf(
  seed: number,
  verifier: Awaited<ReturnType<typeof createVerifier>>,
): Promise<string | undefined> {
  try {
    await new Simulation(seed, verifier).run()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function replayLine({ seed, message }: SimulationFailure): string {
  return `npm run simulate -- --seed ${seed} --seeds 1  # ${message}`
}
