/**
 * Runs one of the functions in `globalThis.bench` of a page.
 *
 * @template {keyof PageBench} Name
 * @param {import('playwright-core').Page} page
 * @param {Name} name
 * @param {Parameters<PageBench[Name]>[0]} options
 * @returns {Promise<Awaited<ReturnType<PageBench[Name]>>>}
 */
export function callPage(page, name, options) {
  return page.evaluate(
    ({ name, options }) => Reflect.get(globalThis, 'bench')[name](options),
    /** @type {{ name: string, options: any }} */ ({ name, options }),
  )
}

/**
 * @typedef {typeof import('../page/sync.mjs') & typeof import('../page/keccak.mjs') & typeof
 *   import('../page/range.mjs') & typeof import('../page/write.mjs')} PageBench
 */
