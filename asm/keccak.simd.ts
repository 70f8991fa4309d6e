import { RATE } from './layout'
import { ROUND_CONSTANTS, ROUND_CONSTANTS_END } from './sponge'

// Keccak-f[1600] on two states at once (FIPS 202, section 3): lane i of both lies side by side in
// one v128.
//
// As in the scalar form, a round reads one buffer and writes the other and collects the next column
// parities on its way. There is an and-not here, so no lane is complemented. The rotation by 1 is
// an add, which has more ports than a shift. Those by 8 and 56 are no byte shuffles: V8 makes the
// mask anew each time, 5 instructions instead of 3 and 5 % of the whole. Two rounds an iteration
// gain nothing here, nor do parities or theta's words in memory instead of registers, although V8
// spills some: 5 to 15 % slower. A last round of four lanes instead of 25, and a first block that
// is stored and not added to zeros, are worth 8 % of one block.

/** The states between permutations, 25 lanes of 16 bytes. */
const STATE = memory.data(400, 16)
const OTHER = memory.data(400, 16)

// @ts-ignore: decorator
@inline
function rotl(v: v128, by: i32): v128 {
  return v128.or(i64x2.shl(v, by), i64x2.shr_u(v, 64 - by))
}

// @ts-ignore: decorator
@inline
function rotl1(v: v128): v128 {
  return v128.or(i64x2.add(v, v), i64x2.shr_u(v, 63))
}

/** a ^ (~b & c) */
// @ts-ignore: decorator
@inline
function chi(a: v128, b: v128, c: v128): v128 {
  return v128.xor(a, v128.andnot(c, b))
}

/** Theta on one lane of both: what it holds, with what its neighbour columns say. */
// @ts-ignore: decorator
@inline
function xored(state: usize, lane: usize, d: v128): v128 {
  return v128.xor(v128.load(state + (lane << 4)), d)
}

/** Stores a lane of both and returns it. */
// @ts-ignore: decorator
@inline
function written(state: usize, lane: usize, value: v128): v128 {
  v128.store(state + (lane << 4), value)
  return value
}

/** The parity of the column that starts at `lane`. */
// @ts-ignore: decorator
@inline
function parity(lane: usize): v128 {
  return v128.xor(
    v128.xor(v128.load(lane), v128.load(lane, 80)),
    v128.xor(v128.xor(v128.load(lane, 160), v128.load(lane, 240)), v128.load(lane, 320)),
  )
}

/**
 * Permutes the states; or, with `isLast`, only as far as the digests need it, which this writes.
 */
function permute(isLast: bool, digestA: usize, digestB: usize): void {
  let s = STATE
  let t = OTHER
  let c0 = parity(s)
  let c1 = parity(s + 16)
  let c2 = parity(s + 32)
  let c3 = parity(s + 48)
  let c4 = parity(s + 64)
  let d0: v128, d1: v128, d2: v128, d3: v128, d4: v128
  let b0: v128, b1: v128, b2: v128, b3: v128, b4: v128
  const end = isLast ? ROUND_CONSTANTS_END - 8 : ROUND_CONSTANTS_END
  for (let rc = ROUND_CONSTANTS; rc < end; rc += 8) {
    d0 = v128.xor(c4, rotl1(c1))
    d1 = v128.xor(c0, rotl1(c2))
    d2 = v128.xor(c1, rotl1(c3))
    d3 = v128.xor(c2, rotl1(c4))
    d4 = v128.xor(c3, rotl1(c0))

    b0 = xored(s, 0, d0)
    b1 = rotl(xored(s, 6, d1), 44)
    b2 = rotl(xored(s, 12, d2), 43)
    b3 = rotl(xored(s, 18, d3), 21)
    b4 = rotl(xored(s, 24, d4), 14)
    c0 = written(t, 0, v128.xor(chi(b0, b1, b2), v128.load64_splat(rc)))
    c1 = written(t, 1, chi(b1, b2, b3))
    c2 = written(t, 2, chi(b2, b3, b4))
    c3 = written(t, 3, chi(b3, b4, b0))
    c4 = written(t, 4, chi(b4, b0, b1))

    b0 = rotl(xored(s, 3, d3), 28)
    b1 = rotl(xored(s, 9, d4), 20)
    b2 = rotl(xored(s, 10, d0), 3)
    b3 = rotl(xored(s, 16, d1), 45)
    b4 = rotl(xored(s, 22, d2), 61)
    c0 = v128.xor(c0, written(t, 5, chi(b0, b1, b2)))
    c1 = v128.xor(c1, written(t, 6, chi(b1, b2, b3)))
    c2 = v128.xor(c2, written(t, 7, chi(b2, b3, b4)))
    c3 = v128.xor(c3, written(t, 8, chi(b3, b4, b0)))
    c4 = v128.xor(c4, written(t, 9, chi(b4, b0, b1)))

    b0 = rotl1(xored(s, 1, d1))
    b1 = rotl(xored(s, 7, d2), 6)
    b2 = rotl(xored(s, 13, d3), 25)
    b3 = rotl(xored(s, 19, d4), 8)
    b4 = rotl(xored(s, 20, d0), 18)
    c0 = v128.xor(c0, written(t, 10, chi(b0, b1, b2)))
    c1 = v128.xor(c1, written(t, 11, chi(b1, b2, b3)))
    c2 = v128.xor(c2, written(t, 12, chi(b2, b3, b4)))
    c3 = v128.xor(c3, written(t, 13, chi(b3, b4, b0)))
    c4 = v128.xor(c4, written(t, 14, chi(b4, b0, b1)))

    b0 = rotl(xored(s, 4, d4), 27)
    b1 = rotl(xored(s, 5, d0), 36)
    b2 = rotl(xored(s, 11, d1), 10)
    b3 = rotl(xored(s, 17, d2), 15)
    b4 = rotl(xored(s, 23, d3), 56)
    c0 = v128.xor(c0, written(t, 15, chi(b0, b1, b2)))
    c1 = v128.xor(c1, written(t, 16, chi(b1, b2, b3)))
    c2 = v128.xor(c2, written(t, 17, chi(b2, b3, b4)))
    c3 = v128.xor(c3, written(t, 18, chi(b3, b4, b0)))
    c4 = v128.xor(c4, written(t, 19, chi(b4, b0, b1)))

    b0 = rotl(xored(s, 2, d2), 62)
    b1 = rotl(xored(s, 8, d3), 55)
    b2 = rotl(xored(s, 14, d4), 39)
    b3 = rotl(xored(s, 15, d0), 41)
    b4 = rotl(xored(s, 21, d1), 2)
    c0 = v128.xor(c0, written(t, 20, chi(b0, b1, b2)))
    c1 = v128.xor(c1, written(t, 21, chi(b1, b2, b3)))
    c2 = v128.xor(c2, written(t, 22, chi(b2, b3, b4)))
    c3 = v128.xor(c3, written(t, 23, chi(b3, b4, b0)))
    c4 = v128.xor(c4, written(t, 24, chi(b4, b0, b1)))

    const swap = s
    s = t
    t = swap
  }
  if (!isLast) return
  // Of the last round, digests need four lanes of 25.
  b0 = xored(s, 0, v128.xor(c4, rotl1(c1)))
  b1 = rotl(xored(s, 6, v128.xor(c0, rotl1(c2))), 44)
  b2 = rotl(xored(s, 12, v128.xor(c1, rotl1(c3))), 43)
  b3 = rotl(xored(s, 18, v128.xor(c2, rotl1(c4))), 21)
  b4 = rotl(xored(s, 24, v128.xor(c3, rotl1(c0))), 14)
  squeeze(0, v128.xor(chi(b0, b1, b2), v128.load64_splat(end)), digestA, digestB)
  squeeze(1, chi(b1, b2, b3), digestA, digestB)
  squeeze(2, chi(b2, b3, b4), digestA, digestB)
  squeeze(3, chi(b3, b4, b0), digestA, digestB)
}

// @ts-ignore: decorator
@inline
function squeeze(lane: usize, value: v128, digestA: usize, digestB: usize): void {
  v128.store64_lane(digestA + (lane << 3), value, 0)
  v128.store64_lane(digestB + (lane << 3), value, 1)
}

/**
 * Keccak-256 of `blocks` padded blocks at `a` and as many at `b` to the 32 bytes at `digestA` and
 * `digestB`.
 */
export function hashTwo(a: usize, b: usize, blocks: usize, digestA: usize, digestB: usize): void {
  for (let at: usize = 0; at < RATE; at += 8) v128.store(STATE + (at << 1), input(a + at, b + at))
  for (let at = RATE; at < 200; at += 8) v128.store(STATE + (at << 1), i64x2.splat(0))
  for (; blocks > 1; blocks--) {
    permute(false, 0, 0)
    a += RATE
    b += RATE
    for (let at: usize = 0; at < RATE; at += 8) {
      v128.store(STATE + (at << 1), v128.xor(v128.load(STATE + (at << 1)), input(a + at, b + at)))
    }
  }
  permute(true, digestA, digestB)
}

/** Eight bytes of both inputs. */
// @ts-ignore: decorator
@inline
function input(a: usize, b: usize): v128 {
  return v128.load64_lane(b, v128.load64_zero(a), 1)
}
