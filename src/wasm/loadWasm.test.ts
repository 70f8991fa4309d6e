import { afterEach, describe, expect, it, vi } from 'vitest'
import { decodeBase64 } from './decodeBase64.ts'
import { plainBase64 } from './generated/plain.ts'
import { simdBase64 } from './generated/simd.ts'
import { loadWasm } from './loadWasm.ts'

const modules = [plainBase64, simdBase64].map(
  (base64) => new WebAssembly.Module(decodeBase64(base64())),
)

describe('loadWasm', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('has two builds with the same exports and no imports', () => {
    const [plain, simd] = modules.map((module) => WebAssembly.Module.exports(module))
    expect(plain).toEqual(simd)
    expect(plain!.map(({ name }) => name).sort()).toEqual([
      'alloc',
      'foldLeaves',
      'keccak256',
      'memory',
      'reset',
      'rootOf',
      'verifyRange',
    ])
    for (const module of modules) expect(WebAssembly.Module.imports(module)).toEqual([])
  })

  it('keeps each build below 9 kB, as both are part of every bundle', () => {
    for (const base64 of [plainBase64, simdBase64]) {
      expect(decodeBase64(base64()).length).toBeLessThan(9000)
    }
  })

  it('gives each verifier an instance of its own', async () => {
    const [one, other] = await Promise.all([loadWasm(), loadWasm()])
    const before = other.memorySize
    one.keccak256(new Uint8Array(2_000_000))
    expect(other.memorySize).toBe(before)
  })

  it('takes the plain build where SIMD does not compile', async () => {
    const compiled: number[] = []
    vi.stubGlobal('WebAssembly', {
      instantiate: async (bytes: Uint8Array<ArrayBuffer>) => {
        compiled.push(bytes.length)
        if (compiled.length === 1) throw new WebAssembly.CompileError('invalid opcode 0xfd')
        const module = modules[0]!
        return { module, instance: { exports: { memory: { buffer: { byteLength: 0 } } } } }
      },
      CompileError: WebAssembly.CompileError,
    })
    expect((await loadWasm()).build).toBe('plain')
    expect(compiled).toEqual([simdBase64, plainBase64].map((f) => decodeBase64(f()).length))
  })

  it.each([
    [
      'a policy forbids it',
      { instantiate: async () => Promise.reject(new Error("'unsafe-eval' is not allowed")) },
    ],
    ['the engine has none', undefined],
  ])('names the missing source of the policy where %s', async (_, WebAssembly) => {
    vi.stubGlobal('WebAssembly', WebAssembly)
    await expect(loadWasm()).rejects.toMatchObject({
      name: 'WasmBlockedError',
      code: 'WASM_BLOCKED',
      message: expect.stringContaining("script-src 'self' 'wasm-unsafe-eval'"),
      cause: expect.any(Error),
    })
  })
})
