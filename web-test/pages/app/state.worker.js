import { run } from 'cambium/worker'

run(self)
