import { describe, expect, it } from 'vitest'
import { EMPTY_ROOT } from '../account/emptyHashes.ts'
import { run } from '../engine/run.ts'
import type { VerifierBuild } from '../verifier/Verifier.ts'
import { createStateSync } from './createStateSync.ts'
import type { StateSyncOptions } from './StateSyncOptions.ts'

const genesisHash = `0x${'11'.repeat(32)}` as const
const good: StateSyncOptions = {
  chain: { id: 1, genesisHash },
  trust: EMPTY_ROOT,
  store: { kind: 'memory' },
}

/** Options as a page without types might give them. */
function create(changes: Record<string, unknown>): Promise<unknown> {
  return createStateSync({ ...good, ...changes } as StateSyncOptions)
}

/** The error with which it rejects. */
function failure(changes: Record<string, unknown>): Promise<Error> {
  return create(changes).then(
    () => expect.fail('it was opened'),
    (error) => error,
  )
}

describe('createStateSync', () => {
  it('opens a state that nothing is known of', async () => {
    const sync = await createStateSync(good)
    expect(sync).toMatchObject({ stateRoot: EMPTY_ROOT, status: 'idle', verifier: 'simd' })
    expect(sync.progress).toMatchObject({ phase: 'idle', fraction: 0, accounts: 0, peers: 0 })
    await sync.close()
    expect(sync.status).toBe('closed')
  })

  it.each(['simd', 'plain', 'js'] satisfies VerifierBuild[])(
    'takes the verifier %s',
    async (verifier) => {
      const sync = await createStateSync({ ...good, verifier })
      expect(sync.verifier).toBe(verifier)
      await sync.close()
    },
  )

  it('normalizes the root', async () => {
    const sync = await createStateSync({ ...good, trust: `0x${'AB'.repeat(32)}` })
    expect(sync.stateRoot).toBe(`0x${'ab'.repeat(32)}`)
    await sync.close()
  })

  it.each([
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a number', 7, '7'],
    ['no 0x', 'ab'.repeat(32), `"${'ab'.repeat(32)}"`],
    ['31 bytes', `0x${'ab'.repeat(31)}`, 'abab"'],
    ['33 bytes', `0x${'ab'.repeat(33)}`, 'abab"'],
    ['other digits', `0x${'xy'.repeat(32)}`, 'xyxy'],
    ['a trailing line break', `0x${'ab'.repeat(32)}\n`, 'abab'],
    ['a list', [EMPTY_ROOT], 'an object'],
    ['an object without a form', Object.create(null), 'an object'],
  ])('refuses to trust %s', async (_, trust, shown) => {
    const error = await failure({ trust })
    expect(error).toMatchObject({ name: 'TrustError', code: 'TRUST' })
    expect(error.message).toContain(shown)
  })

  it.each([
    ['a missing chain', { chain: undefined }, 'chain.id'],
    ['a chain id that is no number', { chain: { id: '1', genesisHash } }, 'chain.id'],
    ['a negative chain id', { chain: { id: -1, genesisHash } }, 'got -1'],
    ['half a chain id', { chain: { id: 0.5, genesisHash } }, 'got 0.5'],
    ['an unknown kind of store', { store: { kind: 'paper' } }, 'got "paper"'],
    ['a store name that is no text', { store: { kind: 'memory', name: 5 } }, 'store.name'],
    ['a pivot above the head', { pivotDistance: -1 }, 'pivotDistance must be a whole number'],
    ['half a block', { pivotDistance: 0.5 }, 'got 0.5'],
    ['a distance that is text', { pivotDistance: '64' }, 'pivotDistance'],
    ['an endless age', { maxPivotAge: Number.POSITIVE_INFINITY }, 'maxPivotAge'],
    ['a pivot that is stale at once', { maxPivotAge: 64 }, 'more than pivotDistance (64), got 64'],
    ['an unknown verifier', { verifier: 'wasm' }, 'got wasm'],
    ['peers that are no function', { peers: [] }, 'peers'],
    ['no verifiers', { verifiers: 0 }, 'verifiers must be a whole number from 1 to 8, got 0'],
    ['too many verifiers', { verifiers: 9 }, 'got 9'],
    ['endless verifiers', { verifiers: Number.POSITIVE_INFINITY }, 'got Infinity'],
    ['half a verifier', { verifiers: 1.5 }, 'got 1.5'],
    ['verifiers that are text', { verifiers: '2' }, 'got "2"'],
    ['several verifiers without a worker', { verifiers: 2 }, 'a function that makes a worker'],
    [
      'several verifiers behind one port',
      { verifiers: 2, worker: new MessageChannel().port1 },
      '"worker" to be a function',
    ],
  ])('refuses %s', async (_, changes, words) => {
    const error = await failure(changes)
    expect(error).toMatchObject({ name: 'OptionsError', code: 'OPTIONS' })
    expect(error.message).toContain(words)
  })

  it('refuses a malformed genesis hash', async () => {
    const failed = create({ chain: { id: 1, genesisHash: '0x12' } })
    await expect(failed).rejects.toMatchObject({ name: 'HexError', code: 'HEX' })
  })

  it('says that there is no IndexedDB, where there is none', async () => {
    const failed = create({ store: {} })
    await expect(failed).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('runs the engine behind a port of the app', async () => {
    const { port1, port2 } = new MessageChannel()
    run(port2)
    const sync = await createStateSync({ ...good, worker: port1 })
    await expect(sync.audit()).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' })
    await sync.close()
    port1.close()
    port2.close()
  })

  it('ends a worker that it made, after close and after a failed opening', async () => {
    for (const changes of [{}, { store: {} }]) {
      const { port1, port2 } = new MessageChannel()
      run(port2)
      let ended = 0
      const terminate = () => {
        ended++
        port1.close()
        port2.close()
      }
      const worker = () => Object.assign(port1, { terminate }) as unknown as Worker
      const sync = await createStateSync({ ...good, ...changes, worker }).catch(() => undefined)
      await sync?.close()
      await sync?.close()
      expect(ended).toBe(1)
    }
  })

  it('rejects when the worker cannot be loaded', async () => {
    const worker = new EventTarget() as unknown as Worker
    worker.postMessage = () => {}
    worker.terminate = () => {}
    const opening = createStateSync({ ...good, worker: () => worker })
    await Promise.resolve()
    worker.dispatchEvent(new Event('error'))
    await expect(opening).rejects.toMatchObject({
      name: 'ClosedError',
      message: expect.stringContaining('its script could not be loaded'),
    })
  })
})
