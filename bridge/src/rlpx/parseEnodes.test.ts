import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { EnodeError } from './errors.ts'
import { parseEnodes } from './parseEnodes.ts'

const ID = '0f'.repeat(64)
const OTHER = 'A0'.repeat(64)

describe('parseEnodes', () => {
  it('reads addresses of all forms', () => {
    const text = `enode://${ID}@127.0.0.1:30303, enode://${OTHER}@[::1]:1?discport=0`
    const [first, second, ...more] = parseEnodes(text)
    expect(more).toEqual([])
    expect(bytesToHex(first!.id)).toBe(ID)
    expect(first).toMatchObject({
      host: '127.0.0.1',
      port: 30303,
      name: '0f0f0f0f@127.0.0.1:30303',
    })
    expect(bytesToHex(second!.id)).toBe(OTHER.toLowerCase())
    expect(second).toMatchObject({ host: '::1', port: 1, name: 'a0a0a0a0@[::1]:1' })
    const [named] = parseEnodes(`enode://${ID}@node.example:30303`)
    expect(named!.host).toBe('node.example')
  })

  it.each([
    ['', 'an enode is missing'],
    [`enode://${ID}@127.0.0.1:1,`, 'an enode is missing'],
    ['somewhere', 'not an enode'],
    [`http://${ID}@127.0.0.1:1`, 'not an enode'],
    [`enr:-Jy4QFGbb`, 'not an enode'],
    [`enode://${ID}@127.0.0.1:99999`, 'not an enode'],
    [`enode://${ID.slice(2)}@127.0.0.1:1`, '128 hexadecimal digits'],
    [`enode://${ID.replace('f', 'g')}@127.0.0.1:1`, '128 hexadecimal digits'],
    [`enode://127.0.0.1:1`, '128 hexadecimal digits'],
    [`enode://${ID}@127.0.0.1`, 'host and TCP port'],
    [`enode://${ID}@127.0.0.1:0`, 'host and TCP port'],
    [`enode://${ID}@a:1,enode://${ID.toUpperCase()}@b:1`, 'listed twice'],
  ])('refuses "%s"', (text, words) => {
    expect(() => parseEnodes(text)).toThrow(EnodeError)
    expect(() => parseEnodes(text)).toThrow(words)
  })
})
