import type { StateView } from '../../store/StateView.ts'

/** What healing asks of the state that it heals: the working one of a store. */
export type HealView = Pick<StateView, 'accountPages' | 'slotPages' | 'hasCode'>
