import { expect, it } from "vitest"
import { inArrivalOrder } from "./events.ts"

async function* numbers(from: number, count: number, asked?: (value: number) => void): AsyncGenerator<number> {
  for (let value = from; value < from + count; value += 1) {
    asked?.(value)
    yield value
  }
}

async function all<T>(values: AsyncIterable<T>): Promise<readonly T[]> {
  const taken: T[] = []
  for await (const value of values) taken.push(value)
  return taken
}

it("gives every value of every source, each source in its order", async () => {
  const taken = await all(inArrivalOrder([numbers(0, 5), numbers(100, 3), numbers(200, 0)]))
  expect(taken.filter((value) => value < 100)).toEqual([0, 1, 2, 3, 4])
  expect(taken.filter((value) => value >= 100)).toEqual([100, 101, 102])
})

it("asks a source for the next value only when the last one was taken", async () => {
  const asked: number[] = []
  const values = inArrivalOrder([numbers(0, 1000, (value) => asked.push(value))])
  await values.next()
  await values.next()
  expect(asked).toEqual([0, 1])
})

it("is not held up by a source that has nothing to give yet", async () => {
  const silent: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
  }
  const values = inArrivalOrder([silent, numbers(0, 3)])
  expect([(await values.next()).value, (await values.next()).value, (await values.next()).value]).toEqual([0, 1, 2])
})

it("throws what a source throws, after what came before", async () => {
  async function* broken(): AsyncGenerator<number> {
    yield 1
    throw new TypeError("cannot happen")
  }
  const values = inArrivalOrder([broken()])
  expect((await values.next()).value).toBe(1)
  await expect(values.next()).rejects.toThrow("cannot happen")
})
