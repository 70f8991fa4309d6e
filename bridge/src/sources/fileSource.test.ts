import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hoodiGenesis } from '@ethereumjs/genesis/hoodi'
import { RLP } from '@ethereumjs/rlp'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { NETWORKS, toHex } from 'cambium/server'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMPTY_CODE_HASH, EMPTY_ROOT } from '../../../src/account/emptyHashes.ts'
import { type DumpedAccount, gethDump, slotKey } from '../../test/gethDump.ts'
import { temporaryDir } from '../../test/testBridge.ts'
import { StateFileError, StateRootMismatchError } from './errors.ts'
import { fileSource } from './fileSource.ts'

async function fileWith(contents: unknown): Promise<string> {
  const path = join(await temporaryDir(), 'state.json')
  await writeFile(path, typeof contents === 'string' ? contents : JSON.stringify(contents))
  return path
}

async function failure(contents: unknown): Promise<Error> {
  const path = await fileWith(contents)
  const outcome = await fileSource(path).catch((error: Error) => error)
  if (!(outcome instanceof Error)) throw new Error('the file was taken')
  expect(outcome.message).toContain(path)
  return outcome
}

const someAccounts: fc.Arbitrary<DumpedAccount[]> = fc.uniqueArray(
  fc.record({
    address: fc.uint8Array({ minLength: 20, maxLength: 20 }),
    balance: fc.bigInt(0n, 2n ** 256n - 1n),
    nonce: fc.bigInt(0n, 2n ** 64n - 1n),
    code: fc.uint8Array({ maxLength: 40 }),
    storage: fc
      .array(fc.tuple(fc.nat(1000), fc.bigInt(1n, 2n ** 256n - 1n)), { maxLength: 6 })
      .map((slots) => new Map(slots)),
  }),
  { selector: ({ address }) => toHex(address), maxLength: 12 },
)

/** A dump as `geth dump` prints it: its root, then an account per line. */
function byLines({ root, accounts }: { root: string; accounts: object }): string {
  const lines = Object.entries(accounts).map(([address, account]) => {
    return /^0x[0-9a-f]{40}$/.test(address) ? { ...account, address } : account
  })
  return [{ root }, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('')
}

const digits = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('a geth dump', () => {
  it('has the root that another implementation computes, and counts what is in it', async () => {
    await fc.assert(
      fc.asyncProperty(someAccounts, async (accounts) => {
        const dump = await gethDump(accounts)
        const state = await fileSource(await fileWith(dump))
        expect(state.network.stateRoot).toBe(dump.root)
        expect(state.accounts).toBe(accounts.length)
        expect(state.slots).toBe(accounts.reduce((sum, { storage }) => sum + storage.size, 0))
        const codes = new Set(accounts.map(({ code }) => digits(code)))
        codes.delete('')
        expect(state.codes).toBe(codes.size)
        for (const { code } of accounts.filter(({ code }) => code.length > 0)) {
          expect(state.source.code(keccak_256(code))).toEqual(code)
        }
      }),
      { numRuns: 60 },
    )
  })

  const ADDRESS = '0x00000000219ab540356cbb839cbe05303d7705fa'
  const account = {
    address: Buffer.from(ADDRESS.slice(2), 'hex'),
    ...{ balance: 5n, nonce: 1n, code: Uint8Array.of(0x60), storage: new Map([[1, 2n]]) },
  }
  const withAccount = async (change: (account: Record<string, unknown>) => unknown) => {
    const dump = await gethDump([account])
    return { ...dump, accounts: { [ADDRESS]: change(dump.accounts[ADDRESS] ?? {}) } }
  }

  it('may lack addresses, 0x and what an account does not have', async () => {
    const dump = await gethDump([account])
    const { key, ...rest } = dump.accounts[ADDRESS] ?? {}
    const plain = await gethDump([{ ...account, code: new Uint8Array(), storage: new Map() }])
    const bare = { balance: '5', nonce: 1, code: '', storage: null, codeHash: null }
    for (const variant of [
      { ...dump, accounts: { [`pre(${key})`]: { ...rest, key } } },
      { ...dump, accounts: { [`pre(${key})`]: { ...rest, address: ADDRESS } } },
      { root: dump.root.slice(2), accounts: { [ADDRESS.slice(2)]: rest } },
      { root: plain.root, accounts: { [ADDRESS]: bare } },
      { root: EMPTY_ROOT, accounts: {} },
    ]) {
      const state = await fileSource(await fileWith(variant))
      expect(state.network.stateRoot.slice(2)).toBe(variant.root.replace('0x', ''))
    }
  })

  it('names no chain: its root tells it from others, unless it is a known genesis', async () => {
    const { root, accounts } = await gethDump([account])
    const { network } = await fileSource(await fileWith({ root, accounts }))
    expect(network).toEqual({ name: 'state.json', chainId: 0, genesisHash: root, stateRoot: root })
  })

  it('is refused when its root is another', async () => {
    const dump = await gethDump([account])
    const error = await failure({ ...dump, root: EMPTY_ROOT })
    expect(error).toBeInstanceOf(StateRootMismatchError)
    expect(error).toMatchObject({ declared: EMPTY_ROOT, computed: dump.root })
    expect(error.message).toContain(EMPTY_ROOT)
    expect(error.message).toContain(dump.root)
  })

  it.each<[string, (account: Record<string, unknown>) => unknown, string]>([
    ['lacks the code it declares', ({ code: _, ...rest }) => rest, 'code of 0x0000'],
    ['has other code', (a) => ({ ...a, code: '0x61' }), 'declares code hash'],
    ['lacks its storage', ({ storage: _, ...rest }) => rest, '--cache.preimages'],
    ['declares no code', (a) => ({ ...a, codeHash: EMPTY_CODE_HASH }), 'declares code hash'],
    ['has a key of another address', (a) => ({ ...a, key: EMPTY_ROOT }), 'key of 0x0000'],
    ['has no balance', ({ balance: _, ...rest }) => rest, 'balance of 0x0000'],
    ['has a negative balance', (a) => ({ ...a, balance: '-1' }), '"-1"'],
    ['has a balance of 2^256', (a) => ({ ...a, balance: (2n ** 256n).toString() }), '2^256'],
    ['has a balance with an exponent', (a) => ({ ...a, balance: 1e21 }), 'got "1e+21"'],
    ['has a balance with a fraction', (a) => ({ ...a, balance: 0.5 }), 'got "0.5"'],
    ['has a nonce of 2^64', (a) => ({ ...a, nonce: '0x10000000000000000' }), '2^64'],
    ['has code of half a byte', (a) => ({ ...a, code: '0x6' }), 'code of 0x0000'],
    ['has a slot key of 33 bytes', (a) => ({ ...a, storage: { [`00${slotKey(1)}`]: '02' } }), '32'],
    ['has a slot that is no text', (a) => ({ ...a, storage: { [slotKey(1)]: 2 } }), 'slot 0000'],
    ['has storage that is a list', (a) => ({ ...a, storage: [1] }), 'storage of 0x0000'],
    ['is no object', () => 5, 'account 0x0000'],
  ])('is refused when an account %s', async (_, change, why) => {
    const error = await failure(await withAccount(change))
    expect(error).toBeInstanceOf(StateFileError)
    expect(error.message).toContain(why)
  })

  it('is refused when it lists an account or a slot twice', async () => {
    const { root, accounts } = await gethDump([account])
    const twice = { ...accounts, [ADDRESS.toUpperCase().replace('0X', '')]: accounts[ADDRESS] }
    expect((await failure({ root, accounts: twice })).message).toContain('occurs twice')
    const storage = { [slotKey(1)]: '02', '0x01': '02' }
    const slots = await withAccount((account) => ({ ...account, storage }))
    expect((await failure(slots)).message).toContain('listed once')
  })

  it('may have one account per line, as geth dump prints by default', async () => {
    await fc.assert(
      fc.asyncProperty(someAccounts, async (accounts) => {
        const dump = await gethDump(accounts)
        const state = await fileSource(await fileWith(byLines(dump)))
        expect(state.network.stateRoot).toBe(dump.root)
        expect(state.accounts).toBe(accounts.length)
      }),
      { numRuns: 30 },
    )
  })

  it('may have hashes alone, as geth snapshot dump prints', async () => {
    await fc.assert(
      fc.asyncProperty(someAccounts, async (accounts) => {
        const dump = await gethDump(accounts)
        const hashed = Object.values(dump.accounts).map(({ address: _, storage, ...rest }) => {
          const slots = Object.entries((storage ?? {}) as Record<string, string>).map(
            ([slot, value]) => {
              const slotHash = toHex(keccak_256(Buffer.from(slot.slice(2), 'hex')))
              return [slotHash, digits(RLP.encode(`0x${value}`))]
            },
          )
          return { ...rest, storage: Object.fromEntries(slots) }
        })
        const state = await fileSource(await fileWith(byLines({ ...dump, accounts: hashed })))
        expect(state.network.stateRoot).toBe(dump.root)
        expect(state.slots).toBe(accounts.reduce((sum, { storage }) => sum + storage.size, 0))
      }),
      { numRuns: 30 },
    )
  })

  it('by lines is refused when it ends in the middle, or a line is no account', async () => {
    const lines = byLines(await gethDump([account]))
    for (const broken of [lines.slice(0, -9), `${lines}[]\n`, `${lines}5\n`, `${lines}{}\n`]) {
      expect(await failure(broken)).toBeInstanceOf(StateFileError)
    }
  })

  it('without preimages is refused by the account whose storage is missing', async () => {
    const path = join(import.meta.dirname, '../../test/files/geth-dump-incompletes.jsonl')
    await expect(fileSource(path)).rejects.toThrow(
      /storage of 0x6545d98b\w+ is not in the dump: its root is 0x68cc08cd\w+; run geth with/,
    )
  })

  it('that geth printed is served', async () => {
    const path = join(import.meta.dirname, '../../test/files/geth-dump.jsonl')
    const { network, accounts, slots, codes } = await fileSource(path)
    expect([accounts, slots, codes]).toEqual([2, 2, 1])
    expect(network.stateRoot).toMatch(/^0x3938e571/)
  })

  it('is read piece by piece, wherever the pieces end', async () => {
    const dump = await gethDump([account])
    const state = await fileSource(await fileWith({ pad: 'x'.repeat(300_000), ...dump }))
    expect(state.network.stateRoot).toBe(dump.root)
    const notes = { note: 'ä'.repeat(200_000), ...dump.accounts[ADDRESS] }
    const large = { root: dump.root, accounts: { [ADDRESS]: notes } }
    expect((await fileSource(await fileWith(large))).network.stateRoot).toBe(dump.root)
    expect((await fileSource(await fileWith(byLines(large)))).accounts).toBe(1)
  })

  it('is refused when an account has neither address nor hash', async () => {
    const { root, accounts } = await gethDump([account])
    const { key: _, ...rest } = accounts[ADDRESS] ?? {}
    expect((await failure({ root, accounts: { nobody: rest } })).message).toContain('"nobody"')
  })
})

describe('a genesis file', () => {
  // Header fields as the networks' own files have them.
  const hoodi = {
    config: { chainId: 560048, londonBlock: 0, shanghaiTime: 0, cancunTime: 0 },
    alloc: Object.fromEntries(
      Object.entries(hoodiGenesis).map(([address, account]) => {
        const [balance, code, storage, nonce] = typeof account === 'string' ? [account] : account
        const slots = storage && Object.fromEntries(storage)
        return [
          address.slice(2),
          { balance: BigInt(balance).toString(), code, nonce, storage: slots },
        ]
      }),
    ),
    ...{ baseFeePerGas: '0x3B9ACA00', difficulty: '0x01', gasLimit: '0x2255100' },
    ...{ nonce: '0x1234', timestamp: '0x67d80ec0' },
  }

  it('of a known network is recognised by the hash of its block', async () => {
    const state = await fileSource(await fileWith(hoodi))
    expect(state.network).toEqual(NETWORKS.hoodi)
    expect([state.accounts, state.slots, state.codes]).toEqual([335, 33, 5])
  })

  it('of another network has the name of the file and a hash of its own', async () => {
    const { network } = await fileSource(await fileWith({ ...hoodi, extraData: '0x01' }))
    expect(network).toMatchObject({ name: 'state.json', chainId: 560048 })
    expect(network.stateRoot).toBe(NETWORKS.hoodi.stateRoot)
    expect(network.genesisHash).not.toBe(NETWORKS.hoodi.genesisHash)
  })

  it('may leave out all but balances, and sets no slot to zero', async () => {
    const address = '0x0000000000000000000000000000000000000001'
    const plain = await fileSource(await fileWith({ alloc: { [address]: { balance: '0x1' } } }))
    const zeros = { balance: '1', nonce: '0x0', code: '0x', storage: { '0x01': '0x00' } }
    const same = await fileSource(await fileWith({ alloc: { [address]: zeros } }))
    expect(same.network).toEqual(plain.network)
    expect([same.accounts, same.slots, same.codes]).toEqual([1, 0, 0])
  })

  it('may have numbers of any size, which JSON.parse would round', async () => {
    const address = '0x0000000000000000000000000000000000000001'
    const balance = 2n ** 255n + 1n
    const text = `{"alloc": {"${address}": {"balance": ${balance}, "nonce": 18446744073709551615}}}`
    const quoted = { balance: `${balance}`, nonce: '0xffffffffffffffff' }
    const exact = await fileSource(await fileWith(text))
    const wanted = await fileSource(await fileWith({ alloc: { [address]: quoted } }))
    expect(exact.network).toEqual(wanted.network)
    const rounded = { balance: `${BigInt(Number(balance))}`, nonce: '0xffffffffffffffff' }
    const other = await fileSource(await fileWith({ alloc: { [address]: rounded } }))
    expect(exact.network.stateRoot).not.toBe(other.network.stateRoot)
  })

  it('may list its accounts before all else', async () => {
    const { alloc, ...rest } = hoodi
    expect((await fileSource(await fileWith({ alloc, ...rest }))).network).toEqual(NETWORKS.hoodi)
  })

  it.each([
    ['an address too short', { alloc: { '0x01': { balance: '1' } } }, '"0x01"'],
    ['a bad chain id', { alloc: {}, config: { chainId: 'one' } }, 'config.chainId'],
    ['a bad timestamp', { alloc: {}, timestamp: 'now' }, 'timestamp'],
    ['a coinbase of 19 bytes', { alloc: {}, coinbase: `0x${'00'.repeat(19)}` }, 'coinbase'],
    ['an alloc that is text', { alloc: 'all' }, 'alloc'],
    ['a timestamp with an exponent', '{"alloc": {}, "timestamp": 1e3}', 'got "1e3"'],
    ['a fork of the future', { alloc: {}, config: { londonBlock: 0, zebraTime: 0 } }, 'zebraTime'],
  ])('is refused with %s', async (_, contents, why) => {
    const error = await failure(contents)
    expect(error).toBeInstanceOf(StateFileError)
    expect(error.message).toContain(why)
  })
})

describe('a file', () => {
  it.each([
    ['no JSON', '{"root": '],
    ['a list', '[]'],
    ['nothing', ''],
    ['null', 'null'],
    ['accounts without root', { accounts: {} }],
    ['something else', { hello: 'world' }],
  ])('with %s is refused', async (_, contents) => {
    expect(await failure(contents)).toBeInstanceOf(StateFileError)
  })

  it('that is not there, or a directory, is refused', async () => {
    const directory = await temporaryDir()
    for (const path of [join(directory, 'nothing'), directory]) {
      await expect(fileSource(path)).rejects.toThrow(StateFileError)
      await expect(readFile(path)).rejects.toThrow()
    }
  })
})
