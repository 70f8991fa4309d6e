// The engine, in a worker that tells of each commit before it is asked for and after it is
// acknowledged, and of each attempt to open the database that fails.
import { run } from '../../../dist/engine/index.js'

const query = new URLSearchParams(location.search)
const socket = new WebSocket(`ws://${location.host}/log`)
/** @type {string[]} */
const early = []
/** @param {import('./serveKills.mjs').LogMessage} message */
const tell = (message) => {
  const text = JSON.stringify(message)
  if (socket.readyState === WebSocket.OPEN) socket.send(text)
  else early.push(text)
}
socket.onopen = () => {
  for (const text of early.splice(0)) socket.send(text)
}

const { put } = IDBObjectStore.prototype
IDBObjectStore.prototype.put = function (value, key) {
  if (this.name === 'meta' && value instanceof Uint8Array) {
    const manifest = Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')
    tell({ type: 'asked', manifest })
    this.transaction.addEventListener('complete', () => tell({ type: 'acknowledged', manifest }))
  }
  return put.call(this, value, key)
}

const { transaction } = IDBDatabase.prototype
const durability = /** @type {IDBTransactionDurability | null} */ (query.get('durability'))
IDBDatabase.prototype.transaction = function (tables, mode, options) {
  return transaction.call(this, tables, mode, durability ? { durability } : options)
}

const { open } = IDBFactory.prototype
IDBFactory.prototype.open = function (...args) {
  const request = open.apply(this, args)
  request.addEventListener('error', () => {
    tell({ type: 'openFailed', error: String(request.error) })
  })
  return request
}

run(self)
