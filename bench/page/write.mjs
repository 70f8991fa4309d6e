/**
 * Writes accounts in a worker, as pages of the store and as one record each.
 *
 * @param {{ rounds: number }} options
 * @returns {Promise<Record<string, number[]>>} accounts per second
 */
export async function write(options) {
  const worker = new Worker(new URL('write.worker.mjs', location.href), { type: 'module' })
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data)
      worker.onerror = ({ message }) => reject(new Error(message))
      worker.postMessage(options)
    })
  } finally {
    worker.terminate()
  }
}
