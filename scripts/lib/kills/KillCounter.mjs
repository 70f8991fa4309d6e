/**
 * What the kills did. `lost` counts kills after which something that was acknowledged is gone, for
 * one of three reasons: the database is empty, it cannot be opened, or it is at an older commit.
 */
export class KillCounter {
  kills = 0
  /** Kills after which an attempt to open the database failed. */
  openFailedFirst = 0
  /** Kills after which the database could not be opened at all. */
  openFailed = 0
  /** Kills after which the database was empty. */
  databasesLost = 0
  /** Of those, how many the fault `STORE_LOST` told. */
  lossesTold = 0
  /** Acknowledged commits that were gone in databases that were there. */
  commitsLost = 0
  lost = 0
  audits = 0
  acknowledgedCommits = 0
  /** @type {Record<string, number>} by message */
  openErrors = {}
  /** The commits that were asked for, in their order. @type {string[]} */
  #asked = []
  /** How many of them may have been written, by the last one that was acknowledged. */
  #acknowledged = 0
  #openErrorSeen = false
  #lossTold = false

  /** Takes in a message of the page. @param {import('./serveKills.mjs').LogMessage} message */
  hear(message) {
    switch (message.type) {
      case 'asked':
        this.#asked.push(message.manifest)
        break
      case 'acknowledged':
        this.acknowledgedCommits++
        this.#acknowledged = this.#asked.lastIndexOf(message.manifest) + 1
        break
      case 'openFailed':
        this.#openErrorSeen = true
        this.openErrors[message.error] = (this.openErrors[message.error] ?? 0) + 1
        break
      case 'fault':
        if (message.code === 'STORE_LOST') this.#lossTold = true
        break
      case 'audited':
        this.audits++
        break
      case 'opened':
        this.#opened(message.manifest)
        break
      case 'failed':
        if (!message.code.startsWith('STORE_')) break
        this.openFailed++
        this.lost++
    }
  }

  killed() {
    this.kills++
    this.#openErrorSeen = false
    this.#lossTold = false
  }

  /** The next browser has come as far as it comes. */
  settle() {
    if (this.#openErrorSeen) this.openFailedFirst++
    if (this.#lossTold) this.lossesTold++
  }

  /** @param {string | null} manifest what is stored now */
  #opened(manifest) {
    const found = manifest === null ? 0 : this.#asked.lastIndexOf(manifest) + 1
    const missing = this.#acknowledged - found
    if (missing > 0) {
      this.lost++
      if (found === 0) this.databasesLost++
      else this.commitsLost += missing
    }
    this.#asked = manifest === null ? [] : [manifest]
    this.#acknowledged = this.#asked.length
  }

  get figures() {
    const { kills, lost, openFailedFirst, openFailed, databasesLost, lossesTold } = this
    const { commitsLost, acknowledgedCommits, audits, openErrors } = this
    const opens = { openFailedFirst, openFailed, openErrors }
    const losses = { databasesLost, lossesTold, commitsLost }
    return { kills, lost, ...opens, ...losses, acknowledgedCommits, audits }
  }
}
