// Keccak-256, one state at a time, as a native client has it. Compiled by the benchmark with gcc -O3 -mavx2 -mbmi2.
//
//   keccak SIZE COUNT    hashes a batch of COUNT inputs of SIZE bytes
//
// Prints the digest of the last input; then, for each line with a time in ms, the batches per second.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RATE 136

static const uint64_t RC[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

static inline uint64_t rotl(uint64_t v, int by) { return (v << by) | (v >> (64 - by)); }

// Lanes in locals, every step unrolled: what compilers of native code do best with.
static void permute(uint64_t *a) {
  uint64_t a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3], a4 = a[4], a5 = a[5], a6 = a[6], a7 = a[7], a8 = a[8], a9 = a[9];
  uint64_t a10 = a[10], a11 = a[11], a12 = a[12], a13 = a[13], a14 = a[14], a15 = a[15], a16 = a[16], a17 = a[17];
  uint64_t a18 = a[18], a19 = a[19], a20 = a[20], a21 = a[21], a22 = a[22], a23 = a[23], a24 = a[24];
  for (int round = 0; round < 24; round++) {
    uint64_t c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20, c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21, c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22;
    uint64_t c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23, c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
    uint64_t d0 = c4 ^ rotl(c1, 1), d1 = c0 ^ rotl(c2, 1), d2 = c1 ^ rotl(c3, 1), d3 = c2 ^ rotl(c4, 1), d4 = c3 ^ rotl(c0, 1);
    uint64_t b0 = a0 ^ d0, b1 = rotl(a6 ^ d1, 44), b2 = rotl(a12 ^ d2, 43), b3 = rotl(a18 ^ d3, 21), b4 = rotl(a24 ^ d4, 14);
    uint64_t b5 = rotl(a3 ^ d3, 28), b6 = rotl(a9 ^ d4, 20), b7 = rotl(a10 ^ d0, 3), b8 = rotl(a16 ^ d1, 45), b9 = rotl(a22 ^ d2, 61);
    uint64_t b10 = rotl(a1 ^ d1, 1), b11 = rotl(a7 ^ d2, 6), b12 = rotl(a13 ^ d3, 25), b13 = rotl(a19 ^ d4, 8), b14 = rotl(a20 ^ d0, 18);
    uint64_t b15 = rotl(a4 ^ d4, 27), b16 = rotl(a5 ^ d0, 36), b17 = rotl(a11 ^ d1, 10), b18 = rotl(a17 ^ d2, 15), b19 = rotl(a23 ^ d3, 56);
    uint64_t b20 = rotl(a2 ^ d2, 62), b21 = rotl(a8 ^ d3, 55), b22 = rotl(a14 ^ d4, 39), b23 = rotl(a15 ^ d0, 41), b24 = rotl(a21 ^ d1, 2);
    a0 = b0 ^ (~b1 & b2) ^ RC[round], a1 = b1 ^ (~b2 & b3), a2 = b2 ^ (~b3 & b4), a3 = b3 ^ (~b4 & b0), a4 = b4 ^ (~b0 & b1);
    a5 = b5 ^ (~b6 & b7), a6 = b6 ^ (~b7 & b8), a7 = b7 ^ (~b8 & b9), a8 = b8 ^ (~b9 & b5), a9 = b9 ^ (~b5 & b6);
    a10 = b10 ^ (~b11 & b12), a11 = b11 ^ (~b12 & b13), a12 = b12 ^ (~b13 & b14), a13 = b13 ^ (~b14 & b10), a14 = b14 ^ (~b10 & b11);
    a15 = b15 ^ (~b16 & b17), a16 = b16 ^ (~b17 & b18), a17 = b17 ^ (~b18 & b19), a18 = b18 ^ (~b19 & b15), a19 = b19 ^ (~b15 & b16);
    a20 = b20 ^ (~b21 & b22), a21 = b21 ^ (~b22 & b23), a22 = b22 ^ (~b23 & b24), a23 = b23 ^ (~b24 & b20), a24 = b24 ^ (~b20 & b21);
  }
  a[0] = a0, a[1] = a1, a[2] = a2, a[3] = a3, a[4] = a4, a[5] = a5, a[6] = a6, a[7] = a7, a[8] = a8, a[9] = a9;
  a[10] = a10, a[11] = a11, a[12] = a12, a[13] = a13, a[14] = a14, a[15] = a15, a[16] = a16, a[17] = a17;
  a[18] = a18, a[19] = a19, a[20] = a20, a[21] = a21, a[22] = a22, a[23] = a23, a[24] = a24;
}

static void absorb(uint64_t *state, const uint8_t *block) {
  for (int lane = 0; lane < RATE / 8; lane++) {
    uint64_t word;
    memcpy(&word, block + 8 * lane, 8);
    state[lane] ^= word;
  }
  permute(state);
}

static void keccak256(const uint8_t *input, size_t size, uint8_t *digest) {
  uint64_t state[25] = {0};
  uint8_t last[RATE] = {0};
  for (; size >= RATE; size -= RATE, input += RATE) absorb(state, input);
  memcpy(last, input, size);
  last[size] = 1;
  last[RATE - 1] |= 0x80;
  absorb(state, last);
  memcpy(digest, state, 32);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

int main(int count_of_args, char **args) {
  if (count_of_args != 3) return 2;
  const size_t size = strtoul(args[1], NULL, 10), count = strtoul(args[2], NULL, 10);
  uint8_t *inputs = malloc(size * count), *digests = malloc(32 * count);
  for (size_t index = 0; index < count; index++)
    for (size_t at = 0; at < size; at++) inputs[index * size + at] = (index * 31 + at * 7) & 255;
  for (size_t index = 0; index < count; index++) keccak256(inputs + index * size, size, digests + 32 * index);
  for (int at = 0; at < 32; at++) printf("%02x", digests[32 * (count - 1) + at]);
  printf("\n");
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    const double ms = atof(line), start = now();
    double elapsed;
    long runs = 0;
    do {
      for (size_t index = 0; index < count; index++) keccak256(inputs + index * size, size, digests + 32 * index);
      runs++;
      elapsed = now() - start;
    } while (elapsed < ms);
    printf("%f\n", runs * 1000 / elapsed);
    fflush(stdout);
  }
  return 0;
}
