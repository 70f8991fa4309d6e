import { JsVerifier } from './JsVerifier.ts'
import { rangeFuzzSuite } from './rangeFuzz.suite.ts'
import { rangeOracleSuite } from './rangeOracle.suite.ts'
import { rangeProofSuite } from './rangeProof.suite.ts'

const verifiers = [new JsVerifier()]

for (const verifier of verifiers) rangeProofSuite(verifier, 50)
rangeOracleSuite(verifiers, 600)
rangeFuzzSuite(verifiers, 5000)
