import { expect, it } from "vitest"
import { semaphore } from "./semaphore.ts"

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
