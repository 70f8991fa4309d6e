import type { SyncOperation } from './SyncOperation.ts'

/** Bytes that an operation holds, without what objects cost. */
export function operationSize(operation: SyncOperation): number {
  switch (operation.kind) {
    case 'open':
      return operation.path.length
    case 'clear':
      return operation.keep.reduce((sum, path) => sum + path.length, operation.path.length)
    case 'leaf':
      return operation.keys.reduce((sum, key) => sum + key.length, operation.value.length)
    case 'code':
      return operation.hash.length + operation.code.length
    case 'node':
      return operation.path.length + operation.hash.length + operation.encoded.length
  }
}
