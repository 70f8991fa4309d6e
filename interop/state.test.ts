import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Hex } from '../src/bytes/hex.ts'
import { toHex } from '../src/bytes/hex.ts'
import { SeededRandom } from '../src/testing/SeededRandom.ts'
import { traffic } from './chain/traffic.ts'
import { Rig, setLatency, until } from './lib/Rig.ts'
import { askGeth, askPage, type Questions } from './lib/readStates.ts'
import { type StateTruth, stateTruth } from './lib/stateTruth.ts'

let rig: Rig
beforeEach(() => {
  rig = new Rig()
  return () => rig.end()
})

test('a browser has the full state of geth, which makes a block every second meanwhile', async ({
  task,
}) => {
  const geth = await rig.geth('geth')
  const chain = await rig.chain(geth)
  const bridge = await rig.bridge([geth])
  const t0 = Date.now()
  const at = (s: string) => console.log(((Date.now() - t0) / 1000).toFixed(1), s)
  chain.start(1_000, traffic)
  const page = await rig.follow({ bridge, chain, node: () => geth, latency: 300 })
  let n = 0
  await until(page, 'left', (s) => {
    if (Date.now() - t0 > 15000) return true
    if (n++ % 20 === 0)
      at(
        JSON.stringify([
          s.status,
          s.head?.number,
          s.pivot?.number,
          s.block?.number,
          s.progress?.phase,
          s.progress?.fraction,
          s.progress?.accounts,
          s.progress?.slots,
          s.rounds.left,
          s.rounds.proven,
          s.progress?.pivotMoves,
          s.error,
          s.peers,
        ]),
      )
    return s.rounds.proven >= 3
  })
  console.log(await page.locator('#log').textContent())
  await chain.stop()
  at('stopped')
})
