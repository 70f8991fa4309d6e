import { closeSync, openSync, readSync } from 'node:fs'
import { type ParsedElementInfo, Tokenizer, TokenParser, TokenType } from '@streamparser/json'

/** Bytes that are read at a time: more does not make it faster. */
const CHUNK_BYTES = 256 * 1024

/** A number of a JSON file that is no whole number in digits alone, as it is written there. */
export class OddNumber {
  readonly written: string

  constructor(written: string) {
    this.written = written
  }

  toJSON(): string {
    return this.written
  }
}

/**
 * Reads whole numbers exactly, however large: as `bigint` above 2^53. go-ethereum writes and reads
 * balances so, and `JSON.parse` would round them.
 */
class ExactTokenizer extends Tokenizer {
  protected override parseNumber(written: string): number {
    const number = Number(written)
    if (!/^-?\d+$/.test(written)) return new OddNumber(written) as unknown as number
    return Number.isSafeInteger(number) ? number : (BigInt(written) as unknown as number)
  }
}

/** A value of a JSON text: its key, and the keys of the objects that hold it, outermost first. */
export interface JsonValue {
  key: string | number | undefined
  within: readonly (string | number)[]
  value: unknown
}

export interface ReadJsonOptions {
  /** Which values are wanted, as paths of `@streamparser/json`: `$.accounts.*`. */
  paths: string[]
  /** Whether each line of the file is a JSON text of its own. @default the file is one text */
  lines?: boolean
}

/**
 * Reads values out of a JSON file piece by piece. What was given out is not kept, so that a file of
 * any size takes little memory. Synchronous, as the state is built while its file is read.
 *
 * @returns the keys of the outermost object, each with the kind of token that its value begins with
 * @throws {Error} when the file cannot be read, holds something else than JSON objects, or ends in
 *   the middle of one
 */
export function* readJson(
  path: string,
  { paths, lines = false }: ReadJsonOptions,
): Generator<JsonValue, ReadonlyMap<string, TokenType>> {
  const found: JsonValue[] = []
  const separator = lines ? { separator: '\n' } : {}
  const tokenizer = new ExactTokenizer(separator)
  const parser = new TokenParser({ paths, keepStack: false, ...separator })
  const outline = new Outline()
  tokenizer.onToken = (token) => {
    outline.add(token.token, token.value)
    parser.write(token)
  }
  parser.onValue = (element) => void found.push(jsonValue(element))
  for (const chunk of chunks(path)) {
    tokenizer.write(chunk)
    yield* found.splice(0)
  }
  if (!tokenizer.isEnded) tokenizer.end()
  if (!parser.isEnded) parser.end()
  yield* found.splice(0)
  if (outline.isEmpty) throw new SyntaxError('the file is empty')
  return outline.keys
}

/**
 * What the outermost objects of a file hold, by tokens: keys that no path asks for, and whether
 * they are objects at all.
 */
class Outline {
  /** The keys of the outermost objects, each with the kind of token that its value begins with. */
  readonly keys = new Map<string, TokenType>()
  isEmpty = true
  #depth = 0
  #text: unknown
  #key: string | undefined

  add(token: TokenType, value: unknown): void {
    this.isEmpty = false
    if (this.#depth === 0 && token !== TokenType.LEFT_BRACE && token !== TokenType.SEPARATOR) {
      throw new SyntaxError('a JSON object is expected')
    }
    if (this.#key !== undefined) this.keys.set(this.#key, token)
    this.#key = this.#depth === 1 && token === TokenType.COLON ? String(this.#text) : undefined
    this.#text = value
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) this.#depth++
    if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) this.#depth--
  }
}

function jsonValue({ key, value, stack }: ParsedElementInfo): JsonValue {
  const within = stack.flatMap((it) => (it.key === undefined ? [] : [it.key]))
  return { key, value, within }
}

/** The bytes of a file, in order. Each chunk is overwritten by the next. */
export function* chunks(path: string, size = CHUNK_BYTES): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  const buffer = new Uint8Array(size)
  try {
    for (;;) {
      const read = readSync(file, buffer)
      if (read === 0) return
      yield buffer.subarray(0, read)
    }
  } finally {
    closeSync(file)
  }
}
