import { setTimeout as sleep } from "node:timers/promises"
import { expect, it } from "vitest"
import { currentSchemas } from "../../events/codec.ts"
import { element, elementCreated, elementFailed, factBytes, proxyMade } from "../../events/testing/facts.ts"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import type { DeadLetter, HeldPartition, ReadOptions } from "../index.ts"
import { append, consume, keyOf, keysOf, readAll, type Suite } from "./harness.ts"

export function readCases({ open }: Suite): void {
  it("replays a topic from the beginning, from an offset, or since a time", async () => {
    const { log } = await open()
    await append(log, elementCreated({ key: "a.exr" }), elementCreated({ key: "b.exr" }))
    await sleep(20)
    const sinceMs = Date.now()
    await sleep(20)
    await append(log, elementCreated({ key: "c.exr" }))
    const [, second] = await readAll(log, "element-created")
    expect(keysOf(await readAll(log, "element-created"))).toEqual(["a.exr", "b.exr", "c.exr"])
    expect(keysOf(await readAll(log, "element-created", { from: second?.at.offset ?? 0 }))).toEqual(["b.exr", "c.exr"])
    expect(keysOf(await readAll(log, "element-created", { from: second === undefined ? [] : [second.at] }))).toEqual([
      "b.exr",
      "c.exr",
    ])
    const elsewhere = [{ topic: "proxy-made" as const, partition: 0, offset: 2 }]
    expect(await readAll(log, "element-created", { from: elsewhere })).toHaveLength(3)
    expect(keysOf(await readAll(log, "element-created", { sinceMs }))).toEqual(["c.exr"])
  })

  it("ends a replay at the end it found, also when facts keep coming", async () => {
    const { log } = await open()
    await append(log, ...Array.from({ length: 1200 }, () => elementCreated()))
    let count = 0
    for await (const record of log.read("element-created")) {
      unwrap(record)
      if (count++ % 300 === 0) await append(log, elementCreated())
    }
    expect(count).toBe(1200)
  })

  it("replays nothing of an empty topic", async () => {
    const { log } = await open()
    expect(await readAll(log, "thumbnail-made")).toEqual([])
  })

  it("follows a topic until it is told to stop", async () => {
    const { log } = await open()
    await append(log, elementCreated({ key: "a.exr" }))
    const follow = new AbortController()
    const seen: string[] = []
    for await (const record of log.read("element-created", { follow: follow.signal })) {
      seen.push(keyOf(unwrap(record)))
      if (seen.length === 1) await append(log, elementCreated({ key: "b.exr" }))
      if (seen.length === 2) follow.abort()
    }
    expect(seen).toEqual(["a.exr", "b.exr"])
  })
}

export function severalTopicCases({ open }: Suite): void {
  it("replays several topics, of all keys or of one, between two times", async () => {
    const { log } = await open()
    const read = async (options: ReadOptions) => {
      const found: string[] = []
      for await (const record of log.read(["element-created", "proxy-made"], options)) {
        const { at, key } = unwrap(record)
        found.push(`${at.topic} ${key}`)
      }
      return found.toSorted()
    }
    const facts = ["a.0001.exr", "a.0002.exr"].flatMap((key) => [elementCreated({ key }), proxyMade({ key })])
    await append(log, ...facts, elementFailed({ key: "a.0001.exr" }))
    await sleep(20)
    const untilMs = Date.now()
    await sleep(20)
    await append(log, elementCreated({ key: "a.0001.exr" }))
    expect(await read({})).toHaveLength(5)
    const key = `${element().bucket}/a.0001`
    const early = [`element-created ${key}`, `proxy-made ${key}`]
    expect(await read({ key, untilMs })).toEqual(early)
    expect(await read({ key })).toEqual([`element-created ${key}`, ...early])
    expect(await read({ key, sinceMs: untilMs })).toEqual([`element-created ${key}`])
    expect(await read({ key: "nobody/knows" })).toEqual([])
  })

  it("follows several topics", async () => {
    const { log } = await open()
    const from = unwrap(await log.ends(["element-created", "proxy-made"]))
    await append(log, elementCreated({ key: "a.exr" }))
    const follow = new AbortController()
    const seen: string[] = []
    for await (const record of log.read(["element-created", "proxy-made"], { from, follow: follow.signal })) {
      seen.push(unwrap(record).at.topic)
      if (seen.length === 1) await append(log, proxyMade({ key: "b.exr" }))
      if (seen.length === 2) follow.abort()
    }
    expect(seen).toEqual(["element-created", "proxy-made"])
  })
}

export function positionCases({ open, limits }: Suite): void {
  it("tells of each partition that it is given, before its first record", async () => {
    const { log } = await open()
    await append(log, ...["a", "b", "c"].map((name) => elementCreated({ key: `${name}/1.exr` })))
    const held: HeldPartition[] = []
    const consumer = consume(log, { onHeld: (partition) => held.push(partition) })
    const { at, lost } = await consumer.next()
    expect(held.map(({ topic }) => topic)).toEqual(Array(limits.partitions).fill("element-created"))
    expect(new Set(held.map(({ partition }) => partition)).size).toBe(limits.partitions)
    expect(held.find(({ partition }) => partition === at.partition)?.lost).toBe(lost)
  })

  it("tells the ends of topics, which bound what a replay covers", async () => {
    const { log } = await open()
    await append(log, proxyMade(), proxyMade())
    const ends = unwrap(await log.ends(["proxy-made", "element-failed"]))
    const records = await readAll(log, "proxy-made")
    const last = Math.max(...records.map(({ at }) => at.offset))
    expect(Math.max(...ends.filter(({ topic }) => topic === "proxy-made").map(({ offset }) => offset))).toBe(last + 1)
    expect(ends.filter(({ topic }) => topic === "element-failed").every(({ offset }) => offset === 0)).toBe(true)
  })

  it("tells the lag of each known group, or of one", async () => {
    const { log } = await open()
    await append(log, proxyMade(), proxyMade(), elementFailed())
    unwrap(await (await consume(log, { group: "projector", topics: ["proxy-made"] }).next()).acknowledge())
    await consume(log, { group: "other", topics: ["element-failed"] }).next()
    const lags = unwrap(await log.lag()).filter(({ end }) => end > 0)
    expect(lags).toHaveLength(2)
    expect(unwrap(await log.lag("projector")).filter(({ end }) => end > 0)).toMatchObject([
      { group: "projector", topic: "proxy-made", committed: 1, end: 2, lag: 1 },
    ])
    expect(unwrap(await log.lag("nobody"))).toEqual([])
  })
}

export function recordCases({ open }: Suite): void {
  it("gives each record its key, its CloudEvents headers and the time it came in", async () => {
    const { log } = await open()
    const beforeMs = Date.now()
    await append(log, elementCreated({ bucket: "show", key: "sh 010/béauty.0001.exr", traceparent: "00-trace" }))
    const [record] = await readAll(log, "element-created")
    expect(record).toMatchObject({
      key: "show/sh 010/béauty.0001",
      headers: {
        ce_specversion: "1.0",
        ce_type: "oiio.proxy.ElementCreated",
        ce_id: elementCreated({ key: "sh 010/béauty.0001.exr" }).value.factId,
        ce_traceparent: "00-trace",
        "content-type": "application/avro",
      },
    })
    expect(record?.timestampMs).toBeGreaterThanOrEqual(beforeMs - 1)
    expect(record?.timestampMs).toBeLessThanOrEqual(Date.now() + 1)
  })

  it("keeps dead letters with their origin", async () => {
    const { log } = await open()
    const letter: DeadLetter = {
      topic: "dead-letter",
      at: { topic: "element-created", partition: 0, offset: 41 },
      says: "not in the Confluent format: é",
      lengthBytes: 9000,
      sha256: "ab".repeat(32),
      head: Uint8Array.from({ length: 4096 }, (_, index) => index % 256),
    }
    await append(log, letter)
    const [record] = await readAll(log, "dead-letter")
    const stored = record !== undefined && "deadLetter" in record.content ? record.content.deadLetter : null
    expect({ ...stored, head: [...(stored?.head ?? [])] }).toEqual({ ...letter, head: [...letter.head] })
  })

  it("refuses a record that is too large, and takes the next one", async () => {
    const { log } = await open()
    const huge = elementFailed({}, { says: "x".repeat(2_000_000) })
    expect(failureOf(await log.append([huge]))).toMatchObject({ code: "log/too-large", kind: "permanent" })
    expect(await readAll(log, "element-failed")).toEqual([])
    await append(log, elementFailed())
    expect(await readAll(log, "element-failed")).toHaveLength(1)
  })
}

export function foreignCases({ open }: Suite): void {
  it("delivers bytes that nobody can decode as such, and goes on behind them", async () => {
    const { log, appendForeign } = await open()
    await append(log, elementCreated({ key: "a.exr" }))
    for (const value of [
      null,
      Buffer.from("{}"),
      Buffer.from("some other producer"),
      factBytes(elementCreated(), 9999),
    ]) {
      await appendForeign({ topic: "element-created", key: null, value })
    }
    await append(log, elementCreated({ key: "b.exr" }))
    const records = await consume(log).take(6)
    const undecodable = records
      .slice(1, 5)
      .map(({ content }) => ("undecodable" in content ? content.undecodable : null))
    expect(undecodable.map((found) => found?.failure.code)).toEqual(Array(4).fill("log/undecodable"))
    expect(undecodable.map((found) => (found?.bytes === null ? null : found?.bytes.length))[2]).toBe(19)
    expect(keyOf(records[5] as NonNullable<(typeof records)[5]>)).toBe("b.exr")
    for (const record of records) unwrap(await record.acknowledge())
    expect(unwrap(await log.lag("renderer")).every(({ lag }) => lag === 0)).toBe(true)
  })

  it("reads what an older version wrote, with the defaults of the fields it did not know", async () => {
    const { log, appendForeign, storeSchema } = await open()
    const older = JSON.parse(currentSchemas.get("element-created") ?? "")
    const fields = older.fields.find(({ name }: { name: string }) => name === "element").type.fields
    const absent = fields.findIndex(({ name }: { name: string }) => name === "tracestate")
    fields.splice(absent, 1)
    const id = await storeSchema("element-created", JSON.stringify(older))
    const bytes = factBytes(elementCreated(), id)
    // arrivedAtMs takes 6 bytes, the nulls of logicalTimeMs and requestedBy two behind it; that of tracestate is the byte before.
    const value = Buffer.concat([bytes.subarray(0, -9), bytes.subarray(-8)])
    await appendForeign({ topic: "element-created", key: "k", value })
    const [record] = await readAll(log, "element-created")
    expect(record?.content).toEqual({ fact: elementCreated() })
    expect(element().tracestate).toBeNull()
  })
}
