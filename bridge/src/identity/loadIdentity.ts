import { randomUUID } from 'node:crypto'
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { IdentityError } from '../errors.ts'
import { type Certificate, createCertificate, readCertificate } from './certificate.ts'

/** What makes a bridge the same bridge after a restart: its multiaddr names the hashes of both. */
export interface Identity {
  /** Its public half is the peer id. Ed25519. */
  privateKey: PrivateKey
  certificate: Certificate
}

const PEER_KEY = 'peer.key'
const CERTIFICATE = 'webrtc.pem'

/** Rights of group and others. */
const OF_OTHERS = 0o077

/**
 * Loads a bridge's keys, and makes those that are not there yet: `peer.key` (libp2p protobuf) and
 * `webrtc.pem`. Directory and files are for their owner only: where others have rights, these are
 * taken away.
 *
 * @param directory is made with mode 0700 where it does not exist
 * @param onWarning told of rights that were taken away
 * @throws {IdentityError} when it cannot be read or written, holds something else, or others keep
 *   rights
 */
export async function loadIdentity(
  directory: string,
  onWarning: (message: string) => void = () => {},
): Promise<Identity> {
  try {
    await makeDirectory(directory)
  } catch (cause) {
    throw new IdentityError(directory, `cannot be made (${(cause as Error).message})`, { cause })
  }
  await closeDirectory(directory, onWarning)
  const privateKey = await loadOrMake(join(directory, PEER_KEY), {
    make: async () => privateKeyToProtobuf(await generateKeyPair('Ed25519')),
    read: privateKeyFromProtobuf,
  })
  const certificate = await loadOrMake(join(directory, CERTIFICATE), {
    make: async () => Buffer.from(await createCertificate()),
    read: (bytes) => readCertificate(bytes.toString()),
  })
  return { privateKey, certificate }
}

/** Not `recursive`, with which Node tries for ever in places such as `/proc`. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeDirectory(dirname(path))
    await mkdir(path, { mode: 0o700 })
  }
}

/**
 * Takes away what others may do with the directory and the keys in it. A directory that holds
 * anything else is somebody's for another purpose, and left as it is.
 */
async function closeDirectory(
  directory: string,
  onWarning: (message: string) => void,
): Promise<void> {
  // Windows has no such rights.
  if (process.platform === 'win32') return
  const keys = [PEER_KEY, CERTIFICATE]
  let names: string[]
  try {
    names = await readdir(directory)
  } catch (cause) {
    throw new IdentityError(directory, (cause as Error).message, { cause })
  }
  const foreign = names.find((name) => !keys.some((key) => name.startsWith(key)))
  await close(directory, { mode: 0o700, foreign, onWarning })
  for (const name of names) {
    if (keys.includes(name)) await close(join(directory, name), { mode: 0o600, onWarning })
  }
}

interface Closing {
  mode: number
  /** Something that keeps the rights from being changed. */
  foreign?: string | undefined
  onWarning: (message: string) => void
}

async function close(path: string, { mode, foreign, onWarning }: Closing): Promise<void> {
  const before = await modeOf(path)
  if ((before & OF_OTHERS) === 0) return
  const why = `others have rights on it (mode ${before.toString(8)})`
  if (foreign !== undefined) {
    throw new IdentityError(path, `${why}, and it holds "${foreign}": use a directory of its own`)
  }
  await chmod(path, mode).catch((cause: Error) => {
    throw new IdentityError(path, `${why}, and ${cause.message}`, { cause })
  })
  if (((await modeOf(path)) & OF_OTHERS) !== 0) {
    throw new IdentityError(path, `${why}, and its file system keeps them`)
  }
  onWarning(`identity at ${path}: ${why}; they have none now, but may have read it`)
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777
}

async function loadOrMake<Value>(
  path: string,
  { make, read }: { make: () => Promise<Uint8Array>; read: (bytes: Buffer) => Value },
): Promise<Value> {
  let bytes: Buffer
  try {
    bytes = await readFile(path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      await writeSecret(path, await make())
      return readFile(path)
    })
  } catch (cause) {
    throw new IdentityError(path, (cause as Error).message, { cause })
  }
  try {
    return read(bytes)
  } catch (cause) {
    throw new IdentityError(path, `damaged (${(cause as Error).message})`, { cause })
  }
}

/** Whole or not at all: a bridge that is killed while it writes must not lose its address. */
async function writeSecret(path: string, bytes: Uint8Array): Promise<void> {
  // Not the process id: in a container it is always 1, and one that was killed here would be in the
  // way for ever.
  const unfinished = `${path}.${randomUUID()}.new`
  const file = await open(unfinished, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
    await file.close()
    await rename(unfinished, path)
  } catch (error) {
    await file.close().catch(() => {})
    await rm(unfinished, { force: true })
    throw error
  }
}
