import { run } from '../../dist/engine/index.js'
import { HEAL_LIMIT } from '../../dist/sync/heal/choice/isFar.js'

const { hash } = self.location
// Forces one of the ways to a far root: `#0` downloads, `#Infinity` heals.
if (hash !== '') HEAL_LIMIT.share = Number(hash.slice(1))

run(self)
