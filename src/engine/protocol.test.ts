import { describe, expect, it } from 'vitest'
import { CambiumError } from '../base/CambiumError.ts'
import { TrustError } from '../trust/errors.ts'
import { fromWire, toWire } from './protocol.ts'

/** The error as it arrives at the other end of a port. */
const sent = (error: unknown) => fromWire(structuredClone(toWire(error)))

describe('an error on its way through a port', () => {
  it('keeps name, code and message', () => {
    const error = sent(new TrustError('trust must be a root, got 7'))
    expect(error).toBeInstanceOf(CambiumError)
    const { name, code, message } = error
    expect({ name, code, message }).toEqual({
      name: 'TrustError',
      code: 'TRUST',
      message: 'trust must be a root, got 7',
    })
  })

  it('is an internal one when it is none of Cambium', () => {
    const { name, code, message } = sent(new RangeError('too far'))
    expect({ name, code, message }).toEqual({
      name: 'InternalError',
      code: 'INTERNAL',
      message: 'RangeError: too far',
    })
    expect(sent('thrown text').message).toBe('thrown text')
  })
})
