import { expect, it } from 'vitest'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { Simulation } from './Simulation.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** What `npm run simulate` counts. */
    simulated?: { seeds: number; failed: SimulationFailure[] }
  }
}

/** A seed whose run went wrong. */
export interface SimulationFailure {
  seed: number
  message: string
  /** The last that happened in it. */
  course: string[]
}

/** Files that share the seeds, so that as many processors can run them. */
const SHARES = 4

/** Seeds of one test: some two seconds. */
const BATCH = 25

/**
 * Which seeds are run: few, as all files share one processor here; `npm run simulate` asks for
 * others.
 */
const FIRST = Number(process.env.SIMULATION_SEED ?? 0)
const COUNT = Number(process.env.SIMULATION_SEEDS ?? SHARES * BATCH)

/** Lines of a course that are told of. */
const TOLD = 30

/** Tests for every fourth batch of the seeds. */
export function testSeeds(share: number): void {
  for (let from = share * BATCH; from < COUNT; from += SHARES * BATCH) {
    const [first, end] = [FIRST + from, FIRST + Math.min(from + BATCH, COUNT)]
    it(`state sync holds with the seeds ${first} to ${end - 1}`, async ({ task }) => {
      const verifier = await createVerifier()
      const failed: SimulationFailure[] = []
      for (let seed = first; seed < end; seed++) {
        const failure = await failureOf(seed, verifier)
        if (failure !== undefined) failed.push(failure)
      }
      task.meta.simulated = { seeds: end - first, failed }
      expect(failed.map(replayLine)).toEqual([])
    }, 600_000)
  }
}

async function failureOf(seed: number, verifier: Verifier): Promise<SimulationFailure | undefined> {
  const message = await messageOf(new Simulation(seed, verifier))
  if (message === undefined) return undefined
  // Once more, to be told what happens.
  const course: string[] = []
  const again = new Simulation(seed, verifier, (line) => {
    course.push(line)
    if (course.length > TOLD) course.shift()
  })
  const sameMessage = await messageOf(again)
  if (sameMessage === message) return { seed, message, course }
  return { seed, message: `${message}; and the second time: ${sameMessage}`, course }
}

async function messageOf(simulation: Simulation): Promise<string | undefined> {
  try {
    await simulation.run()
    return undefined
  } catch (error) {
    return `${error instanceof Error ? error.message : error}\n${simulation.describe()}`
  }
}

function replayLine({ seed, message }: SimulationFailure): string {
  return `npm run simulate -- --seed ${seed} --seeds 1  # ${message.split('\n', 1)[0]}`
}
