/**
 * Sends a frame to a server, a request or what looks like one, and resolves to the server's answer,
 * a frame too; or to `'closed'` where the server ended the connection instead. The next question
 * finds a connection again.
 */
export type Ask = (frame: Uint8Array) => Promise<Uint8Array | 'closed'>
