import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { type Certificate, createCertificate, readCertificate } from './certificate.ts'
import { IdentityError } from './IdentityError.ts'

/** What makes a bridge the same bridge after a restart: its multiaddr names the hashes of both. */
export interface Identity {
  /** Its public half is the peer id. Ed25519. */
  privateKey: PrivateKey
  certificate: Certificate
}

/**
 * Loads a bridge's keys, and makes those that are not there yet: `peer.key` (libp2p protobuf) and `webrtc.pem`, readable
 * by their owner only.
 *
 * @param directory is made with mode 0700 where it does not exist
 * @throws {IdentityError} when it cannot be read or written, or holds something else
 */
export async function loadIdentity(directory: string): Promise<Identity> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new IdentityError(directory, `cannot be made (${(cause as Error).message})`, { cause })
  }
  const privateKey = await loadOrMake(join(directory, 'peer.key'), {
    make: async () => privateKeyToProtobuf(await generateKeyPair('Ed25519')),
    read: privateKeyFromProtobuf,
  })
  const certificate = await loadOrMake(join(directory, 'webrtc.pem'), {
    make: async () => Buffer.from(await createCertificate()),
    read: (bytes) => readCertificate(bytes.toString()),
  })
  return { privateKey, certificate }
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
  const unfinished = `${path}.${process.pid}.new`
  const file = await open(unfinished, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(unfinished, path).catch(async (error: Error) => {
    await rm(unfinished, { force: true })
    throw error
  })
}
