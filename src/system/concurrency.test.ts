import { expect, it } from "vitest"
import { keyedQueue, semaphore } from "./concurrency.ts"

const never = new AbortController().signal

/** What a promise has come to by now. */
const soFar = (promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([promise, new Promise((resolve) => setImmediate(resolve, "waits"))])

it("lets so many in at a time, first come, first served, however often one leaves", async () => {
  const { acquire } = semaphore(1)
  const first = await acquire(never)
  const [second, third] = [acquire(never), acquire(never)]
  expect(await soFar(second)).toBe("waits")
  first?.()
  first?.()
  expect(await soFar(second)).toBeTypeOf("function")
  expect(await soFar(third)).toBe("waits")
})

it("gives up a wait that is aborted, and keeps no permit for it", async () => {
  const { acquire } = semaphore(1)
  const release = await acquire(never)
  const abort = new AbortController()
  const waiting = acquire(abort.signal)
  abort.abort()
  expect(await waiting).toBeNull()
  release?.()
  expect(await acquire(never)).toBeTypeOf("function")
  expect(await acquire(AbortSignal.abort())).toBeNull()
})

it("lets nobody in once it is closed, not even who waits", async () => {
  const closed = new AbortController()
  const { acquire } = semaphore(1, closed.signal)
  const release = await acquire(never)
  const waiting = acquire(never)
  closed.abort()
  release?.()
  expect([await waiting, await acquire(never)]).toEqual([null, null])
})

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
