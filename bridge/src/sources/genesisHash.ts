import { keccak_256 } from '@noble/hashes/sha3.js'
import { emptyRoot, encodeRlp, fromHex, type Hex, type RlpInput, toHex } from 'cambium/server'
import { UnknownForkError } from './errors.ts'
import { bytesOf, objectOf, quantityOf } from './fileValues.ts'

type Json = Record<string, unknown>

/** Keccak-256 of an empty RLP list: of no ommers, and of an empty block access list. */
const NO_OMMERS: Hex = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'
/** SHA-256 of nothing (EIP-7685). */
const NO_REQUESTS: Hex = '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
/** What geth takes where a genesis file names none. */
const DEFAULT_DIFFICULTY = 131_072n
const DEFAULT_GAS_LIMIT = 4_712_388n
const DEFAULT_BASE_FEE = 1_000_000_000n

/** Forks that change fields of the header. */
const HEADER_FORKS = ['londonBlock', 'shanghaiTime', 'cancunTime', 'pragueTime', 'amsterdamTime']
/** Forks, and keys that look like forks, that leave the genesis header as it is. */
const OTHER_FORKS = new Set([
  ...['homesteadBlock', 'daoForkBlock', 'eip150Block', 'eip155Block', 'eip158Block'],
  ...['byzantiumBlock', 'constantinopleBlock', 'petersburgBlock', 'istanbulBlock'],
  ...['muirGlacierBlock', 'berlinBlock', 'arrowGlacierBlock', 'grayGlacierBlock'],
  ...['mergeNetsplitBlock', 'osakaTime', 'bpo1Time', 'bpo2Time', 'bpo3Time', 'bpo4Time'],
  'bpo5Time',
])

/**
 * The hash of the genesis block that a geth `genesis.json` describes, by the rules of its forks up
 * to Amsterdam. A fork that is not known here may stand in the file as long as it is not active in
 * the genesis block.
 *
 * @param genesis the file's contents
 * @param stateRoot the root of its accounts, 32 bytes
 * @throws {FileValueError} when a value is not what it should be
 * @throws {UnknownForkError} when a fork is active whose rules are not known here
 */
export function genesisHash(genesis: Json, stateRoot: Uint8Array): Hex {
  const config = objectOf(genesis.config, 'config') ?? {}
  const number = (name: string, otherwise: bigint, bits = 64) =>
    quantityOf(genesis[name] ?? otherwise.toString(), name, bits)
  const fixed = (name: string, size: number) =>
    genesis[name] == null ? new Uint8Array(size) : bytesOf(genesis[name], name, size)
  const timestamp = number('timestamp', 0n)
  const activeAt = (name: string, now: bigint) =>
    config[name] != null && quantityOf(config[name], `config.${name}`, 64) <= now
  const london = activeAt('londonBlock', 0n)
  const fork = (name: string) => london && activeAt(name, timestamp)

  refuseUnknownForks(config, number('number', 0n), timestamp)

  const nonce = new Uint8Array(8)
  new DataView(nonce.buffer).setBigUint64(0, number('nonce', 0n))
  const header: RlpInput[] = [
    fixed('parentHash', 32),
    fromHex(NO_OMMERS, 'ommers'),
    fixed('coinbase', 20),
    stateRoot,
    emptyRoot(),
    emptyRoot(),
    new Uint8Array(256),
    number('difficulty', DEFAULT_DIFFICULTY, 256),
    number('number', 0n),
    number('gasLimit', 0n) || DEFAULT_GAS_LIMIT,
    number('gasUsed', 0n),
    timestamp,
    bytesOf(genesis.extraData ?? '', 'extraData'),
    fixed('mixHash', 32),
    nonce,
  ]
  if (london) header.push(number('baseFeePerGas', DEFAULT_BASE_FEE, 256))
  if (fork('shanghaiTime')) header.push(emptyRoot())
  if (fork('cancunTime')) {
    header.push(number('blobGasUsed', 0n), number('excessBlobGas', 0n), new Uint8Array(32))
  }
  if (fork('pragueTime')) header.push(fromHex(NO_REQUESTS, 'requests'))
  // The hash of an empty block access list (EIP-7928), and the slot (EIP-7843).
  if (fork('amsterdamTime')) header.push(fromHex(NO_OMMERS, 'accesses'), number('slotNumber', 0n))
  return toHex(keccak_256(encodeRlp(header)))
}

/** @throws {UnknownForkError} when the config names a fork that is active and not known here */
function refuseUnknownForks(config: Json, block: bigint, timestamp: bigint): void {
  for (const [key, value] of Object.entries(config)) {
    const kind = /(Block|Time)$/.exec(key)?.[1]
    const isKnown = HEADER_FORKS.includes(key) || OTHER_FORKS.has(key)
    if (kind === undefined || value == null || isKnown) continue
    const from = quantityOf(value, `config.${key}`, 64)
    if (from <= (kind === 'Block' ? block : timestamp)) throw new UnknownForkError(key, value)
  }
}
