import { expect, it } from "vitest"
import { keyedQueue } from "./keyed-queue.ts"

/** A job that the test ends, and the order in which jobs began and ended. */
function jobs() {
  const events: string[] = []
  const job = (name: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const run = (): Promise<string> => {
      events.push(`${name} begins`)
      return promise.finally(() => events.push(`${name} ends`))
    }
    return { run, end: () => resolve(name), fail: () => reject(new Error(name)) }
  }
  return { events, job }
}

it("runs jobs of one key one after the other, and those of others meanwhile", async () => {
  const { events, job } = jobs()
  const queue = keyedQueue()
  const [first, second, other] = [job("first"), job("second"), job("other")]
  const results = [queue("a", first.run), queue("a", second.run), queue("b", other.run)]
  other.end()
  await results[2]
  expect(events).toEqual(["first begins", "other begins", "other ends"])
  first.end()
  second.end()
  expect(await Promise.all(results)).toEqual(["first", "second", "other"])
  expect(events.slice(3)).toEqual(["first ends", "second begins", "second ends"])
})

it("goes on after a job that failed, and gives the failure to whoever submitted it", async () => {
  const { job } = jobs()
  const queue = keyedQueue()
  const [bad, good] = [job("bad"), job("good")]
  const failing = queue("a", bad.run)
  const working = queue("a", good.run)
  bad.fail()
  good.end()
  await expect(failing).rejects.toThrow("bad")
  expect(await working).toBe("good")
})
