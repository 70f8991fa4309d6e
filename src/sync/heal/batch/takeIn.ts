import type { HealCounts } from '../HealCounts.ts'
import { AlreadyProcessedError, NotRequestedError } from '../scheduler/errors.ts'

/**
 * Gives something to the scheduler; counts what it has no use for.
 * @returns whether it had
 */
export async function takeIn(
  counts: HealCounts,
  process: () => void | Promise<void>,
): Promise<boolean> {
  try {
    await process()
    return true
  } catch (error) {
    if (error instanceof AlreadyProcessedError) counts.duplicates++
    else if (error instanceof NotRequestedError) counts.unrequested++
    else throw error
    return false
  }
}
