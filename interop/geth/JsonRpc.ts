/** What a node answered instead of a result. */
export class JsonRpcError extends Error {
  override readonly name = 'JsonRpcError'
  readonly code: number

  constructor(method: string, code: number, message: string) {
    super(`${method}: ${message} (${code})`)
    this.code = code
  }
}

interface Answer {
  id: number
  result?: unknown
  error?: { code: number; message: string }
}

/** The JSON-RPC interface of a node, over HTTP. */
export class JsonRpc {
  readonly #url: string
  readonly #headers: () => Promise<Record<string, string>>

  /** @param headers asked for with every request */
  constructor(url: string, headers: () => Promise<Record<string, string>> = async () => ({})) {
    this.#url = url
    this.#headers = headers
  }

  /**
   * @throws {JsonRpcError} when the node answers with an error
   * @throws {TypeError} when nothing answers
   */
  async call<Result>(method: string, ...params: unknown[]): Promise<Result> {
    const [result] = await this.batch<Result>([[method, ...params]])
    return result as Result
  }

  /** Many calls in one request; the results are in the order of the calls. */
  async batch<Result>(calls: [method: string, ...params: unknown[]][]): Promise<Result[]> {
    const requests = calls.map(([method, ...params], id) => ({
      ...{ jsonrpc: '2.0', id, method, params },
    }))
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await this.#headers()) },
      body: JSON.stringify(requests),
    })
    const answers: Answer[] = await response.json()
    const results = new Array<Result>(calls.length)
    for (const { id, result, error } of answers) {
      if (error) throw new JsonRpcError(String(calls[id]?.[0]), error.code, error.message)
      results[id] = result as Result
    }
    return results
  }
}
