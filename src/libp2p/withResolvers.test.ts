import { afterEach, describe, expect, it } from 'vitest'
import { provideWithResolvers } from './withResolvers.ts'

const own = Object.getOwnPropertyDescriptor(Promise, 'withResolvers')
const native = () => (Promise as { withResolvers?: () => unknown }).withResolvers

afterEach(() => {
  if (own) Object.defineProperty(Promise, 'withResolvers', own)
  else Reflect.deleteProperty(Promise, 'withResolvers')
})

describe('provideWithResolvers', () => {
  it('gives a promise with its two functions, of the class it is called on', async () => {
    Reflect.deleteProperty(Promise, 'withResolvers')
    provideWithResolvers()
    class Special<T> extends Promise<T> {}
    type Resolvers = {
      promise: Promise<number>
      resolve: (value: number) => void
      reject: (e: Error) => void
    }
    const make = (type: PromiseConstructor): Resolvers => (native() as () => Resolvers).call(type)
    const resolved = make(Special)
    resolved.resolve(7)
    expect(resolved.promise).toBeInstanceOf(Special)
    expect(await resolved.promise).toBe(7)
    const rejected = make(Promise)
    rejected.reject(new Error('no'))
    await expect(rejected.promise).rejects.toThrow('no')
  })

  it('leaves what is there', () => {
    const there = () => {}
    Object.defineProperty(Promise, 'withResolvers', { configurable: true, value: there })
    provideWithResolvers()
    expect(native()).toBe(there)
  })
})
