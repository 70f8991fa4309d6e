import { CambiumError } from '../../base/CambiumError.ts'

/** A chain cannot abandon so many of its blocks. */
export class ReorgError extends CambiumError {
  constructor(depth: number, most: number) {
    super('REORG', `1 to ${most} blocks can be abandoned, got ${depth}`)
  }
}
