import { CommandError } from './CommandError.mjs'

/**
 * @typedef {object} Moving how a state moves, and how a page follows it
 * @property {number} blockSeconds time between two blocks
 * @property {number} distance blocks between the head and the pivot
 * @property {number} maxAge blocks that the head may be past a pivot whose state is not complete
 * @property {number} latency what each request takes longer to its peer, in ms
 */

/** The flags of a state that moves, for `flags`. */
export const MOVING_FLAGS = /** @type {const} */ ({
  moving: { type: 'boolean', default: false },
  blocks: { type: 'string' },
  distance: { type: 'string' },
  'max-age': { type: 'string' },
  latency: { type: 'string' },
})

/**
 * @param {{moving: boolean, blocks?: string, distance?: string, 'max-age'?: string, latency?:
 *   string}} values of the flags
 * @param {Moving} defaults
 * @returns {Moving | undefined} `undefined` where the state is to stay
 * @throws {CommandError} when a value makes no sense, or is given for a state that stays
 */
export function movingOptions(values, defaults) {
  const { blocks, distance, 'max-age': maxAge, latency } = values
  const given = Object.entries({ blocks, distance, 'max-age': maxAge, latency })
  for (const [name, text] of given) {
    if (text === undefined) continue
    if (!values.moving) throw new CommandError(`--${name} is for --moving, which is missing`)
    const isNumber = name === 'blocks' ? /^\d+(\.\d+)?$/.test(text) : /^\d{1,9}$/.test(text)
    if (!isNumber) {
      const wanted = name === 'blocks' ? 'a number of seconds' : 'a whole number'
      throw new CommandError(`--${name} is ${wanted}, not "${text}"`)
    }
  }
  if (!values.moving) return undefined
  const moving = {
    blockSeconds: Number(blocks ?? defaults.blockSeconds),
    distance: Number(distance ?? defaults.distance),
    maxAge: Number(maxAge ?? defaults.maxAge),
    latency: Number(latency ?? defaults.latency),
  }
  if (moving.maxAge <= moving.distance) {
    throw new CommandError(
      `--max-age is more than --distance (${moving.distance}), not ${moving.maxAge}`,
    )
  }
  return moving
}
