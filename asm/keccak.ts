import { RATE, ROUND_CONSTANTS, ROUND_CONSTANTS_END } from './sponge'

// Keccak-f[1600], one state at a time.
//
// Lanes stay in linear memory: a round reads one buffer and writes the other, since 25 lanes do not fit into
// registers and memory operands fuse into the xor. The parities of the next round's columns are collected while its
// lanes are written. Six lanes (1, 2, 8, 12, 17, 20) are kept complemented, which leaves one "not" a row instead of
// five: V8 has no and-not for scalars. Together 1.5 times as fast as 24 unrolled rounds in locals.

/** The state between permutations, 25 lanes of 8 bytes. */
const STATE = memory.data(200, 16)
const OTHER = memory.data(200, 16)

function permute(): void {
  let s = STATE
  let t = OTHER
  let c0 = load<u64>(s, 0) ^ load<u64>(s, 40) ^ load<u64>(s, 80) ^ load<u64>(s, 120) ^ load<u64>(s, 160)
  let c1 = load<u64>(s, 8) ^ load<u64>(s, 48) ^ load<u64>(s, 88) ^ load<u64>(s, 128) ^ load<u64>(s, 168)
  let c2 = load<u64>(s, 16) ^ load<u64>(s, 56) ^ load<u64>(s, 96) ^ load<u64>(s, 136) ^ load<u64>(s, 176)
  let c3 = load<u64>(s, 24) ^ load<u64>(s, 64) ^ load<u64>(s, 104) ^ load<u64>(s, 144) ^ load<u64>(s, 184)
  let c4 = load<u64>(s, 32) ^ load<u64>(s, 72) ^ load<u64>(s, 112) ^ load<u64>(s, 152) ^ load<u64>(s, 192)
  let b0: u64, b1: u64, b2: u64, b3: u64, b4: u64, e: u64
  for (let rc = ROUND_CONSTANTS; rc < ROUND_CONSTANTS_END; rc += 8) {
    const d0 = c4 ^ rotl<u64>(c1, 1)
    const d1 = c0 ^ rotl<u64>(c2, 1)
    const d2 = c1 ^ rotl<u64>(c3, 1)
    const d3 = c2 ^ rotl<u64>(c4, 1)
    const d4 = c3 ^ rotl<u64>(c0, 1)
    b0 = load<u64>(s, 0) ^ d0
    b1 = rotl<u64>(load<u64>(s, 48) ^ d1, 44)
    b2 = rotl<u64>(load<u64>(s, 96) ^ d2, 43)
    b3 = rotl<u64>(load<u64>(s, 144) ^ d3, 21)
    b4 = rotl<u64>(load<u64>(s, 192) ^ d4, 14)
    c0 = b0 ^ (b1 | b2) ^ load<u64>(rc)
    store<u64>(t, c0, 0)
    c1 = b1 ^ (~b2 | b3)
    store<u64>(t, c1, 8)
    c2 = b2 ^ (b3 & b4)
    store<u64>(t, c2, 16)
    c3 = b3 ^ (b4 | b0)
    store<u64>(t, c3, 24)
    c4 = b4 ^ (b0 & b1)
    store<u64>(t, c4, 32)
    b0 = rotl<u64>(load<u64>(s, 24) ^ d3, 28)
    b1 = rotl<u64>(load<u64>(s, 72) ^ d4, 20)
    b2 = rotl<u64>(load<u64>(s, 80) ^ d0, 3)
    b3 = rotl<u64>(load<u64>(s, 128) ^ d1, 45)
    b4 = rotl<u64>(load<u64>(s, 176) ^ d2, 61)
    e = b0 ^ (b1 | b2)
    c0 ^= e
    store<u64>(t, e, 40)
    e = b1 ^ (b2 & b3)
    c1 ^= e
    store<u64>(t, e, 48)
    e = b2 ^ (b3 | ~b4)
    c2 ^= e
    store<u64>(t, e, 56)
    e = b3 ^ (b4 | b0)
    c3 ^= e
    store<u64>(t, e, 64)
    e = b4 ^ (b0 & b1)
    c4 ^= e
    store<u64>(t, e, 72)
    b0 = rotl<u64>(load<u64>(s, 8) ^ d1, 1)
    b1 = rotl<u64>(load<u64>(s, 56) ^ d2, 6)
    b2 = rotl<u64>(load<u64>(s, 104) ^ d3, 25)
    b3 = rotl<u64>(load<u64>(s, 152) ^ d4, 8)
    b4 = rotl<u64>(load<u64>(s, 160) ^ d0, 18)
    e = b0 ^ (b1 | b2)
    c0 ^= e
    store<u64>(t, e, 80)
    e = b1 ^ (b2 & b3)
    c1 ^= e
    store<u64>(t, e, 88)
    e = b2 ^ (~b3 & b4)
    c2 ^= e
    store<u64>(t, e, 96)
    e = ~b3 ^ (b4 | b0)
    c3 ^= e
    store<u64>(t, e, 104)
    e = b4 ^ (b0 & b1)
    c4 ^= e
    store<u64>(t, e, 112)
    b0 = rotl<u64>(load<u64>(s, 32) ^ d4, 27)
    b1 = rotl<u64>(load<u64>(s, 40) ^ d0, 36)
    b2 = rotl<u64>(load<u64>(s, 88) ^ d1, 10)
    b3 = rotl<u64>(load<u64>(s, 136) ^ d2, 15)
    b4 = rotl<u64>(load<u64>(s, 184) ^ d3, 56)
    e = b0 ^ (b1 & b2)
    c0 ^= e
    store<u64>(t, e, 120)
    e = b1 ^ (b2 | b3)
    c1 ^= e
    store<u64>(t, e, 128)
    e = b2 ^ (~b3 | b4)
    c2 ^= e
    store<u64>(t, e, 136)
    e = ~b3 ^ (b4 & b0)
    c3 ^= e
    store<u64>(t, e, 144)
    e = b4 ^ (b0 | b1)
    c4 ^= e
    store<u64>(t, e, 152)
    b0 = rotl<u64>(load<u64>(s, 16) ^ d2, 62)
    b1 = rotl<u64>(load<u64>(s, 64) ^ d3, 55)
    b2 = rotl<u64>(load<u64>(s, 112) ^ d4, 39)
    b3 = rotl<u64>(load<u64>(s, 120) ^ d0, 41)
    b4 = rotl<u64>(load<u64>(s, 168) ^ d1, 2)
    e = b0 ^ (~b1 & b2)
    c0 ^= e
    store<u64>(t, e, 160)
    e = ~b1 ^ (b2 | b3)
    c1 ^= e
    store<u64>(t, e, 168)
    e = b2 ^ (b3 & b4)
    c2 ^= e
    store<u64>(t, e, 176)
    e = b3 ^ (b4 | b0)
    c3 ^= e
    store<u64>(t, e, 184)
    e = b4 ^ (b0 & b1)
    c4 ^= e
    store<u64>(t, e, 192)
    const swap = s
    s = t
    t = swap
  }
}

function clear(): void {
  memory.fill(STATE, 0, 200)
  store<u64>(STATE, ~0, 1 * 8)
  store<u64>(STATE, ~0, 2 * 8)
  store<u64>(STATE, ~0, 8 * 8)
  store<u64>(STATE, ~0, 12 * 8)
  store<u64>(STATE, ~0, 17 * 8)
  store<u64>(STATE, ~0, 20 * 8)
}

/** Keccak-256 of `blocks` padded blocks at `input` to the 32 bytes at `digest`. */
export function hashBlocks(input: usize, blocks: usize, digest: usize): void {
  clear()
  for (const end = input + blocks * RATE; input < end; input += RATE) {
    for (let at: usize = 0; at < RATE; at += 8) {
      store<u64>(STATE + at, load<u64>(STATE + at) ^ load<u64>(input + at))
    }
    permute()
  }
  store<u64>(digest, load<u64>(STATE))
  store<u64>(digest, ~load<u64>(STATE, 8), 8)
  store<u64>(digest, ~load<u64>(STATE, 16), 16)
  store<u64>(digest, load<u64>(STATE, 24), 24)
}
