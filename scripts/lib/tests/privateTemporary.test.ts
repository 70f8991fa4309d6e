import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { privateTemporary } from './privateTemporary.mjs'

afterEach(() => {
  vi.unstubAllEnvs()
})

it('holds what is made meanwhile, names what is left of ours, and is removed with all of it', () => {
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) vi.stubEnv(name, tmpdir())
  const outside = tmpdir()
  const undos: (() => unknown)[] = []
  const leftBehind = privateTemporary((undo) => undos.push(undo))
  const inside = tmpdir()
  expect(inside).not.toBe(outside)
  expect(leftBehind()).toEqual([])
  const left = mkdtempSync(join(tmpdir(), 'cambium-left-'))
  writeFileSync(join(left, 'file'), '')
  mkdirSync(join(inside, '.org.chromium.Chromium.a1b2c3'))
  expect(leftBehind().map((name) => join(inside, name))).toEqual([left])
  for (const undo of undos) undo()
  expect(existsSync(inside)).toBe(false)
})
