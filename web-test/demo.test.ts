import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bytesToHex } from '@noble/hashes/utils.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toHex } from '../src/base/bytes/hex.ts'
import { memoryState } from '../src/served/memoryState.ts'
import { syntheticAccounts } from '../src/testing/syntheticAccounts.ts'

const run = promisify(execFile)
const shape = { seed: 2, accounts: 400, contracts: 0.3, maxSlots: 2500, codes: 40 }
const entries = [...syntheticAccounts(shape)]
const state = memoryState(entries)

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cambium-demo-test-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** As geth writes values: without 0x, in whole bytes. */
function hexOf(value: bigint): string {
  const digits = value.toString(16)
  return digits.length % 2 === 0 ? digits : `0${digits}`
}

/** Writes the state as geth dumps one, and runs the command on it. */
async function demo(root: string, ...flags: string[]) {
  const accounts = entries.map(({ name, hash, nonce, balance, code, storage }) => {
    const slots = storage.map(([slot, value]) => [toHex(slot), hexOf(value)])
    const fields = { balance: balance.toString(), nonce: Number(nonce), key: toHex(hash) }
    return [name, { ...fields, code: toHex(code), storage: Object.fromEntries(slots) }]
  })
  const path = join(directory, 'dump.json')
  await writeFile(path, JSON.stringify({ root, accounts: Object.fromEntries(accounts) }))
  const command = join(import.meta.dirname, '..', 'scripts', 'demo.mjs')
  return run(process.execPath, [command, '--state', path, '--json', ...flags])
}

test.each(['webrtc', 'websocket'])('the demo proves a state dump over %s', async (transport) => {
  expect(state.slots).toBeGreaterThan(1000)
  const { stdout } = await demo(state.stateRoot.slice(2), '--transport', transport)
  expect(JSON.parse(stdout)).toMatchObject({
    root: state.stateRoot,
    accounts: state.accounts,
    slots: state.slots,
    codes: state.codes,
    transport,
    verified: true,
  })
})

test('the demo follows a state that changes, and proves the last block that it has followed to', async () => {
  const root = state.stateRoot.slice(2)
  const { stdout } = await demo(root, '--moving', '--blocks', '0.4', '--latency', '700')
  const result = JSON.parse(stdout)
  expect(result).toMatchObject({ moving: true, transport: 'webrtc', verified: true })
  expect(result.root).not.toBe(state.stateRoot)
  expect(result.pivot).toBeGreaterThan(0)
  expect(result.blocks).toBeGreaterThanOrEqual(result.pivot)
  // Once in mid-sync, and to each of three blocks but the first.
  expect(result.pivotMoves).toBeGreaterThanOrEqual(3)
  expect(result.healedNodes).toBeGreaterThan(0)
  expect(result.healedSlots).toBeGreaterThan(0)
})

test('the demo refuses a dump that declares another root, in one line', async () => {
  const wrong = bytesToHex(new Uint8Array(32).fill(0xab))
  await expect(demo(wrong)).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(new RegExp(`^error: .*${wrong}.*${state.stateRoot}\n$`, 'm')),
  })
})
