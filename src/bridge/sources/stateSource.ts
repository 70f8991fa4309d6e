import { access } from 'node:fs/promises'
import type { StateSize } from '../../snap/loadAccounts.ts'
import type { BridgeState } from '../BridgeState.ts'
import { fileSource } from './fileSource.ts'
import { genesisSource, isNetworkName } from './genesisSource.ts'
import { UnknownNetworkError } from './UnknownNetworkError.ts'

/**
 * What `--state` names: a network, or a file.
 *
 * @throws {UnknownNetworkError} when it is no network and there is no such file
 * @throws what {@link genesisSource} and {@link fileSource} throw
 */
export async function stateSource(
  name: string,
  onProgress?: (size: StateSize) => void,
): Promise<BridgeState> {
  if (isNetworkName(name)) return genesisSource(name, onProgress)
  // A word that looks like a network and is no file is a network misspelled, and not a file that is missing.
  const exists = await access(name).then(
    () => true,
    () => false,
  )
  if (!exists && !/[./\\]/.test(name)) throw new UnknownNetworkError(name)
  return fileSource(name, onProgress)
}
