import { hexToBytes } from '@noble/hashes/utils.js'
import type { VerifierBuild } from '../Verifier.ts'
import { WasmBlockedError } from './errors.ts'
import { plainHex } from './generated/plain.ts'
import { simdHex } from './generated/simd.ts'
import type { WasmExports } from './WasmExports.ts'
import { WasmVerifier } from './WasmVerifier.ts'

const SOURCES = { simd: simdHex, plain: plainHex }

/**
 * Compiles the verifier and gives it an instance of its own.
 *
 * Only a compile that succeeded decides for a build: `WebAssembly.validate` says yes also under a
 * Content-Security-Policy that forbids to compile.
 *
 * @param options.build the build to take
 * @default SIMD, or plain where the engine has no SIMD
 * @throws {WasmBlockedError} when nothing could be compiled
 * @example
 * const verifier = await loadWasm()
 * verifier.keccak256(new Uint8Array())
 */
export async function loadWasm(
  options: { build?: Exclude<VerifierBuild, 'js'> } = {},
): Promise<WasmVerifier> {
  const { build } = options
  let cause: unknown
  for (const candidate of build === undefined ? (['simd', 'plain'] as const) : [build]) {
    try {
      const bytes = hexToBytes(SOURCES[candidate]())
      const { instance } = await WebAssembly.instantiate(bytes)
      return new WasmVerifier(candidate, instance.exports as unknown as WasmExports)
    } catch (error) {
      cause = error
    }
  }
  throw new WasmBlockedError(cause)
}
