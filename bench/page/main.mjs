// What runs in Chromium: each function does one benchmark and returns its figures.
import { keccak } from './keccak.mjs'
import { range } from './range.mjs'
import { bare, open, reads, sync } from './sync.mjs'
import { write } from './write.mjs'

Object.assign(globalThis, { bench: { keccak, range, write, sync, bare, open, reads } })
