/** An error in a person's words: what happened, and what helps. */
export interface Explanation {
  title: string
  advice: string
  /** What is stored is of no use any more. */
  startOver?: true
}

/** By the `code` of Cambium's errors; the message, which names the values, is shown beneath. */
const EXPLANATIONS: Record<string, Explanation> = {
  STORE_QUOTA: {
    title: 'The disk space for this site is used up',
    advice: 'Nothing that was proven is lost. Free some space, then start again: it goes on here.',
  },
  STORE_CLOSED: {
    title: 'The database was closed under the running sync',
    advice:
      'Somebody deleted this site’s data, or another tab uses a newer version. Start again when that is intended: what is missing is fetched anew.',
  },
  STORE_UNAVAILABLE: {
    title: 'This browser gives the page no database',
    advice:
      'IndexedDB is blocked, by a private window or by the settings for site data. Allow it for this site and reload.',
  },
  STORE_BLOCKED: {
    title: 'Another tab keeps the database from opening',
    advice: 'Close the other tabs of this site, then start again.',
  },
  STORE_VERSION: {
    title: 'The stored state was written by a newer version',
    advice: 'Reload to get the newer page. Nothing was changed or deleted.',
  },
  STORE_CORRUPT: {
    title: 'The stored state cannot be read',
    advice: 'The data on disk is damaged. Delete it and sync again.',
    startOver: true,
  },
  STORE_FAILED: {
    title: 'The database failed',
    advice: 'What was proven before is kept. Start again to go on there.',
  },
  AUDIT: {
    title: 'The stored state does not match the trusted root',
    advice: 'The data on disk was changed. Do not rely on it: delete it and sync again.',
    startOver: true,
  },
  STATE_INCOMPLETE: {
    title: 'The state is not complete yet',
    advice: 'Finish the sync first.',
  },
  TRUST: {
    title: 'What is trusted is malformed',
    advice:
      'A state root is 0x and 64 hexadecimal digits; a block has a number, a hash and a state root.',
  },
  HEADER_STREAM: {
    title: 'The trusted blocks have ended',
    advice: 'Who tells them has to be there. Start again then; what was proven is kept.',
  },
  MULTIADDR: {
    title: 'The bridge’s address cannot be used',
    advice: 'Copy it from the bridge’s output, whole, up to the peer id at the end.',
  },
  HEX: {
    title: 'A value is malformed',
    advice: 'An address is 0x and 40 hexadecimal digits.',
  },
}

/** @param error anything that was thrown */
export function explain(error: unknown): Explanation & { code: string; message: string } {
  const message = error instanceof Error ? error.message : String(error)
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const known = EXPLANATIONS[code] ?? {
    title: 'The sync stopped',
    advice: 'What was proven is kept. Start again to go on where it stopped.',
  }
  return { ...known, code, message }
}
