import { describe, expect, it } from 'vitest'
import { TokenBucket } from './TokenBucket.ts'

function bucketOf(perSecond: number, burst?: number) {
  const clock = { ms: 0 }
  const bucket = new TokenBucket({
    perSecond,
    ...(burst !== undefined && { burst }),
    now: () => clock.ms,
  })
  return { bucket, clock }
}

describe('TokenBucket', () => {
  it('has a second in hand, and lets wait who took more', () => {
    const { bucket, clock } = bucketOf(1000)
    expect([bucket.waitMs, bucket.full]).toEqual([0, true])
    bucket.take(999)
    expect([bucket.waitMs, bucket.full]).toEqual([0, false])
    bucket.take(501)
    expect(bucket.waitMs).toBe(500)
    clock.ms = 499
    expect(bucket.waitMs).toBe(1)
    clock.ms = 501
    expect(bucket.waitMs).toBe(0)
    clock.ms = 10_000
    expect(bucket.full).toBe(true)
    bucket.take(1000)
    expect(bucket.waitMs).toBe(1)
  })

  it('gives by what there is', () => {
    const { bucket, clock } = bucketOf(10, 2)
    expect([bucket.tryTake(1), bucket.tryTake(1), bucket.tryTake(1)]).toEqual([true, true, false])
    clock.ms = 101
    expect([bucket.tryTake(1), bucket.tryTake(1)]).toEqual([true, false])
  })

  it('may be without limit', () => {
    const { bucket, clock } = bucketOf(Number.POSITIVE_INFINITY)
    bucket.take(2 ** 50)
    expect([bucket.waitMs, bucket.full, bucket.tryTake(1)]).toEqual([0, true, true])
    clock.ms = 5
    expect([bucket.waitMs, bucket.full]).toEqual([0, true])
  })
})
