import { run } from '../../dist/worker/index.js'

run(self)
