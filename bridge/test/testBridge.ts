import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { HeldState } from '../src/BridgeState.ts'
import { type Bridge, type BridgeOptions, createBridge } from '../src/createBridge.ts'
import { genesisSource } from '../src/sources/genesisSource.ts'

/** A directory that is removed when the test ends. */
export async function temporaryDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cambium-bridge-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

let hoodi: Promise<HeldState> | undefined

/** Hoodi's genesis state: 335 accounts, 33 slots, 5 codes. */
export function hoodiState(): Promise<HeldState> {
  hoodi ??= genesisSource('hoodi')
  return hoodi
}

/**
 * A bridge on free ports of the loopback address, stopped when the test ends. Serves Hoodi by
 * default.
 */
export async function testBridge(options: Partial<BridgeOptions> = {}): Promise<Bridge> {
  const bridge = await createBridge({
    state: options.state ?? (await hoodiState()),
    identityDir: options.identityDir ?? (await temporaryDir()),
    ...{ webrtcPort: 0, wsPort: 0, httpPort: 0 },
    ...options,
  })
  onTestFinished(() => bridge.stop())
  return bridge
}
