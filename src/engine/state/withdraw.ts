import type { Completion } from '../../store/StateStore.ts'
import type { Opened } from './openState.ts'

/**
 * Takes a complete state away that does not hold, for every tab.
 *
 * @param damaged its completion; `undefined` if it could not be read
 * @param always whether to take away whichever state is complete now
 * @returns whether it did: another state may have been completed since
 */
export async function withdraw(
  { lock, channel, store: slot }: Opened,
  damaged: number | undefined,
  always: boolean,
): Promise<boolean> {
  const store = await slot.get()
  const isOther = ({ completionId }: Completion) => completionId !== damaged
  const replaced = await store
    .completion()
    .then((it) => it && isOther(it))
    .catch(() => false)
  if (replaced && !always) return false
  const isCleared = await lock.try(() => store.clear())
  // Another tab writes here now. What is stored stays, and answers nothing.
  if (!isCleared && damaged !== undefined) await store.withdraw(damaged)
  channel.tell(undefined)
  return true
}
