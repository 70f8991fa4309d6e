import { PagedStore } from '../../../src/store/PagedStore.ts'

/**
 * A store that takes every batch in a commit of its own, however many wait: for tests in which
 * something happens at a certain commit. Which ones would go together depends on when answers come.
 */
export class ApartStore extends PagedStore {
  override join(): undefined {
    return undefined
  }
}
