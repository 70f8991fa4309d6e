import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { geth } from '../../scripts/lib/geth.mjs'
import { genesis } from '../chain/genesis.ts'
import { seedBlocks } from '../chain/seedBlocks.ts'
import { Wallet } from '../chain/Wallet.ts'
import { Chain } from '../geth/Chain.ts'
import { Geth } from '../geth/Geth.ts'

/** The chain that all scenarios begin with. */
export interface Seed {
  /** Of geth. */
  executable: string
  /** Of a geth that has this chain and does not run. */
  directory: string
  /** A file with its blocks, in JSON, for geths that have others. */
  blocks: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    seed: Seed
  }
}

/** Who sends all transactions of the chain. */
export const WALLET = 'interop'

/**
 * A block of a few hundred megagas takes geth about this long, so fewer questions come too early.
 */
const PATIENCE_MS = 250

/** Finds or installs geth, and makes the chain, once for all files of tests. */
export default async function setup(project: TestProject): Promise<() => void> {
  const { path: executable } = geth({ log: console.error })
  const directory = mkdtempSync(join(tmpdir(), 'cambium-interop-'))
  const clean = () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  try {
    const wallet = new Wallet(WALLET)
    const from = { genesis: genesis([wallet]) }
    const node = await Geth.create({ executable, directory, from })
    await node.start()
    const blocks = join(directory, 'blocks.json')
    try {
      const chain = await Chain.of(node, wallet)
      for (const actions of seedBlocks()) await chain.produce(actions, PATIENCE_MS)
      const failures = await chain.failures()
      if (failures.length > 0) throw new Error(`the seed chain has failed: ${failures}`)
      writeFileSync(blocks, JSON.stringify(chain.blocks))
    } finally {
      await node.stop()
    }
    project.provide('seed', { executable, directory, blocks })
  } catch (error) {
    clean()
    throw error
  }
  return clean
}
