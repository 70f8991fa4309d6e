// `tsc` checks this file with all others: a type that changes for those who use the package is red
// in the check "types".
import { expectTypeOf } from 'vitest'
import {
  type AccountState,
  type Block,
  type ConnectionEvent,
  createStateSync,
  type Fault,
  type Hex,
  type Progress,
  type StateSyncEvents,
  type StateSyncHandle,
  type SyncStatus,
  type TrustedHeader,
  type Verified,
} from '../../src/index.ts'
import { libp2pPeers } from '../../src/libp2p/index.ts'

const chain = { id: 1, genesisHash: '0x00' } as const
declare const headers: AsyncIterable<TrustedHeader>

// What may be asked for.
expectTypeOf(createStateSync({ chain, trust: '0x00' })).resolves.toEqualTypeOf<StateSyncHandle>()
createStateSync({ chain, trust: headers, peers: libp2pPeers({ bridges: [] }), verifiers: 2 })
createStateSync({ chain, trust: '0x00', store: { kind: 'memory' } })
createStateSync({ chain, trust: '0x00', worker: new MessageChannel().port1 })

// Trust has no default.
// @ts-expect-error
createStateSync({ chain })
// @ts-expect-error
createStateSync({ chain, trust: undefined })
// A root is hexadecimal with its prefix.
// @ts-expect-error
createStateSync({ chain, trust: 'ff' })
// @ts-expect-error
createStateSync({ chain, trust: '0x00', store: { kind: 'disk' } })
// @ts-expect-error
createStateSync({ chain, trust: '0x00', maxPivotAge: '120' })

declare const sync: StateSyncHandle

// What is answered.
expectTypeOf(sync.getAccount('0x00')).resolves.toEqualTypeOf<Verified<AccountState | undefined>>()
expectTypeOf(sync.getStorage('0x00', 1n)).resolves.toEqualTypeOf<Verified<Hex>>()
expectTypeOf(sync.getCode('0x00')).resolves.toEqualTypeOf<Verified<Hex>>()
expectTypeOf<Verified<number>['value']>().toEqualTypeOf<number>()
expectTypeOf<Verified<number>['stateRoot']>().toEqualTypeOf<Hex>()
expectTypeOf<AccountState['balance']>().toEqualTypeOf<bigint>()
// A slot is a number of any size, so a `number` is refused.
// @ts-expect-error
sync.getStorage('0x00', 1)

// What is told.
expectTypeOf<StateSyncEvents['progress']>().toEqualTypeOf<Progress>()
expectTypeOf<StateSyncEvents['fault']>().toEqualTypeOf<Fault>()
expectTypeOf<StateSyncEvents['connection']>().toEqualTypeOf<ConnectionEvent>()
expectTypeOf<StateSyncEvents['head' | 'pivot' | 'commit']>().toEqualTypeOf<Block>()
expectTypeOf<StateSyncEvents['status']['status']>().toEqualTypeOf<SyncStatus>()
sync.addEventListener('commit', (event) => {
  expectTypeOf(event).toEqualTypeOf<CustomEvent<Block>>()
})
// @ts-expect-error
sync.addEventListener('done', () => {})
