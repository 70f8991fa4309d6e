import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from '@libp2p/interface'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { BridgeState, HeldState } from '../bridge/src/BridgeState.ts'
import { rlpxState } from '../bridge/src/rlpx/rlpxState.ts'
import { fileSource } from '../bridge/src/sources/fileSource.ts'
import { dialBridge } from '../bridge/test/dialBridge.ts'
import { ruleDump } from '../bridge/test/ruleDump.ts'
import { testBridge } from '../bridge/test/testBridge.ts'
import { findGeth } from '../scripts/lib/geth.mjs'
import { fromHex } from '../src/base/bytes/hex.ts'
import { SNAP_PROTOCOL } from '../src/libp2p/protocols/protocol.ts'
import { streamPipe } from '../src/libp2p/streamPipe.ts'
import type { Ask } from '../test/rules/Ask.ts'
import { askOverPipe } from '../test/rules/askOverPipe.ts'
import { describeState } from '../test/rules/describeState.ts'
import type { RuleState } from '../test/rules/RuleState.ts'
import { runRules } from '../test/rules/runRules.ts'
import { sameAnswers } from '../test/rules/sameAnswers.ts'
import { genesis } from './chain/genesis.ts'
import { Geth } from './geth/Geth.ts'

const executable = findGeth()?.path

/** What a bridge aims at. */
const BRIDGE_BYTES = 512 * 1024

/** One state: as a dump, as a genesis file, and of a geth whose chain begins with it. */
let directory: string
let dump: HeldState
let genesisFile: HeldState
let geth: Geth
let truth: RuleState

beforeAll(async () => {
  // Only here: the hook that removes the folder does not run when every test is skipped.
  if (executable === undefined) return
  directory = mkdtempSync(join(tmpdir(), 'cambium-rules-'))
  const contents = await ruleDump()
  const path = (name: string) => join(directory, name)
  writeFileSync(path('dump.json'), JSON.stringify(contents))
  dump = await fileSource(path('dump.json'))
  const alloc = Object.fromEntries(
    Object.entries(contents.accounts).map(([address, { balance, nonce, code, storage }]) => {
      return [address, { balance, nonce, code, storage: storage && words(storage as object) }]
    }),
  )
  const block = { ...genesis([]), alloc }
  writeFileSync(path('genesis.json'), JSON.stringify(block))
  genesisFile = await fileSource(path('genesis.json'))
  geth = await Geth.create({ executable, directory: path('geth'), from: { genesis: block } })
  await geth.start()
  const root = fromHex(dump.network.stateRoot, 'root', 32)
  truth = describeState(dump.source, root, { mostBytes: BRIDGE_BYTES })
}, 120_000)
afterAll(async () => {
  await geth?.stop('SIGKILL')
  if (directory) rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
})

/** Geth wants whole words. */
function words(storage: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(storage).map(([slot, value]) => [slot, `0x${value.padStart(64, '0')}`]),
  )
}

/**
 * Over libp2p, as a page; as another one after each broken rule, as a bridge bans a peer that keeps
 * breaking them.
 */
async function asking(state: BridgeState): Promise<Ask> {
  const bridge = await testBridge({ state })
  let connection: Connection | undefined
  return askOverPipe(async () => {
    await connection?.close()
    connection = await dialBridge(bridge, 'websocket')
    const stream = await connection.newStream(SNAP_PROTOCOL)
    return streamPipe(stream, { peer: bridge.peerId, transport: 'websocket' })
  })
}

async function relayed(): Promise<BridgeState> {
  const state = await rlpxState(geth.enode)
  onTestFinished(() => state.relay.stop())
  return state
}

describe.skipIf(executable === undefined)('the server rules, by a bridge', () => {
  it('that relays from geth: all of them kept', async () => {
    const { broken } = await runRules(await asking(await relayed()), truth)
    expect(broken).toEqual([])
  }, 120_000)

  it('over a dump, over a genesis file and relayed from geth: the same answers', async () => {
    expect(genesisFile.network.stateRoot).toBe(dump.network.stateRoot)
    const ask = await asking(dump)
    expect(await sameAnswers(ask, await asking(genesisFile), truth)).toEqual([])
    expect(await sameAnswers(ask, await asking(await relayed()), truth)).toEqual([])
  }, 120_000)
})
