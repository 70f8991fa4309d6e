import { RATE, ROUND_CONSTANTS, ROUND_CONSTANTS_END } from './sponge'

// Keccak-f[1600] on two states at once: lane i of both lies side by side in one v128.
//
// As in the scalar form, a round reads one buffer and writes the other and collects the next column parities on its
// way. There is an and-not here, so no lane is complemented. Rotations by 8 and 56 are byte shuffles, by 1 an add:
// one or two instructions instead of three, 3 to 7 % of the whole.

/** The states between permutations, 25 lanes of 16 bytes. */
const STATE = memory.data(400, 16)
const OTHER = memory.data(400, 16)

// @ts-ignore: decorator
@inline
function rotl2(v: v128, by: i32): v128 {
  return v128.or(i64x2.shl(v, by), i64x2.shr_u(v, 64 - by))
}

// @ts-ignore: decorator
@inline
function rotl1(v: v128): v128 {
  return v128.or(i64x2.add(v, v), i64x2.shr_u(v, 63))
}

// @ts-ignore: decorator
@inline
function rotl8(v: v128): v128 {
  return i8x16.shuffle(v, v, 7, 0, 1, 2, 3, 4, 5, 6, 15, 8, 9, 10, 11, 12, 13, 14)
}

// @ts-ignore: decorator
@inline
function rotl56(v: v128): v128 {
  return i8x16.shuffle(v, v, 1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15, 8)
}

/** a ^ (~b & c) */
// @ts-ignore: decorator
@inline
function chi(a: v128, b: v128, c: v128): v128 {
  return v128.xor(a, v128.andnot(c, b))
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

function permute(): void {
  let s = STATE
  let t = OTHER
  let c0 = parity(s)
  let c1 = parity(s + 16)
  let c2 = parity(s + 32)
  let c3 = parity(s + 48)
  let c4 = parity(s + 64)
  let b0: v128, b1: v128, b2: v128, b3: v128, b4: v128, e: v128
  for (let rc = ROUND_CONSTANTS; rc < ROUND_CONSTANTS_END; rc += 8) {
    const d0 = v128.xor(c4, rotl1(c1))
    const d1 = v128.xor(c0, rotl1(c2))
    const d2 = v128.xor(c1, rotl1(c3))
    const d3 = v128.xor(c2, rotl1(c4))
    const d4 = v128.xor(c3, rotl1(c0))
    b0 = v128.xor(v128.load(s, 0), d0)
    b1 = rotl2(v128.xor(v128.load(s, 96), d1), 44)
    b2 = rotl2(v128.xor(v128.load(s, 192), d2), 43)
    b3 = rotl2(v128.xor(v128.load(s, 288), d3), 21)
    b4 = rotl2(v128.xor(v128.load(s, 384), d4), 14)
    c0 = v128.xor(chi(b0, b1, b2), v128.load64_splat(rc))
    v128.store(t, c0, 0)
    c1 = chi(b1, b2, b3)
    v128.store(t, c1, 16)
    c2 = chi(b2, b3, b4)
    v128.store(t, c2, 32)
    c3 = chi(b3, b4, b0)
    v128.store(t, c3, 48)
    c4 = chi(b4, b0, b1)
    v128.store(t, c4, 64)
    b0 = rotl2(v128.xor(v128.load(s, 48), d3), 28)
    b1 = rotl2(v128.xor(v128.load(s, 144), d4), 20)
    b2 = rotl2(v128.xor(v128.load(s, 160), d0), 3)
    b3 = rotl2(v128.xor(v128.load(s, 256), d1), 45)
    b4 = rotl2(v128.xor(v128.load(s, 352), d2), 61)
    e = chi(b0, b1, b2)
    c0 = v128.xor(c0, e)
    v128.store(t, e, 80)
    e = chi(b1, b2, b3)
    c1 = v128.xor(c1, e)
    v128.store(t, e, 96)
    e = chi(b2, b3, b4)
    c2 = v128.xor(c2, e)
    v128.store(t, e, 112)
    e = chi(b3, b4, b0)
    c3 = v128.xor(c3, e)
    v128.store(t, e, 128)
    e = chi(b4, b0, b1)
    c4 = v128.xor(c4, e)
    v128.store(t, e, 144)
    b0 = rotl1(v128.xor(v128.load(s, 16), d1))
    b1 = rotl2(v128.xor(v128.load(s, 112), d2), 6)
    b2 = rotl2(v128.xor(v128.load(s, 208), d3), 25)
    b3 = rotl8(v128.xor(v128.load(s, 304), d4))
    b4 = rotl2(v128.xor(v128.load(s, 320), d0), 18)
    e = chi(b0, b1, b2)
    c0 = v128.xor(c0, e)
    v128.store(t, e, 160)
    e = chi(b1, b2, b3)
    c1 = v128.xor(c1, e)
    v128.store(t, e, 176)
    e = chi(b2, b3, b4)
    c2 = v128.xor(c2, e)
    v128.store(t, e, 192)
    e = chi(b3, b4, b0)
    c3 = v128.xor(c3, e)
    v128.store(t, e, 208)
    e = chi(b4, b0, b1)
    c4 = v128.xor(c4, e)
    v128.store(t, e, 224)
    b0 = rotl2(v128.xor(v128.load(s, 64), d4), 27)
    b1 = rotl2(v128.xor(v128.load(s, 80), d0), 36)
    b2 = rotl2(v128.xor(v128.load(s, 176), d1), 10)
    b3 = rotl2(v128.xor(v128.load(s, 272), d2), 15)
    b4 = rotl56(v128.xor(v128.load(s, 368), d3))
    e = chi(b0, b1, b2)
    c0 = v128.xor(c0, e)
    v128.store(t, e, 240)
    e = chi(b1, b2, b3)
    c1 = v128.xor(c1, e)
    v128.store(t, e, 256)
    e = chi(b2, b3, b4)
    c2 = v128.xor(c2, e)
    v128.store(t, e, 272)
    e = chi(b3, b4, b0)
    c3 = v128.xor(c3, e)
    v128.store(t, e, 288)
    e = chi(b4, b0, b1)
    c4 = v128.xor(c4, e)
    v128.store(t, e, 304)
    b0 = rotl2(v128.xor(v128.load(s, 32), d2), 62)
    b1 = rotl2(v128.xor(v128.load(s, 128), d3), 55)
    b2 = rotl2(v128.xor(v128.load(s, 224), d4), 39)
    b3 = rotl2(v128.xor(v128.load(s, 240), d0), 41)
    b4 = rotl2(v128.xor(v128.load(s, 336), d1), 2)
    e = chi(b0, b1, b2)
    c0 = v128.xor(c0, e)
    v128.store(t, e, 320)
    e = chi(b1, b2, b3)
    c1 = v128.xor(c1, e)
    v128.store(t, e, 336)
    e = chi(b2, b3, b4)
    c2 = v128.xor(c2, e)
    v128.store(t, e, 352)
    e = chi(b3, b4, b0)
    c3 = v128.xor(c3, e)
    v128.store(t, e, 368)
    e = chi(b4, b0, b1)
    c4 = v128.xor(c4, e)
    v128.store(t, e, 384)
    const swap = s
    s = t
    t = swap
  }
}

/** Keccak-256 of `blocks` padded blocks at `a` and as many at `b` to the 32 bytes at `digestA` and `digestB`. */
export function hashTwo(a: usize, b: usize, blocks: usize, digestA: usize, digestB: usize): void {
  memory.fill(STATE, 0, 400)
  for (const end = a + blocks * RATE; a < end; a += RATE, b += RATE) {
    for (let at: usize = 0; at < RATE; at += 8) {
      const lane = STATE + (at << 1)
      const input = v128.load64_lane(b + at, v128.load64_zero(a + at), 1)
      v128.store(lane, v128.xor(v128.load(lane), input))
    }
    permute()
  }
  for (let at: usize = 0; at < 32; at += 8) {
    store<u64>(digestA + at, load<u64>(STATE + (at << 1)))
    store<u64>(digestB + at, load<u64>(STATE + (at << 1), 8))
  }
}
