import { serverFigures } from '../server.mjs'

/** The bridge's side alone. @param {import('../lib/Report.mjs').Suite} suite */
export async function server({ report, rounds }) {
  const figures = await serverFigures({ rounds: Math.ceil(rounds / 3) })
  for (const [key, value] of Object.entries(figures)) report.add(key, value)
}
