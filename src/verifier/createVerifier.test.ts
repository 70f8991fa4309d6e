import { afterEach, describe, expect, it, vi } from 'vitest'
import { createVerifier } from './createVerifier.ts'

describe('createVerifier', () => {
  afterEach(() => vi.restoreAllMocks())

  it('takes SIMD where there is SIMD', async () => {
    expect((await createVerifier()).build).toBe('simd')
  })

  it.each(['simd', 'plain', 'js'] as const)('takes %s where it is asked for', async (build) => {
    expect((await createVerifier({ build })).build).toBe(build)
  })

  it('takes plain wasm where SIMD cannot be compiled', async () => {
    const instantiate = WebAssembly.instantiate as (bytes: BufferSource) => Promise<unknown>
    const spy = vi.spyOn(WebAssembly, 'instantiate')
    spy.mockRejectedValueOnce(new WebAssembly.CompileError('no SIMD here'))
    spy.mockImplementation(instantiate as typeof WebAssembly.instantiate)
    const onBlocked = vi.fn()
    expect((await createVerifier({ onBlocked })).build).toBe('plain')
    expect(onBlocked).not.toHaveBeenCalled()
  })

  it('takes JavaScript where wasm is forbidden, and says so once', async () => {
    const refusal = new WebAssembly.CompileError('violates the Content Security Policy')
    vi.spyOn(WebAssembly, 'instantiate').mockRejectedValue(refusal)
    const onBlocked = vi.fn()
    expect((await createVerifier({ onBlocked })).build).toBe('js')
    expect(onBlocked).toHaveBeenCalledOnce()
    expect(onBlocked).toHaveBeenCalledWith(
      expect.objectContaining({ code: 'WASM_BLOCKED', cause: refusal }),
    )
  })
})
