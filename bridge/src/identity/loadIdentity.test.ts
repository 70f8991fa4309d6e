import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryDir } from '../../test/testBridge.ts'
import { IdentityError } from '../errors.ts'
import { loadIdentity } from './loadIdentity.ts'

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

describe('loadIdentity', () => {
  it('makes keys that only their owner may read, and finds them again', async () => {
    const directory = join(await temporaryDir(), 'a', 'b')
    const warnings: string[] = []
    const first = await loadIdentity(directory, (message) => warnings.push(message))
    const second = await loadIdentity(directory, (message) => warnings.push(message))
    expect(second.privateKey.equals(first.privateKey)).toBe(true)
    expect(second.certificate).toEqual(first.certificate)
    expect((await readdir(directory)).sort()).toEqual(['peer.key', 'webrtc.pem'])
    const paths = [directory, join(directory, 'peer.key'), join(directory, 'webrtc.pem')]
    expect(await Promise.all(paths.map(modeOf))).toEqual(['700', '600', '600'])
    expect(warnings).toEqual([])
  })

  it.each([
    ['', '755', '700'],
    ['', '777', '700'],
    ['peer.key', '640', '600'],
    ['webrtc.pem', '604', '600'],
  ])('takes rights of others away on "%s" (%s), and says so', async (name, from, to) => {
    const directory = await temporaryDir()
    await loadIdentity(directory)
    const path = join(directory, name)
    await chmod(path, Number.parseInt(from, 8))
    const warnings: string[] = []
    await loadIdentity(directory, (message) => warnings.push(message))
    expect(await modeOf(path)).toBe(to)
    expect(warnings).toEqual([
      expect.stringMatching(`${join(path)}.*\\(mode ${from}\\).*may have read it`),
    ])
  })

  it('does not change a directory of others with other things in it', async () => {
    const directory = await temporaryDir()
    await writeFile(join(directory, 'thesis.tex'), '')
    await chmod(directory, 0o755)
    await expect(loadIdentity(directory)).rejects.toThrow(
      expect.objectContaining({
        code: 'IDENTITY',
        message: expect.stringMatching(/mode 755.*"thesis.tex".*directory of its own/),
      }),
    )
    expect(await modeOf(directory)).toBe('755')
    expect(await readdir(directory)).toEqual(['thesis.tex'])
    await chmod(directory, 0o700)
    await loadIdentity(directory)
  })

  it.each([
    ['below a file', async (place: string) => join(place, 'file', 'keys')],
    ['that is a file', async (place: string) => join(place, 'file')],
    // Holds for root too, although modes do not bind root.
    ['in a place without files', async () => '/proc/cambium/keys'],
    ['whose key is a directory', async (place: string) => place],
    ['that points to itself', async (place: string) => join(place, 'loop')],
  ])('refuses a directory %s', async (_, pathIn) => {
    const place = await temporaryDir()
    await writeFile(join(place, 'file'), '')
    await mkdir(join(place, 'peer.key'), { mode: 0o700 })
    await symlink('loop', join(place, 'loop'))
    const path = await pathIn(place)
    const error = await loadIdentity(path).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(IdentityError)
    expect((error as Error).message).toContain(path)
    expect((error as Error).message).not.toContain('\n')
  })
})
