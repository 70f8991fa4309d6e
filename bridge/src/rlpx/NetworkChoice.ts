import { crc32 } from 'node:zlib'
import { type BlockHeader, compareBytes, NETWORKS, type Network, toHex } from 'cambium/server'
import { UpstreamError } from './errors.ts'
import type { EthStatus } from './eth/EthStatus.ts'

/**
 * Which network a bridge serves: that of the first execution client that it reaches, and of no
 * other.
 */
export class NetworkChoice {
  #status: EthStatus | undefined
  #network: Network | undefined

  /** `undefined` until a client was reached. */
  get network(): Network | undefined {
    return this.#network
  }

  /**
   * Looks whether a client belongs to the network.
   *
   * @param genesis its first block, where it has that; its hash is the one of the status
   * @param name of the client, for the error
   * @throws {UpstreamError} when it belongs to another one, or there is no telling the root of the
   *   genesis state
   */
  accept(status: EthStatus, genesis: BlockHeader | undefined, name: string): void {
    if (this.#status === undefined) {
      this.#network = networkOf(status, genesis, name)
    } else if (
      status.networkId !== this.#status.networkId ||
      compareBytes(status.genesisHash, this.#status.genesisHash) !== 0
    ) {
      throw new UpstreamError(name, `belongs to ${shown(status)}, not to ${shown(this.#status)}`)
    } else if (!sameFork(status, this.#status)) {
      const forks = [status, this.#status].map(({ forkId }) => toHex(forkId.hash))
      throw new UpstreamError(name, `is on fork ${forks[0]}, not on ${forks[1]}`)
    }
    // What was told last counts: the network moves from fork to fork while a bridge runs, and
    // clients learn of further ones.
    const { hash, next } = status.forkId
    const known = this.#status
    const isLater = known === undefined || follows(status, known)
    if (isLater || (next !== 0n && compareBytes(hash, known.forkId.hash) === 0)) {
      this.#status = status
    }
  }
}

function networkOf(status: EthStatus, genesis: BlockHeader | undefined, name: string): Network {
  const genesisHash = toHex(status.genesisHash)
  const known = Object.values(NETWORKS).find((network) => network.genesisHash === genesisHash)
  if (known !== undefined) return known
  if (genesis === undefined) throw new UpstreamError(name, `does not have block 0, ${genesisHash}`)
  return {
    name: `network ${status.networkId}`,
    // The two are the same on all networks but the oldest (EIP-155); nobody tells the other one.
    chainId: Number(status.networkId),
    genesisHash,
    stateRoot: toHex(genesis.stateRoot),
  }
}

/** Networks that split, as Ethereum and Ethereum Classic, have one genesis and may have one id. */
function sameFork(a: EthStatus, b: EthStatus): boolean {
  return compareBytes(a.forkId.hash, b.forkId.hash) === 0 || follows(a, b) || follows(b, a)
}

/**
 * Whether `later` has passed the fork that `earlier` knew to be its next: each fork extends the
 * checksum (EIP-2124).
 */
function follows({ forkId: later }: EthStatus, { forkId: earlier }: EthStatus): boolean {
  const fork = Buffer.alloc(8)
  fork.writeBigUInt64BE(earlier.next)
  const checksum = Buffer.from(earlier.hash).readUInt32BE()
  return crc32(fork, checksum) === Buffer.from(later.hash).readUInt32BE()
}

function shown({ networkId, genesisHash }: EthStatus): string {
  return `network ${networkId} (genesis ${toHex(genesisHash)})`
}
