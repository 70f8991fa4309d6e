import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cliOptions } from './cliOptions.ts'
import { UsageError } from './errors.ts'
import { helpText } from './helpText.ts'
import { type CliOption, OPTION_TABLE, type OptionName, variableOf } from './optionTable.ts'

const options = Object.entries(OPTION_TABLE) as [OptionName, CliOption][]
const variables = options.filter(([, { flagOnly }]) => !flagOnly)
const docs = readFileSync(new URL('../../../docs/bridge.md', import.meta.url), 'utf8')

/** Two values of each option that has one, as texts. */
const TEXTS: Record<string, [string, string]> = {
  STATE: ['hoodi', 'sepolia'],
  SECONDS: ['2', '3.5'],
  N: ['7', '8'],
  IP: ['127.0.0.2', '127.0.0.3'],
  PORT: ['5001', '5002'],
  ADDR: ['/ip4/1.2.3.4/tcp/1/ws', '/ip4/1.2.3.4/tcp/2/ws'],
  DIR: ['/keys/a', '/keys/b'],
  BYTES: ['64K', '2M'],
  CIDR: ['10.0.0.0/8', '192.0.2.1/32'],
  LEVEL: ['info', 'debug'],
  FORMAT: ['json', 'text'],
}

/** What a bridge is started with; a seed needs blocks. */
function started(name: OptionName, args: string[], env: Record<string, string>) {
  const first = name === 'state' ? [] : ['--state', 'mainnet']
  const blocks = name === 'seed' ? ['--blocks', '1'] : []
  return cliOptions([...first, ...blocks, ...args], env)
}

describe('the options of the command', () => {
  it.each(options)('has --%s in its help and its docs, with its variable', (name, option) => {
    const value = option.value === undefined ? '' : ` ${option.value}`
    expect(helpText()).toMatch(new RegExp(`^  --${name}${value}(  |$)`, 'm'))
    expect(docs.includes(`\`--${name}`)).toBe(true)
    expect(
      helpText()
        .split('\n')
        .map((line) => line.trim()),
    ).toContain(option.flagOnly ? '' : variableOf(name))
  })

  it('keeps its help within 84 columns, and tells every default', () => {
    const text = helpText()
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(84)
    for (const [, option] of options) {
      if (option.default !== undefined) {
        expect(text.replace(/\s+/g, ' ')).toContain(`default ${option.default})`)
      }
    }
  })

  it.each(variables.filter(([, { value }]) => value !== undefined))(
    'takes --%s from its variable, and the flag before it',
    (name, { value = '' }) => {
      const [one, other] = TEXTS[value]!
      const byFlag = started(name, [`--${name}`, one], {})
      expect(started(name, [], { [variableOf(name)]: one })).toEqual(byFlag)
      expect(started(name, [`--${name}`, one], { [variableOf(name)]: other })).toEqual(byFlag)
      expect(started(name, [`--${name}`, other], {})).not.toEqual(byFlag)
      expect(started(name, [`--${name}`, one], { [variableOf(name)]: '~ no such value' })).toEqual(
        byFlag,
      )
    },
  )

  it.each(['json', 'quiet'] as const)('takes the switch --%s from its variable', (output) => {
    const variable = variableOf(output)
    expect(started(output, [], { [variable]: '1' })).toMatchObject({ output })
    expect(started(output, [], { [variable]: 'false' })).toMatchObject({ output: 'text' })
    expect(started(output, [`--no-${output}`], { [variable]: '1' })).toMatchObject({
      output: 'text',
    })
  })

  it('takes several values from one variable', () => {
    const announce = ['/dns4/a.example/tcp/443/wss', '/dns4/b.example/tcp/443/wss']
    for (const between of [',', ' ', ' , ', '\n']) {
      const env = { CAMBIUM_BRIDGE_ANNOUNCE: announce.join(between) }
      expect(started('announce', [], env)).toMatchObject({ bridge: { announce } })
    }
  })

  it.each([
    ['ws-port', '65536', 'from 0 to 65535'],
    ['http-port', '', 'from 0 to 65535'],
    ['webrtc-port', '0x50', 'from 0 to 65535'],
    ['blocks', '1e3', 'a number of seconds'],
    ['max-connections', '-1', 'a whole number'],
    ['max-connections', '99999999999999999999', 'a whole number'],
    ['rate', '1.5M', 'a number of bytes'],
    ['rate', 'M', 'a number of bytes'],
    ['rate-per-ip', '1T', 'a number of bytes'],
    ['shared-ip', '10.0.0.0/33', 'an IP address or a network'],
    ['shared-ip', 'fe80::/129', 'an IP address or a network'],
    ['deny-ip', 'example.org', 'an IP address or a network'],
    ['deny-ip', '10.0.0.0/', 'an IP address or a network'],
    ['log-level', 'loud', 'trace, debug, info, warn, error, fatal or silent'],
    ['log-format', 'xml', 'text or json'],
  ] as const)('refuses --%s %j, by the name that it was given under', (name, text, expected) => {
    const message = (given: string) =>
      expect.stringMatching(
        new RegExp(`^${given} must be .*${expected}.*, got ${JSON.stringify(text)} `),
      )
    expect(() => started(name, [`--${name}=${text}`], {})).toThrow(
      expect.objectContaining({ code: 'USAGE', message: message(`--${name}`) }),
    )
    if (text === '') return
    expect(() => started(name, [], { [variableOf(name)]: text })).toThrow(
      expect.objectContaining({ code: 'USAGE', message: message(variableOf(name)) }),
    )
  })

  it('refuses to serve without a state, and says both of its names', () => {
    expect(() => cliOptions([], { CAMBIUM_BRIDGE_STATE: '' })).toThrow(UsageError)
    expect(() => cliOptions([], {})).toThrow('--state (or CAMBIUM_BRIDGE_STATE)')
  })

  it.each(['docs/bridge.md', 'docs/systemd/cambium-bridge.service', 'docs/docker/Dockerfile'])(
    'knows every variable that %s sets',
    (path) => {
      const text = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
      const set = [...text.matchAll(/\bCAMBIUM_BRIDGE_[A-Z_]+(?==\S|`)/g)].map(([name]) => name)
      expect(set.length).toBeGreaterThan(3)
      const known = variables.map(([name]) => variableOf(name))
      expect(set.filter((name) => name !== 'CAMBIUM_BRIDGE_' && !known.includes(name))).toEqual([])
    },
  )

  it('leaves variables of others alone', () => {
    const env = { CAMBIUM_BRIDGE_PORT: 'tcp://10.0.0.1:80', CAMBIUM_BRIDGE_HELP: '1' }
    expect(started('host', [], env)).toEqual(started('host', [], {}))
  })
})
