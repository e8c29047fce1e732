import { describe, expect, it } from "vitest"
import { keyedQueue, semaphore, sharedRuns } from "./concurrency.ts"

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

describe("runs that are shared", () => {
  it("answer all who came while one was under way with one more, which began after they asked", async () => {
    const { events, job } = jobs()
    const shared = sharedRuns<string>()
    const [first, second, never] = [job("first"), job("second"), job("never")]
    const early = shared("a", first.run)
    const late = [shared("a", second.run), shared("a", never.run), shared("a", never.run)]
    expect(events).toEqual(["first begins"])
    first.end()
    expect(await early).toBe("first")
    second.end()
    expect(await Promise.all(late)).toEqual(["second", "second", "second"])
    expect(events).toEqual(["first begins", "first ends", "second begins", "second ends"])
  })

  it("keep those of other keys apart, and begin anew once nobody waits", async () => {
    const { events, job } = jobs()
    const shared = sharedRuns<string>()
    const [one, other, later] = [job("one"), job("other"), job("later")]
    const results = [shared("a", one.run), shared("b", other.run)]
    other.end()
    one.end()
    await Promise.all(results)
    later.end()
    expect(await shared("a", later.run)).toBe("later")
    expect(events.slice(0, 2)).toEqual(["one begins", "other begins"])
  })

  it("give a failure to those who shared it, and to nobody after them", async () => {
    const { job } = jobs()
    const shared = sharedRuns<string>()
    const [bad, good] = [job("bad"), job("good")]
    const [failing, working] = [shared("a", bad.run), shared("a", good.run)]
    bad.fail()
    good.end()
    await expect(failing).rejects.toThrow("bad")
    expect(await working).toBe("good")
  })
})
