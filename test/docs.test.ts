import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const project = join(import.meta.dirname, '..')

/** A block of TypeScript in a document. */
interface Snippet {
  /** The document and the line of the block. */
  place: string
  source: string
}

/** What a reader has before a snippet without imports: names that the text around it speaks of. */
const GLOBALS = `
import type * as cambium from 'cambium'
declare global {
  const { createStateSync, NETWORKS }: typeof cambium
  const { chain, peers, worker }: Required<cambium.StateSyncOptions>
  const headers: AsyncIterable<cambium.TrustedHeader>
  const sync: cambium.StateSyncHandle
  const address: cambium.Hex
}
`

async function documents(): Promise<string[]> {
  const docs = await readdir(join(project, 'docs'), { recursive: true })
  const inDocs = docs.filter((name) => name.endsWith('.md')).map((name) => join('docs', name))
  return ['README.md', 'CONTRIBUTING.md', 'bench/README.md', 'bridge/README.md', ...inDocs]
}

async function snippetsOf(document: string): Promise<Snippet[]> {
  const text = await readFile(join(project, document), 'utf8')
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length
    return { place: `${document}:${line}`, source: match[1]! }
  })
}

let folder: string
let snippets: Snippet[]

beforeAll(async () => {
  snippets = (await Promise.all((await documents()).map(snippetsOf))).flat()
  await mkdir(join(project, 'build'), { recursive: true })
  folder = await mkdtemp(join(project, 'build', 'snippets-'))
})

afterAll(() => rm(folder, { recursive: true }))

describe('every snippet of the documents', () => {
  it('compiles as it stands, against the package', async () => {
    expect(snippets.length).toBeGreaterThan(2)
    for (const [index, { source }] of snippets.entries()) {
      await writeFile(join(folder, `${index}.ts`), `${source}\nexport {}\n`)
    }
    await writeFile(join(folder, 'globals.d.ts'), GLOBALS)
    const options = { extends: '../../tsconfig.json', include: ['*.ts'] }
    const compilerOptions = { noUnusedLocals: false, types: ['node'] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ ...options, compilerOptions }))
    const tsc = join(project, 'node_modules', '.bin', 'tsc')
    const { stdout } = await promisify(execFile)(tsc, ['-p', folder, '--noEmit'], {
      cwd: dirname(folder),
    }).catch((error) => ({ stdout: String(error.stdout) }))
    const faults = stdout.replaceAll(/^.*?(\d+)\.ts/gm, (_, index) => snippets[index]!.place)
    expect(faults).toBe('')
  })
})
