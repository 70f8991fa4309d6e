import { JsVerifier } from './JsVerifier.ts'
import type { Verifier, VerifierBuild } from './Verifier.ts'
import { WasmBlockedError } from './wasm/errors.ts'
import { loadWasm } from './wasm/loadWasm.ts'

export interface VerifierOptions {
  /**
   * The build to take.
   * @default the fastest that runs here: SIMD, else plain wasm, else JavaScript
   */
  build?: VerifierBuild
  /**
   * Called once where wasm cannot be compiled, so that the verifier is the one in JavaScript:
   * slower by far.
   */
  onBlocked?: (error: WasmBlockedError) => void
}

/**
 * Makes a verifier: the fastest that this page allows. Compiles the wasm, so one per thread is
 * enough.
 *
 * @example
 * const verifier = await createVerifier({ onBlocked: (error) => console.warn(error.message) })
 * verifier.build // 'simd'
 */
export async function createVerifier(options: VerifierOptions = {}): Promise<Verifier> {
  const { build, onBlocked } = options
  if (build === 'js') return new JsVerifier()
  try {
    return await loadWasm(build === undefined ? {} : { build })
  } catch (error) {
    if (!(error instanceof WasmBlockedError)) throw error
    onBlocked?.(error)
    return new JsVerifier()
  }
}
