type Head<T> = { readonly rest: AsyncIterator<T>; readonly next: IteratorResult<T> }

const advance = async <T>(rest: AsyncIterator<T>): Promise<Head<T>> => ({ rest, next: await rest.next() })

/**
 * Values of several sources in the order in which they come. Each source is asked for one value, and for the next when
 * that one was taken, so that a slow reader holds the sources back. Ends when all have ended, and throws as they do.
 */
export async function* asTheyCome<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const answered: Promise<Head<T>>[] = []
  let wake = Promise.withResolvers<void>()
  const ask = (rest: AsyncIterator<T>): void => {
    const asked = advance(rest)
    const answer = (): void => {
      answered.push(asked)
      wake.resolve()
    }
    asked.then(answer, answer)
  }
  for (const source of sources) ask(source[Symbol.asyncIterator]())
  for (let open = sources.length; open > 0; ) {
    await wake.promise
    wake = Promise.withResolvers()
    for (const head of answered.splice(0)) {
      const { rest, next } = await head
      if (next.done === true) open -= 1
      else {
        yield next.value
        ask(rest)
      }
    }
  }
}
