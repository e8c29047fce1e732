import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { elementCreated, proxyMade } from "../events/testing/facts.ts"
import { failureOf, unwrap } from "../events/testing/results.ts"
import { acknowledgeCases, deliveryCases, fairnessCases, misfitCases, stopCases } from "./testing/delivery.ts"
import { append, consume, keyOf, type LogLimits, type OpenLog, opener, readAll } from "./testing/harness.ts"
import { foreignCases, positionCases, readCases, recordCases } from "./testing/reading.ts"
import { settingAsideCases } from "./testing/setting-aside.ts"

export type { LogLimits, LogUnderTest, OpenLog } from "./testing/harness.ts"

/** What every event log promises: the whole suite runs against each adapter, each test on a log of its own. */
export function eventLogContract(name: string, open: OpenLog, limits: LogLimits): void {
  const suite = { open: opener(open), limits }
  const declared = limits.deviations.length === 0 ? "no deviations" : limits.deviations.join("; ")
  describe(`event log: ${name} (${declared})`, () => {
    describe("delivery", () => deliveryCases(suite))
    describe("fairness", () => fairnessCases(suite))
    describe("setting aside", () => settingAsideCases(suite))
    describe("acknowledgement", () => acknowledgeCases(suite))
    describe("facts that fit no schema", () => misfitCases(suite))
    describe("stopping", () => stopCases(suite))
    describe("replay", () => readCases(suite))
    describe("positions", () => positionCases(suite))
    describe("records", () => recordCases(suite))
    describe("foreign bytes", () => foreignCases(suite))
    describe("outages", () => outageCases(suite))
  })
}

function outageCases({ open, limits }: { open: ReturnType<typeof opener>; limits: LogLimits }): void {
  it("gives an outage back as a value, appends nothing of it, and is well afterwards", async (test) => {
    const { log, breakDown } = await open()
    if (breakDown === null) return test.skip("this adapter cannot be put out of reach")
    const heal = await breakDown()
    expect(failureOf(await log.append(many(500)))).toMatchObject({ code: "log/unreachable", kind: "outage" })
    await heal()
    expect(await readAll(log, "proxy-made")).toEqual([])
    await append(log, proxyMade())
    expect(await readAll(log, "proxy-made")).toHaveLength(1)
  })

  it("keeps a delivery open whose acknowledgement failed, until a later try", async (test) => {
    const { log, breakDown } = await open()
    if (breakDown === null) return test.skip("this adapter cannot be put out of reach")
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

  it("waits an outage out and delivers afterwards", async (test) => {
    const { log, breakDown } = await open()
    if (breakDown === null) return test.skip("this adapter cannot be put out of reach")
    const heal = await breakDown()
    const consumer = consume(log)
    const waiting = consumer.next()
    await sleep(limits.quietMs)
    await heal()
    await append(log, elementCreated({ key: "later.exr" }))
    expect(keyOf(await waiting)).toBe("later.exr")
  })
}

/** Enough to need more room than a full disk has left. */
const many = (count: number) => Array.from({ length: count }, (_, recipe) => proxyMade({}, { recipe }))
