import { compareBytes } from '../../bytes/compareBytes.ts'
import { toHex } from '../../bytes/hex.ts'
import type { BlockHeader } from '../../state/BlockHeader.ts'
import { NETWORKS, type Network } from '../../state/networks.ts'
import type { EthStatus } from './EthStatus.ts'
import { UpstreamError } from './UpstreamError.ts'

/** Which network a bridge serves: that of the first execution client that it reaches, and of no other. */
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
   * @throws {UpstreamError} when it belongs to another one, or there is no telling the root of the genesis state
   */
  accept(status: EthStatus, genesis: BlockHeader | undefined, name: string): void {
    if (this.#status === undefined) {
      this.#network = networkOf(status, genesis, name)
      this.#status = status
    } else if (
      status.networkId !== this.#status.networkId ||
      compareBytes(status.genesisHash, this.#status.genesisHash) !== 0
    ) {
      throw new UpstreamError(name, `belongs to ${shown(status)}, not to ${shown(this.#status)}`)
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

function shown({ networkId, genesisHash }: EthStatus): string {
  return `network ${networkId} (genesis ${toHex(genesisHash)})`
}
