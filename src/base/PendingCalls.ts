interface Call<Question, Answer> {
  question: Question
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
  release: () => void
}

/** Questions that were sent and wait for their answers, by id. */
export class PendingCalls<Id, Question, Answer> {
  readonly #calls = new Map<Id, Call<Question, Answer>>()

  get size(): number {
    return this.#calls.size
  }

  /** The question with an id; `undefined` if none waits under it. */
  question(id: Id): Question | undefined {
    return this.#calls.get(id)?.question
  }

  has(id: Id): boolean {
    return this.#calls.has(id)
  }

  /**
   * Adds a question. The promise settles with `resolve`, `reject` or `rejectAll`.
   * @param release is called just before the promise settles: it ends timers and listeners of the
   *   question
   */
  add(id: Id, question: Question, release = () => {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { question, resolve, reject, release })
    })
  }

  /** Answers a question. Does nothing if none waits under this id. */
  resolve(id: Id, answer: Answer): void {
    this.#take(id)?.resolve(answer)
  }

  /** Ends a question with an error. Does nothing if none waits under this id. */
  reject(id: Id, error: unknown): void {
    this.#take(id)?.reject(error)
  }

  /** Ends all questions with the same error. */
  rejectAll(error: unknown): void {
    for (const id of [...this.#calls.keys()]) this.reject(id, error)
  }

  /** Answers all questions with the same answer. */
  resolveAll(answer: Answer): void {
    for (const id of [...this.#calls.keys()]) this.resolve(id, answer)
  }

  #take(id: Id): Call<Question, Answer> | undefined {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    call?.release()
    return call
  }
}
