import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '../../bridge/src/freePort.ts'
import { toHex } from '../../src/base/bytes/hex.ts'
import { EngineApi } from './EngineApi.ts'
import { JsonRpc } from './JsonRpc.ts'

export interface GethOptions {
  executable: string
  /** A directory of its own: chain, keys and log; made where it is missing. */
  directory: string
  /**
   * The chain begins with this genesis block, or continues the chain of another geth, which must
   * not run.
   */
  from: { genesis: object } | { directory: string }
}

const START_LIMIT_MS = 60_000
const LOOK_MS = 50

/** Blocks of the seed chain are large, so that it has few of them. */
export const GAS_LIMIT = 1_000_000_000

/**
 * A geth of one's own, on free ports of loopback: as anybody runs it, but alone. It makes and takes
 * blocks over `engine`. Ports and keys stay the same over restarts, and with them the enode.
 */
export class Geth {
  readonly rpc: JsonRpc
  readonly engine: EngineApi
  readonly directory: string
  readonly #executable: string
  readonly #ports: { p2p: number; http: number; engine: number }
  #enode: string | undefined
  #running: { stop: (signal: NodeJS.Signals) => Promise<void> } | undefined

  private constructor(
    { executable, directory }: GethOptions,
    ports: { p2p: number; http: number; engine: number },
    secret: Uint8Array,
  ) {
    this.directory = directory
    this.#executable = executable
    this.#ports = ports
    this.rpc = new JsonRpc(`http://127.0.0.1:${ports.http}`)
    this.engine = new EngineApi(`http://127.0.0.1:${ports.engine}`, secret)
  }

  /** Prepares a geth; `start` starts it. */
  static async create(options: GethOptions): Promise<Geth> {
    const { executable, directory, from } = options
    mkdirSync(directory, { recursive: true })
    const secret = randomBytes(32)
    writeFileSync(join(directory, 'jwt'), toHex(secret))
    const data = join(directory, 'data')
    if ('genesis' in from) {
      const file = join(directory, 'genesis.json')
      writeFileSync(file, JSON.stringify(from.genesis))
      const init = ['init', '--datadir', data, '--state.scheme', 'path', '--cache.preimages', file]
      await promisify(execFile)(executable, init)
    } else {
      cpSync(join(from.directory, 'data'), data, { recursive: true })
      // Two nodes with one key would be one peer.
      rmSync(join(data, 'geth', 'nodekey'), { force: true })
    }
    // One after the other, or two could be the same.
    const ports = {
      p2p: await freePort('p2p', 'tcp', '127.0.0.1', 0),
      http: await freePort('HTTP', 'tcp', '127.0.0.1', 0),
      engine: await freePort('engine', 'tcp', '127.0.0.1', 0),
    }
    return new Geth(options, ports, secret)
  }

  /** The address at which other nodes reach it; known after the first start. */
  get enode(): string {
    if (this.#enode === undefined) throw new Error('geth has not started yet')
    return this.#enode
  }

  /** Its own name and version, as it tells its peers. */
  version(): Promise<string> {
    return this.rpc.call('web3_clientVersion')
  }

  /** @throws {Error} with the end of its log, when it does not come up */
  async start(): Promise<void> {
    const log = join(this.directory, 'geth.log')
    const output = openSync(log, 'a')
    const child = spawn(this.#executable, this.#flags(), { stdio: ['ignore', output, output] })
    closeSync(output)
    const ended = once(child, 'close')
    let isUp = true
    void ended.then(() => {
      isUp = false
      this.#running = undefined
    })
    this.#running = {
      async stop(signal) {
        child.kill(signal)
        await ended
      },
    }
    const limit = Date.now() + START_LIMIT_MS
    for (;;) {
      const info = await this.rpc
        .call<{ id: string; enode: string }>('admin_nodeInfo')
        .catch(() => {})
      if (info) {
        const [id] = info.enode.replace('enode://', '').split('@')
        this.#enode = `enode://${id}@127.0.0.1:${this.#ports.p2p}`
        return
      }
      if (!isUp || Date.now() > limit) {
        const words = readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n')
        throw new Error(`geth did not come up:\n${words}`)
      }
      await sleep(LOOK_MS)
    }
  }

  /** Ends it, in order or, with SIGKILL, in the middle of its work. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.#running?.stop(signal)
  }

  #flags(): string[] {
    const { p2p, http, engine } = this.#ports
    return [
      ...['--datadir', join(this.directory, 'data'), '--networkid', '1337'],
      ...['--syncmode', 'full', '--state.scheme', 'path', '--cache', '256'],
      // Remembers addresses and slots by their hashes: the test asks which ones there are.
      '--cache.preimages',
      ...['--port', String(p2p), '--nat', 'none', '--nodiscover', '--netrestrict', '127.0.0.0/8'],
      ...['--maxpeers', '8', '--ipcdisable'],
      ...['--http', '--http.addr', '127.0.0.1', '--http.port', String(http)],
      ...['--http.api', 'eth,net,web3,admin,debug,txpool'],
      ...['--authrpc.addr', '127.0.0.1', '--authrpc.port', String(engine)],
      ...['--authrpc.jwtsecret', join(this.directory, 'jwt')],
      ...['--miner.gaslimit', String(GAS_LIMIT), '--txpool.journal', ''],
    ]
  }
}
