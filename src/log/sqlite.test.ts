import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { currentSchemas } from "../events/codec.ts"
import { elementCreated, elementFailed, proxyMade } from "../events/testing/facts.ts"
import { failureOf, unwrap } from "../events/testing/results.ts"
import { openState } from "../state/index.ts"
import { type Clock, systemClock as clock } from "../system/clock.ts"
import type { Topic } from "./index.ts"
import { openSqliteLog, retainLog } from "./sqlite.ts"
import { acknowledge, append, consume, keyOf, keysOf, lagOf, readAll } from "./testing/harness.ts"

async function open() {
  const folder = mkdtempSync(join(tmpdir(), "sqlite-log-"))
  const stateOf = async (mode: "own" | "read") => {
    const state = unwrap(await openState({ folder, mode, clock }))
    onTestFinished(() => void state.close())
    return state
  }
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const own = await stateOf("own")
  const log = unwrap(await openSqliteLog({ state: own, clock }))
  const reader = async () => unwrap(await openSqliteLog({ state: await stateOf("read"), clock }))
  return { own, log, reader }
}

describe("sqlite log", () => {
  it("keeps each writer schema once", async () => {
    const { own } = await open()
    unwrap(await openSqliteLog({ state: own, clock }))
    const texts = own.sql("SELECT text FROM writer_schema ORDER BY id").all()
    expect(texts.map(({ text }) => text)).toEqual([...new Set(currentSchemas.values())])
  })

  it("is followed by another process while its owner writes", async () => {
    const { log, reader } = await open()
    await append(log, elementCreated({ key: "a.exr" }))
    const follow = new AbortController()
    const seen: string[] = []
    for await (const record of (await reader()).read("element-created", { follow: follow.signal })) {
      seen.push(keyOf(unwrap(record)))
      if (seen.length < 3) await append(log, elementCreated({ key: `${seen.length}.exr` }))
      else follow.abort()
    }
    expect(seen).toEqual(["a.exr", "1.exr", "2.exr"])
  })

  it("refuses to write where it is open for reading", async () => {
    const { log, reader } = await open()
    await append(log, elementCreated())
    const read = await reader()
    expect(failureOf(await read.append([elementCreated()]))).toMatchObject({ code: "log/refused" })
    expect(await consume(read).raw()).toMatchObject({ value: { failure: { code: "log/refused" } } })
    expect(await lagOf(read, "renderer")).toBe(0)
    expect(await readAll(read, "element-created")).toHaveLength(1)
  })

  it("delivers again from where a rebuild rewound the group, and drops what was under way", async () => {
    const { own, log } = await open()
    await append(
      log,
      elementCreated({ key: "a.exr" }),
      elementCreated({ key: "b.exr" }),
      elementCreated({ key: "c.exr" }),
    )
    const consumer = consume(log, { credits: 2 })
    const [first, second] = await consumer.take(2)
    await acknowledge(first)
    unwrap(await own.write("table", () => own.groups.rewind("renderer", "element-created", 0)))
    expect(second?.lost.aborted).toBe(true)
    expect(await second?.acknowledge([proxyMade()])).toMatchObject({ failure: { code: "log/lost-ownership" } })
    const again = await consumer.take(2)
    expect(keysOf(again)).toEqual(["a.exr", "b.exr"])
    for (const delivery of again) await acknowledge(delivery)
    await acknowledge(await consumer.next())
    expect([await lagOf(log, "renderer"), (await readAll(log, "proxy-made")).length]).toEqual([0, 0])
  })

  it("shares one commit among many acknowledgements", async () => {
    const { own, log } = await open()
    await append(log, ...Array.from({ length: 200 }, () => elementCreated()))
    const deliveries = await consume(log, { credits: 200 }).take(200)
    let commits = 0
    own.onCommit(() => commits++)
    for (const result of await Promise.all(deliveries.map((delivery) => delivery.acknowledge([proxyMade()]))))
      unwrap(result)
    expect(commits).toBeLessThan(5)
    expect([await lagOf(log, "renderer"), (await readAll(log, "proxy-made")).length]).toEqual([0, 200])
  })
})

async function openForRetention() {
  const folder = mkdtempSync(join(tmpdir(), "retention-"))
  let nowMs = 1_000
  const movedClock: Clock = { ...clock, nowMs: () => nowMs }
  const state = unwrap(await openState({ folder, mode: "own", clock: movedClock }))
  onTestFinished(() => {
    state.close()
    rmSync(folder, { recursive: true })
  })
  const log = unwrap(await openSqliteLog({ state, clock: movedClock }))
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
    const { log, passTo, count, retain } = await openForRetention()
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
    const { log, count, retain } = await openForRetention()
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
    const { log, count, retain } = await openForRetention()
    await append(log, ...created(3))
    expect(await retain(10)).toBe(0)
    expect(await count("element-created")).toBe(3)
  })

  it("keeps results for ever, and lets facts without readers go", async () => {
    const { log, state, count, retain } = await openForRetention()
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
    const { log, retain, passTo } = await openForRetention()
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
