import { expect, it } from "vitest"
import { elementCreated } from "../../../events/testing/facts.ts"
import { unwrap } from "../../../events/testing/results.ts"
import { openMemoryLog } from "../../../log/memory.ts"
import { acknowledge, append, consume } from "../../../log/testing/harness.ts"
import { systemClock } from "../../../system/clock.ts"
import { withOldest } from "./gather.ts"

it("tells since when the first record of a group waits that is not done", async () => {
  let nowMs = 1_000
  const log = openMemoryLog({ clock: { ...systemClock, nowMs: () => nowMs } })
  for (const key of ["a.exr", "b.exr", "c.exr"]) {
    await append(log, elementCreated({ key }))
    nowMs += 1_000
  }
  const consumer = consume(log)
  const [first, second, third] = await consumer.take(3)
  await acknowledge(first)
  await acknowledge(third)
  const [behind] = unwrap(await withOldest(log, unwrap(await log.lag("renderer"))))
  expect(behind).toMatchObject({ lag: 2, oldestUnacknowledgedMs: 2_000 })
  await acknowledge(second)
  const [done] = unwrap(await withOldest(log, unwrap(await log.lag("renderer"))))
  expect(done).toMatchObject({ lag: 0, oldestUnacknowledgedMs: null })
})
