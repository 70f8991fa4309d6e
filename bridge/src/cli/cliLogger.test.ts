import { describe, expect, it } from 'vitest'
import { cliLogger } from './cliLogger.ts'

function lines(format: 'text' | 'json', level = 'info') {
  const written: string[] = []
  const logger = cliLogger({ level, format, out: { write: (line) => void written.push(line) } })
  return { written, logger }
}

describe('cliLogger', () => {
  it('writes one object in each line, with its level and time in words', () => {
    const { written, logger } = lines('json')
    logger.info({ peer: '12D3' }, 'peer joined')
    expect(written).toHaveLength(1)
    expect(written[0]).toMatch(/^[^\n]*\n$/)
    const entry = JSON.parse(written[0]!)
    expect(entry).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      peer: '12D3',
      msg: 'peer joined',
    })
  })

  it('writes a line for people', () => {
    const { written, logger } = lines('text')
    logger.warn({ peer: '12D3', reason: 'two words\nand "more"', count: 2 }, 'peer left')
    logger.error(new Error('gone wrong'))
    expect(written.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'warn peer left peer=12D3 reason="two words\\nand \\"more\\"" count=2\n',
      'error gone wrong error="gone wrong"\n',
    ])
  })

  it.each([
    ['trace', 5],
    ['info', 3],
    ['error', 1],
    ['silent', 0],
  ] as const)('tells at %s what is as grave as that', (level, count) => {
    const { written, logger } = lines('text', level)
    for (const grave of ['trace', 'debug', 'info', 'warn', 'error'] as const) logger[grave]('so')
    expect(written).toHaveLength(count)
  })
})
