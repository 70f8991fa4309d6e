/** @type {Worker | undefined} */
let worker

/**
 * Writes accounts in a worker, as pages of the store or as one record each, into a database of its
 * own.
 *
 * @param {{ contender: 'pages' | 'records' }} options
 * @returns {Promise<number>} accounts per second
 */
export function write(options) {
  worker ??= new Worker(new URL('write.worker.mjs', location.href), { type: 'module' })
  const writing = worker
  return new Promise((resolve, reject) => {
    writing.onmessage = ({ data }) => resolve(data)
    writing.onerror = ({ message }) => reject(new Error(message))
    writing.postMessage(options)
  })
}
