import { createVerifier } from '../../../src/verifier/createVerifier.ts'

const verifier = await createVerifier()

/** Keccak-256, five times as fast as in JavaScript: these tests hash some million nodes. */
export const wasmKeccak = (input: Uint8Array) => verifier.keccak256(input)
