// Reading ahead.

/** Answers in the order of the questions, of which up to `most` are asked before the first is answered. */
export async function* inOrder<T>(count: number, most: number, ask: (index: number) => Promise<T>): AsyncGenerator<T> {
  const waiting: Promise<T>[] = []
  for (let asked = 0; asked < count || waiting.length > 0; ) {
    while (asked < count && waiting.length < most) waiting.push(ask(asked++))
    const next = waiting.shift()
    if (next !== undefined) yield await next
  }
}
