import { rangeFuzzSuite } from '../../test/suites/trie/rangeFuzz.suite.ts'
import { rangeOracleSuite } from '../../test/suites/trie/rangeOracle.suite.ts'
import { rangeProofSuite } from '../../test/suites/trie/rangeProof.suite.ts'
import { createVerifier } from './createVerifier.ts'

const verifiers = await Promise.all(
  (['simd', 'plain', 'js'] as const).map((build) => createVerifier({ build })),
)

// A range of thousands of leaves takes JavaScript ten times as long.
for (const verifier of verifiers) rangeProofSuite(verifier, verifier.build === 'js' ? 50 : 500)
rangeOracleSuite(verifiers, 2000)
rangeFuzzSuite(verifiers, 3000)
