import { expect, it } from "vitest"
import { virtualClock } from "../../test/driver/virtual-clock.ts"
import { elementCreated } from "../events/testing/facts.ts"
import { unwrap } from "../events/testing/results.ts"
import type { Delivery } from "../log/index.ts"
import { openMemoryLog } from "../log/memory.ts"
import { openLogEnds } from "./log-ends.ts"

/** Time stands still: nothing below waits for it. */
const clock = virtualClock(0)
const never = new AbortController().signal

async function opened() {
  const log = openMemoryLog({ clock })
  const deliveries = log.deliver({ group: "renderer", topics: ["element-created"], credits: 4, stop: never })
  const next = async (): Promise<Delivery> => unwrap((await deliveries[Symbol.asyncIterator]().next()).value)
  return { log, next, ends: openLogEnds({ log, clock }) }
}

it("a group that has not begun is not at the end, and one is that has done all there is", async () => {
  const { log, next, ends } = await opened()
  unwrap(await log.append([elementCreated({ key: "a.exr" })]))
  expect(await ends.isAtEnd("renderer")).toEqual({ ok: true, value: false })
  const delivery = await next()
  expect(await ends.isAtEnd("renderer")).toEqual({ ok: true, value: false })
  unwrap(await delivery.acknowledge())
  expect(await ends.isAtEnd("renderer")).toEqual({ ok: true, value: true })
})

it("who waits for the end hears of the acknowledgement that reaches it, and waits for no clock", async () => {
  const { log, next, ends } = await opened()
  unwrap(await log.append([elementCreated({ key: "a.exr" })]))
  const delivery = await next()
  const reached = ends.untilAtEnd(["renderer"], never)
  unwrap(await delivery.acknowledge())
  expect(await reached).toEqual({ ok: true, value: undefined })
})

it("who waits for the end waits no longer once all is stopped", async () => {
  const { ends } = await opened()
  const stop = new AbortController()
  const reached = ends.untilAtEnd(["nobody"], stop.signal)
  stop.abort()
  expect(await reached).toEqual({ ok: true, value: undefined })
})
