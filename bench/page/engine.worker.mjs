import { run } from '../../dist/engine/index.js'

run(self)
