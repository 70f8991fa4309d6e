import { hexToBytes } from '@noble/hashes/utils.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { plainHex } from './generated/plain.ts'
import { simdHex } from './generated/simd.ts'
import { loadWasm } from './loadWasm.ts'

const modules = [plainHex, simdHex].map((hex) => new WebAssembly.Module(hexToBytes(hex())))

describe('loadWasm', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('has two builds with the same exports and no imports', () => {
    const [plain, simd] = modules.map((module) => WebAssembly.Module.exports(module))
    expect(plain).toEqual(simd)
    expect(plain!.map(({ name }) => name).sort()).toEqual([
      'alloc',
      'branchOf',
      'foldLeaves',
      'keccak256',
      'memory',
      'readAccounts',
      'readSlots',
      'reset',
      'result',
      'rootOf',
      'storageRoots',
      'verifyRange',
    ])
    for (const module of modules) expect(WebAssembly.Module.imports(module)).toEqual([])
  })

  it('keeps each build below 12 kB, as both are part of every bundle', () => {
    for (const hex of [plainHex, simdHex]) {
      expect(hexToBytes(hex()).length).toBeLessThan(12_000)
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
    expect(compiled).toEqual([simdHex, plainHex].map((f) => hexToBytes(f()).length))
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
