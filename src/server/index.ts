/**
 * The parts that a server of state is made of, such as `cambium-bridge`: states in memory, snap/1
 * messages, requests and answers, frames over libp2p streams, heads and faults, RLP and proofs.
 * `cambium-bridge` depends on one exact version of it: names here may change with every release.
 *
 * @packageDocumentation
 */

export { decodeAccount } from '../account/accountCodec.ts'
export { emptyRoot } from '../account/emptyHashes.ts'
export { AccountEncodingError } from '../account/errors.ts'
export { expandSlimAccounts } from '../account/expandSlimAccounts.ts'
export { AsyncQueue } from '../base/AsyncQueue.ts'
export { backOff } from '../base/backOff.ts'
export { compareBytes } from '../base/bytes/compareBytes.ts'
export { FIRST_HASH, LAST_HASH } from '../base/bytes/hash32.ts'
export { fromHex, type Hex, toHex } from '../base/bytes/hex.ts'
export { CambiumError } from '../base/CambiumError.ts'
export { type Clock, systemClock } from '../base/Clock.ts'
export { LruMap } from '../base/LruMap.ts'
export { PendingCalls } from '../base/PendingCalls.ts'
export { sleep } from '../base/sleep.ts'
export type { BlockHeader } from '../chain/Header.ts'
export { NETWORKS, type Network, type NetworkName } from '../chain/networks.ts'
export { packLeaves } from '../leaves/packLeaves.ts'
export { transportOf } from '../libp2p/bridgeAddresses.ts'
export { CONNECTION_MONITOR } from '../libp2p/connectionMonitor.ts'
export { HalfOpenPeerError, MultiaddrError, SlowPeerError } from '../libp2p/errors.ts'
export { decodeFault } from '../libp2p/protocols/faultCodec.ts'
export { encodeHead } from '../libp2p/protocols/headCodec.ts'
export { FAULT_PROTOCOL, HEAD_PROTOCOL, SNAP_PROTOCOL } from '../libp2p/protocols/protocol.ts'
export { streamPipe } from '../libp2p/streamPipe.ts'
export { provideWithResolvers } from '../libp2p/withResolvers.ts'
export type { FramePipe } from '../pipes/FramePipe.ts'
export { encodeRlp, type RlpInput } from '../rlp/encodeRlp.ts'
export { RlpError } from '../rlp/errors.ts'
export { RlpReader } from '../rlp/RlpReader.ts'
export type { AccountEntry } from '../served/AccountEntry.ts'
export { accountEntries } from '../served/accountEntries.ts'
export { type BlockShape, ChangingState } from '../served/changing/ChangingState.ts'
export { AccountMismatchError } from '../served/errors.ts'
export { type MemoryState, type MemoryStateOptions, memoryState } from '../served/memoryState.ts'
export type { StateSize } from '../served/StateSize.ts'
export type { StateSource } from '../served/StateSource.ts'
export { answerKind } from '../snap/answerKind.ts'
export { decodeMessage, decodeMessageHead } from '../snap/decodeMessage.ts'
export { emptyFields, isEmptyResponse } from '../snap/emptyResponse.ts'
export { encodeMessage } from '../snap/encodeMessage.ts'
export { PeerProtocolError, RequestTimeoutError, SnapRequestError } from '../snap/errors.ts'
export type { RawResponse } from '../snap/RawResponse.ts'
export { SnapClient } from '../snap/SnapClient.ts'
export {
  type AccountRange,
  type ByteCodes,
  type GetByteCodes,
  type GetStorageRanges,
  type GetTrieNodes,
  SNAP_KINDS,
  type SnapRequest,
  type SnapResponse,
  type StorageRanges,
  type TrieNodes,
} from '../snap/SnapMessage.ts'
export type { SnapServer } from '../snap/server/SnapServer.ts'
export { serveSnap } from '../snap/server/serveSnap.ts'
export { stateServer } from '../snap/server/stateServer.ts'
export { toRawResponse } from '../snap/server/toRawResponse.ts'
export { decodeCompactPath } from '../trie/compactPath.ts'
export { MissingNodeError, TrieNodeError } from '../trie/errors.ts'
export { bytesToNibbles, type NibblePath } from '../trie/nibbles.ts'
export { referencedHash } from '../trie/nodeReference.ts'
export { verifyProof } from '../trie/verifyProof.ts'
export { walkPath } from '../trie/walkPath.ts'
export { createVerifier } from '../verifier/createVerifier.ts'
export { RangeProofError } from '../verifier/errors.ts'
export type { RangeClaim, Verifier } from '../verifier/Verifier.ts'
