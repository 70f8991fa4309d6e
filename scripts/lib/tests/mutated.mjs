/**
 * @typedef {object} Mutation one way to break the engine
 * @property {string} name what is wrong then
 * @property {string} file that is changed
 * @property {string} find what is replaced; must be there once
 * @property {string} replace
 * @property {string} test file of the scenario
 * @property {string} scenario the title of the scenario that notices
 */

/**
 * The source with a mutation in it.
 *
 * @param {string} source
 * @param {Mutation} mutation
 * @throws {Error} when what is to be replaced is not there exactly once: the source has moved on
 */
export function mutated(source, { name, file, find, replace }) {
  const places = source.split(find).length - 1
  if (places !== 1) throw new Error(`mutation "${name}": ${file} has ${places} places to change`)
  return source.replace(find, () => replace)
}
