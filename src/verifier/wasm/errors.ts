import { CambiumError } from '../../base/CambiumError.ts'

/**
 * WebAssembly cannot be compiled here: the page's Content-Security-Policy forbids it, or there is
 * none. The engine's own error is in `cause`.
 */
export class WasmBlockedError extends CambiumError {
  constructor(cause: unknown) {
    super(
      'WASM_BLOCKED',
      `WebAssembly cannot be compiled here (${cause}). ` +
        "A Content-Security-Policy must name the source 'wasm-unsafe-eval': script-src 'self' 'wasm-unsafe-eval'",
      { cause },
    )
  }
}
