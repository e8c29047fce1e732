import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { elementCreated, elementFailed, proxyMade } from "../events/testing/facts.ts"
import { unwrap } from "../events/testing/results.ts"
import { openState } from "../state/index.ts"
import { type Clock, systemClock } from "../system/clock.ts"
import type { Topic } from "./index.ts"
import { openSqliteLog } from "./sqlite.ts"
import { retainLog } from "./sqlite-retention.ts"
import { acknowledge, append, consume, readAll } from "./testing/harness.ts"

async function open() {
  const folder = mkdtempSync(join(tmpdir(), "retention-"))
  let nowMs = 1_000
  const clock: Clock = { ...systemClock, nowMs: () => nowMs }
  const state = unwrap(await openState({ folder, mode: "own", clock }))
  onTestFinished(() => {
    state.close()
    rmSync(folder, { recursive: true })
  })
  const log = unwrap(await openSqliteLog({ state, clock }))
  const passTo = (ms: number): void => {
    nowMs = ms
  }
  const count = async (topic: Topic) => (await readAll(log, topic)).length
  return {
    state,
    log,
    passTo,
    count,
    retain: async (chunk: number) => unwrap(await retainLog(state, { olderThanMs: 2_000, chunk })),
  }
}

const created = (count: number) => Array.from({ length: count }, () => elementCreated())

describe("retention", () => {
  it("deletes what is old and read, in chunks, and leaves what is young", async () => {
    const { log, passTo, count, retain } = await open()
    await append(log, ...created(25))
    passTo(3_000)
    await append(log, ...created(5))
    const deliveries = await consume(log).take(30)
    for (const delivery of deliveries) await acknowledge(delivery)
    expect(await retain(10)).toBe(25)
    expect(await count("element-created")).toBe(5)
    expect(await retain(10)).toBe(0)
  })

  it("never deletes what a group has still to read", async () => {
    const { log, count, retain } = await open()
    await append(log, ...created(10))
    const fast = await consume(log, { group: "fast" }).take(10)
    for (const delivery of fast) await acknowledge(delivery)
    const slow = await consume(log, { group: "slow" }).take(10)
    for (const delivery of slow.slice(0, 4)) await acknowledge(delivery)
    expect(await retain(3)).toBe(4)
    const [first] = await readAll(log, "element-created")
    expect([await count("element-created"), first?.at.offset]).toEqual([6, 4])
  })

  it("keeps arrivals that nobody has begun to read", async () => {
    const { log, count, retain } = await open()
    await append(log, ...created(3))
    expect(await retain(10)).toBe(0)
    expect(await count("element-created")).toBe(3)
  })

  it("keeps results for ever, and lets facts without readers go", async () => {
    const { log, state, count, retain } = await open()
    await append(log, proxyMade(), elementFailed())
    await append(log, {
      topic: "dead-letter",
      at: { topic: "element-created", partition: 0, offset: 0 },
      says: "",
      lengthBytes: 0,
      sha256: "",
      head: new Uint8Array(),
    })
    expect(await retain(10)).toBe(1)
    expect([await count("proxy-made"), await count("element-failed"), await count("dead-letter")]).toEqual([1, 1, 0])
    expect(state.sql("SELECT topic, off FROM log ORDER BY topic").all()).toMatchObject([
      { topic: "element-failed", off: 0 },
      { topic: "proxy-made", off: 0 },
    ])
  })

  it("goes on counting where it was: offsets are never given twice", async () => {
    const { log, retain, passTo } = await open()
    await append(log, ...created(3))
    for (const delivery of await consume(log).take(3)) await acknowledge(delivery)
    await retain(10)
    passTo(5_000)
    await append(log, ...created(1))
    const [record] = await readAll(log, "element-created")
    expect(record?.at.offset).toBe(3)
    expect((await consume(log).next()).at.offset).toBe(3)
  })
})
