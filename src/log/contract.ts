import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { elementCreated, proxyMade } from "../events/testing/facts.ts"
import { failureOf, unwrap } from "../events/testing/results.ts"
import { acknowledgeCases, deliveryCases, fairnessCases, misfitCases, stopCases } from "./testing/delivery.ts"
import {
  acknowledge,
  append,
  consume,
  keyOf,
  keysOf,
  type LogLimits,
  lagOf,
  type OpenLog,
  opener,
  readAll,
  type Suite,
} from "./testing/harness.ts"
import { pageCases } from "./testing/pages.ts"
import { foreignCases, positionCases, readCases, recordCases, severalTopicCases } from "./testing/reading.ts"
import { settingAsideCases } from "./testing/setting-aside.ts"

export type { LogLimits, LogUnderTest, OpenLog } from "./testing/harness.ts"

/** What every event log promises: the whole suite runs against each adapter, each test on a log of its own. */
export function eventLogContract(name: string, open: OpenLog, limits: LogLimits): void {
  const suite = { open: opener(open), limits }
  const { laterReader, otherProcess, offsets, outage, partitions } = limits
  const declared = `a later reader ${laterReader}, another process ${otherProcess}, offsets move ${offsets}, outages ${outage}`
  describe(`event log: ${name} (${declared}, ${partitions} partition a topic)`, () => {
    describe("delivery", () => deliveryCases(suite))
    describe("fairness", () => fairnessCases(suite))
    describe("setting aside", () => settingAsideCases(suite))
    describe("pages", () => pageCases(suite))
    describe("acknowledgement", () => acknowledgeCases(suite))
    describe("facts that fit no schema", () => misfitCases(suite))
    describe("stopping", () => stopCases(suite))
    describe("replay", () => readCases(suite))
    describe("replay of several topics", () => severalTopicCases(suite))
    describe("positions", () => positionCases(suite))
    describe("records", () => recordCases(suite))
    describe("foreign bytes", () => foreignCases(suite))
    describe("outages", () => outageCases(suite))
    describe("its limits", () => {
      if (laterReader === "takes over") takeOverCase(suite)
      else standByCase(suite)
      limitCases(suite)
    })
  })
}

function outageCases({ open, limits }: Suite): void {
  it("gives an outage back as a value, appends nothing of it, and is well afterwards", async () => {
    const { log, breakDown } = await open()
    const heal = await breakDown()
    expect(failureOf(await log.append(many(500)))).toMatchObject({ code: "log/unreachable", kind: "outage" })
    await heal()
    expect(await readAll(log, "proxy-made")).toEqual([])
    await append(log, proxyMade())
    expect(await readAll(log, "proxy-made")).toHaveLength(1)
  })

  it("keeps a delivery open whose acknowledgement failed, until a later try", async () => {
    const { log, breakDown } = await open()
    await append(log, elementCreated({ key: "a.exr" }), elementCreated({ key: "b.exr" }))
    const consumer = consume(log, { credits: 1 })
    const delivery = await consumer.next()
    const heal = await breakDown()
    expect(failureOf(await delivery.acknowledge(many(500)))).toMatchObject({ kind: "outage" })
    await consumer.staysQuiet(limits.quietMs)
    await heal()
    unwrap(await delivery.acknowledge([proxyMade()]))
    expect(await readAll(log, "proxy-made")).toHaveLength(1)
    expect(keyOf(await consumer.next())).toBe("b.exr")
  })

  it("waits an outage out and delivers afterwards", async () => {
    const { log, breakDown } = await open()
    const heal = await breakDown()
    const consumer = consume(log)
    const waiting = consumer.next()
    await sleep(limits.quietMs)
    await heal()
    await append(log, elementCreated({ key: "later.exr" }))
    expect(keyOf(await waiting)).toBe("later.exr")
  })

  it(`is an outage ${limits.outage}, told as a value of every question`, async () => {
    const { log, breakDown } = await open()
    await append(log, elementCreated())
    const heal = await breakDown()
    const { value: read } = await log.read("element-created")[Symbol.asyncIterator]().next()
    const answers = [await log.ends(["element-created"]), await log.lag(), read]
    await heal()
    expect(answers.map((answer) => (answer?.ok === false ? answer.failure.kind : "answered"))).toEqual(
      Array(3).fill(limits.outage === "of everything" ? "outage" : "answered"),
    )
  })
}

function takeOverCase({ open }: Suite): void {
  it("hands the topic to a later reader of the group", async () => {
    const { log } = await open()
    await append(log, elementCreated({ key: "a.exr" }), elementCreated({ key: "b.exr" }))
    const former = consume(log)
    const delivery = await former.next()
    const later = consume(log)
    expect(keyOf(await later.next())).toBe("a.exr")
    expect(delivery.lost.aborted).toBe(true)
    expect(await delivery.acknowledge([proxyMade()])).toMatchObject({ failure: { code: "log/lost-ownership" } })
    expect(await former.raw()).toMatchObject({ value: { failure: { code: "log/lost-ownership" } } })
    expect([(await readAll(log, "proxy-made")).length, await lagOf(log, "renderer")]).toEqual([0, 2])
  })
}

function standByCase({ open, limits }: Suite): void {
  it("keeps the topic with its reader, and has a later one stand by", async () => {
    const { log } = await open()
    await append(log, elementCreated({ key: "a.exr" }))
    const former = consume(log)
    const delivery = await former.next()
    const later = consume(log)
    await later.staysQuiet(limits.quietMs)
    expect(delivery.lost.aborted).toBe(false)
    await acknowledge(delivery)
    await former.stops()
    await append(log, elementCreated({ key: "b.exr" }))
    expect(keyOf(await later.next())).toBe("b.exr")
  })
}

function limitCases({ open, limits }: Suite): void {
  const { otherProcess, offsets, partitions } = limits

  it(`has another process that ${otherProcess}`, async () => {
    const { log, elsewhere } = await open()
    await append(log, elementCreated({ key: "a.exr" }))
    const other = await elsewhere()
    expect(keysOf(await readAll(other, "element-created"))).toEqual(otherProcess === "sees nothing" ? [] : ["a.exr"])
    const appended = await other.append([elementCreated({ key: "b.exr" })])
    expect(appended.ok ? "appended" : appended.failure.code).toBe(otherProcess === "reads" ? "log/refused" : "appended")
    const seen = otherProcess === "reads and writes" ? ["a.exr", "b.exr"] : ["a.exr"]
    expect(keysOf(await readAll(log, "element-created"))).toEqual(seen)
  })

  it(`moves the offset of a group ${offsets}`, async () => {
    const { log, diesEarly, reopen } = await open()
    expect(diesEarly === null).toBe(offsets === "with the facts")
    await append(log, elementCreated({ key: "a.exr" }))
    const delivery = await consume((await diesEarly?.()) ?? log).next()
    unwrap(await delivery.acknowledge([proxyMade()]))
    const next = await reopen()
    await append(next, elementCreated({ key: "b.exr" }))
    expect(keyOf(await consume(next).next())).toBe(offsets === "with the facts" ? "b.exr" : "a.exr")
    expect(await readAll(next, "proxy-made")).toHaveLength(1)
  })

  it(`has ${partitions} partition of a topic`, async () => {
    const { log } = await open()
    expect(unwrap(await log.ends(["element-created"]))).toHaveLength(partitions)
  })
}

/** Enough to need more room than a full disk has left. */
const many = (count: number) => Array.from({ length: count }, (_, recipe) => proxyMade({}, { recipe }))
