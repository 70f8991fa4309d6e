import { access } from 'node:fs/promises'
import type { StateSize } from 'cambium/server'
import type { BridgeState } from '../BridgeState.ts'
import { RLPX_PREFIX } from '../rlpx/parseEnodes.ts'
import { rlpxState } from '../rlpx/rlpxState.ts'
import type { UpstreamEvent } from '../rlpx/UpstreamEvent.ts'
import { UnknownNetworkError } from './errors.ts'
import { fileSource } from './fileSource.ts'
import { genesisSource, isNetworkName } from './genesisSource.ts'

export interface StateSourceOptions {
  /** Told how much was read of a state that the bridge will hold. */
  onProgress?: (size: StateSize) => void
  /** Told what happens to the execution clients of a state that it relays. */
  onUpstream?: (event: UpstreamEvent) => void
}

/**
 * What `--state` names: a network, a file, or execution clients.
 *
 * @throws {UnknownNetworkError} when it is no network and there is no such file
 * @throws what {@link genesisSource}, {@link fileSource} and {@link rlpxState} throw
 */
export async function stateSource(
  name: string,
  { onProgress, onUpstream }: StateSourceOptions = {},
): Promise<BridgeState> {
  if (name.startsWith(RLPX_PREFIX)) {
    const enodes = name.slice(RLPX_PREFIX.length)
    return rlpxState(enodes, { ...(onUpstream && { onEvent: onUpstream }) })
  }
  if (isNetworkName(name)) return genesisSource(name, onProgress)
  // A word that looks like a network and is no file is a network misspelled, and not a file that is
  // missing.
  const exists = await access(name).then(
    () => true,
    () => false,
  )
  if (!exists && !/[./\\]/.test(name)) throw new UnknownNetworkError(name)
  return fileSource(name, onProgress)
}
