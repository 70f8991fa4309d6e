import { spawn } from 'node:child_process'

/**
 * Runs npm.
 *
 * @param {string[]} args
 * @param {string} cwd where
 * @returns {Promise<string>} what it printed on stdout; rejects with all that it printed, if it
 *   fails
 */
export function npm(args, cwd) {
  // Under `npm run` this is the npm that runs us, which is on no path on some machines.
  const script = process.env.npm_execpath
  return script?.endsWith('.js') ? tool([script, ...args], cwd) : run('npm', args, cwd)
}

/**
 * Runs a script with this Node.
 *
 * @param {string[]} args the script and its arguments
 * @param {string} cwd where
 * @returns {Promise<string>} what it printed on stdout; rejects with all that it printed, if it
 *   fails
 */
export function tool(args, cwd) {
  return run(process.execPath, args, cwd)
}

/**
 * @param {string} file
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<string>}
 */
function run(file, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && file === 'npm',
    })
    let [stdout, output] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.once('error', reject)
    child.once('close', (status) =>
      status === 0 ? resolve(stdout) : reject(new Error(output.trim())),
    )
  })
}
