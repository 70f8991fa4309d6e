import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Hex } from '../../src/base/bytes/hex.ts'
import type { StateShape } from '../../src/testing/synthetic/StateShape.ts'

export interface MortalBridgeOptions {
  shape: StateShape
  identityDir: string
  ports: { webrtcPort: number; wsPort: number; httpPort: number }
  accountsPerAnswer: number
  /** Account ranges that are answered before the end; all where it is left out. */
  lives?: number
  /** End in order, or as a process that is killed. */
  end: 'stop' | 'die'
}

export interface MortalBridge {
  stateRoot: Hex
  url: string
  multiaddrs: string[]
  accounts: number
  slots: number
  codes: number
  /** Origins of the account ranges that were answered, in hexadecimal. */
  asked: string[]
  ended: Promise<unknown>
  kill(): Promise<unknown>
}

type Up = Omit<MortalBridge, 'asked' | 'ended' | 'kill'>
type Message = { up: Up } | { asked: string }

/** Starts `mortalBridge.mjs` over the built package. */
export async function startMortalBridge(orders: MortalBridgeOptions): Promise<MortalBridge> {
  const script = fileURLToPath(new URL('mortalBridge.mjs', import.meta.url))
  const child = fork(script, [JSON.stringify(orders)], { execArgv: [] })
  const asked: string[] = []
  const ended = once(child, 'exit')
  const up = await new Promise<Up>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if ('up' in message) resolve(message.up)
      else asked.push(message.asked)
    })
    void ended.then(() => reject(new Error('the bridge did not come up')))
  })
  const kill = () => {
    child.kill('SIGKILL')
    return ended
  }
  return { ...up, asked, ended, kill }
}
