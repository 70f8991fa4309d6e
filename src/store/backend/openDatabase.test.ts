import { expect, test, vi } from 'vitest'
import { StoreUnavailableError } from '../errors.ts'
import { openIndexedDbStore } from '../openIndexedDbStore.ts'

const options = { identity: { chainId: 1, genesisHash: new Uint8Array(32) } }

test('where there is no IndexedDB, opening is a StoreUnavailableError', async () => {
  expect(globalThis.indexedDB).toBeUndefined()
  await expect(openIndexedDbStore(options)).rejects.toBeInstanceOf(StoreUnavailableError)
})

test('where IndexedDB is forbidden, opening is a StoreUnavailableError with the cause', async () => {
  const cause = new DOMException('access is denied', 'SecurityError')
  vi.stubGlobal('indexedDB', {
    open() {
      throw cause
    },
  })
  try {
    const error = await openIndexedDbStore(options).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(StoreUnavailableError)
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', cause })
  } finally {
    vi.unstubAllGlobals()
  }
})
