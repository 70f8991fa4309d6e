import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * Runs vitest as a process of its own.
 *
 * @param {string[]} args without the reporters
 * @param {object} options
 * @param {1 | 2} options.out the stream for what it prints
 * @param {string} options.reporter what prints it
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {import('../command.mjs').Defer} options.defer
 * @returns {Promise<{status: number, report: (import('./scenarioReport.mjs').Report &
 *   import('./countTests.mjs').Report) | undefined}>} its exit status, and its report, which is
 *   missing when it did not get that far
 */
export async function runVitest(args, { out, reporter, env = process.env, defer }) {
  const directory = mkdtempSync(join(tmpdir(), 'cambium-vitest-'))
  const clean = () => rmSync(directory, { recursive: true, force: true })
  defer(clean)
  const file = join(directory, 'report.json')
  const script = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = [`--reporter=${reporter}`, '--reporter=json', `--outputFile.json=${file}`]
  const child = spawn(process.execPath, [script, 'run', ...reporters, ...args], {
    ...{ cwd: ROOT, env },
    stdio: ['ignore', out, 'inherit'],
  })
  /** @type {number} */
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve(status ?? 1))
  })
  const report = readReport(file)
  clean()
  return { status, report }
}

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
