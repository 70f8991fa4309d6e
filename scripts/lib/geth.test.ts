import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { geth } from './geth.mjs'

const directory = mkdtempSync(join(tmpdir(), 'cambium-geth-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** A machine of its own: programs on its path, and the place of the project's own geth. */
let machine: string
let number = 0
beforeEach(() => {
  machine = join(directory, String(number++))
})

/** Writes a program, as a script for the shell. */
function program(place: string, name: string, script: string): string {
  mkdirSync(join(machine, place), { recursive: true })
  const path = join(machine, place, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

const telling = (version: string) => `echo Geth; echo "Version: ${version}"`

function find(env: Record<string, string> = {}) {
  const lines: string[] = []
  const log = (line: string) => void lines.push(line)
  const place = join(machine, 'own')
  const found = geth({ log, place, goPlaces: [], env: { PATH: join(machine, 'bin'), ...env } })
  return { ...found, lines }
}

describe('geth is found', () => {
  it('by GETH_PATH before all others', () => {
    program('bin', 'geth', telling('1.18.0-stable'))
    const path = program('elsewhere', 'geth', telling('1.17.1-unstable'))
    const found = find({ GETH_PATH: path })
    expect(found).toEqual({ path, version: '1.17.1-unstable', from: 'GETH_PATH', lines: [] })
  })

  it('on the path', () => {
    const path = program('bin', 'geth', telling('2.0.0-stable'))
    expect(find()).toEqual({ path, version: '2.0.0-stable', from: 'installed', lines: [] })
  })

  it('where it was built before, when the one on the path is too old', () => {
    const old = program('bin', 'geth', telling('1.16.9-stable'))
    const path = program('own/1.17.5', 'geth', telling('1.17.5-stable'))
    const lines = [`${old} is no geth 1.17 or newer`]
    expect(find()).toEqual({ path, version: '1.17.5-stable', from: "the project's own", lines })
  })
})

describe('geth is refused in one line', () => {
  it.each([
    ['that names no file', undefined, /^GETH_PATH names no file: .*nowhere$/],
    ['that is too old', telling('1.16.9'), /^GETH_PATH names no geth 1\.17 or newer: .*nowhere$/],
    ['that is another program', 'echo hello', /^GETH_PATH names no geth 1\.17 or newer: /],
  ])('by a GETH_PATH %s', (_, script, words) => {
    const path = join(machine, 'bin', 'nowhere')
    if (script !== undefined) program('bin', 'nowhere', script)
    expect(() => find({ GETH_PATH: path })).toThrow(words)
  })

  it('where Go is too old to build it', () => {
    program('bin', 'go', 'echo go1.19.8')
    expect(() => find()).toThrow(
      'go1.19.8 is too old to build geth, it takes 1.21: install geth 1.17 or newer, or set GETH_PATH to it',
    )
  })

  it('where Go cannot build it', () => {
    program(
      'bin',
      'go',
      '[ "$1" = env ] && echo go1.26.1 && exit; echo first >&2; echo no net >&2; exit 1',
    )
    expect(() => find()).toThrow(/^geth 1\.17\.5 could not be built: no net; install geth 1\.17/)
  })
})

/** A toolchain that builds a geth which tells how it was built. */
const TOOLCHAIN = `[ "$1" = env ] && echo go1.26.1 && exit
  echo '#!/bin/sh' > "$GOBIN/geth"
  echo "echo Version: 1.17.5-stable; echo $* $GOFLAGS $GOTOOLCHAIN" >> "$GOBIN/geth"
  /bin/chmod +x "$GOBIN/geth"`

it('geth is built by its module path, into the place of the project, once', () => {
  program('bin', 'go', TOOLCHAIN)
  const path = join(machine, 'own', '1.17.5', 'geth')
  expect(find()).toEqual({
    ...{ path, version: '1.17.5-stable', from: 'built with go1.26.1' },
    lines: ['building geth 1.17.5 with go1.26.1, which takes some minutes'],
  })
  expect(execFileSync(path, { encoding: 'utf8' })).toContain(
    'install github.com/ethereum/go-ethereum/cmd/geth@v1.17.5 -mod=mod auto\n',
  )
  expect(find()).toMatchObject({ path, from: "the project's own", lines: [] })
})

it('Go comes from the package manager where it is missing', () => {
  const go = program('packages', 'go', TOOLCHAIN)
  const calls = join(machine, 'calls')
  program('bin', 'sudo', 'shift; exec "$@"')
  program(
    'bin',
    'apt-get',
    `echo "$*" >> ${calls}; [ "$1" = install ] && /bin/cp ${go} ${join(machine, 'bin')}; true`,
  )
  expect(find().lines).toEqual([
    'installing Go with apt-get',
    'building geth 1.17.5 with go1.26.1, which takes some minutes',
  ])
  expect(readFileSync(calls, 'utf8').split('\n').slice(-3)).toEqual([
    'update',
    'install -y --no-install-recommends golang-go',
    '',
  ])
})

it('where there is neither, one line says what is missing', () => {
  expect(() => find()).toThrow(
    'no geth and no Go to build it with (https://go.dev/dl): install geth 1.17 or newer, or set GETH_PATH to it',
  )
})
