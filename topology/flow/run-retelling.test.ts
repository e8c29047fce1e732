import { afterEach, describe, expect, it } from "vitest"
import type { Fact } from "../../src/events/fact.ts"
import { done, failed, failure, type Result } from "../../src/events/result.ts"
import type { DeliveredPage, EventLog, StoredRecord } from "../../src/log/index.ts"
import { type Driver, drive } from "../../test/driver/index.ts"
import { arrive, frame, regrouping } from "./testing/settling.ts"

let driver: Driver
afterEach(() => driver.close())

const start = async (log: (log: EventLog) => EventLog): Promise<void> => {
  driver = await drive({ besides: [regrouping], log })
}

const isOf = (key: string) => (fact: Fact) => fact.topic === "sequence-frame" && fact.value.key === key

/** A log that takes none of these facts, and nothing that comes with one. */
const refusing =
  (isRefused: (fact: Fact) => boolean, code: "log/too-large" | "log/unreachable") =>
  (log: EventLog): EventLog => {
    const refused = (facts: readonly { readonly topic: string }[] = []): Result<void> | null =>
      (facts as readonly Fact[]).some(isRefused) ? failed(failure(code, "It does not fit.")) : null
    return withPages(
      { ...log, append: async (records) => refused(records) ?? log.append(records) },
      ({ acknowledge, ...page }) => ({
        ...page,
        acknowledge: async (facts) => refused(facts) ?? acknowledge(facts),
      }),
    )
  }

const withPages = (log: EventLog, given: (page: DeliveredPage) => DeliveredPage): EventLog => ({
  ...log,
  async *deliverPages(subscription) {
    for await (const page of log.deliverPages(subscription)) yield page.ok ? done(given(page.value)) : page
  },
})

const told = async () => (await driver.facts("sequence-frame")).map(({ frame, state }) => `${frame} ${state}`).sort()

describe("facts that are told anew page by page", () => {
  it("are told in the order of their key, each under the fact that it tells", async () => {
    await start((log) => log)
    await arrive(driver, 1, 2, 3)
    expect(await told()).toEqual(["1 arrived", "1 made", "2 arrived", "2 made", "3 arrived", "3 made"])
    const causes = (await driver.facts("sequence-frame")).map(({ causationId }) => causationId)
    const facts = [...(await driver.facts("element-created")), ...(await driver.facts("proxy-made"))]
    expect(new Set(causes)).toEqual(new Set(facts.map(({ factId }) => factId)))
    expect(await driver.lag("regroup")).toBe(0)
  })

  it("fail one by one where the log cannot hold what is told of one, and its neighbours are told", async () => {
    let isDown = true
    const isBad = isOf(frame(2))
    await start((log) =>
      withPages(refusing(isBad, "log/too-large")(log), ({ acknowledge, ...page }) => ({
        ...page,
        // What comes while nothing can be acknowledged makes one page.
        acknowledge: async (facts) =>
          isDown ? failed(failure("log/unreachable", "The log is away.")) : acknowledge(facts),
      })),
    )
    await arrive(driver, 1, 2, 3)
    isDown = false
    await driver.passes(60_000)
    expect(await told()).toEqual(["1 arrived", "1 made", "3 arrived", "3 made"])
    const failures = await driver.facts("element-failed")
    // Once for its arrival and once for what became of it, under one id.
    expect(new Set(failures.map(({ element: { key }, stage, code }) => `${key} ${stage} ${code}`))).toEqual(
      new Set([`${frame(2)} regroup log/too-large`]),
    )
    expect(new Set(failures.map(({ factId }) => factId)).size).toBe(1)
    expect(await driver.lag("regroup")).toBe(0)
  })

  it("wait an outage out, and are told once", async () => {
    let isDown = true
    await start(refusing((fact) => isDown && fact.topic === "sequence-frame", "log/unreachable"))
    await arrive(driver, 1)
    await driver.passes(3_600_000)
    expect(await told()).toEqual([])
    isDown = false
    await driver.passes(60_000)
    expect(await told()).toEqual(["1 arrived", "1 made"])
  })

  it("are told again after a death before the acknowledgement, with the same ids", async () => {
    await start((log) =>
      withPages(log, ({ acknowledge, ...page }) => ({
        ...page,
        acknowledge: async (facts = []) => {
          if (facts.length > 0) await log.append(facts)
          return isLosing ? failed(failure("log/unreachable", "The log is away.")) : acknowledge(facts)
        },
      })),
    )
    let isLosing = true
    await arrive(driver, 1)
    await driver.dies()
    isLosing = false
    driver.starts()
    await driver.passes(60_000)
    const ids = (await driver.facts("sequence-frame")).map(({ factId }) => factId)
    expect(ids.length).toBeGreaterThan(2)
    expect(new Set(ids).size).toBe(2)
  })

  it("go on past bytes that nobody can decode, which are kept as a dead letter", async () => {
    const undecodable: StoredRecord["content"] = {
      undecodable: { failure: failure("log/undecodable", "It is garbage."), bytes: Buffer.from("garbage") },
    }
    const isGarbage = ({ content }: StoredRecord): boolean =>
      "fact" in content && content.fact.topic === "element-created" && content.fact.value.element.key === frame(2)
    await start((log) =>
      withPages(log, ({ records, ...page }) => ({
        ...page,
        records: records.map((record) => (isGarbage(record) ? { ...record, content: undecodable } : record)),
      })),
    )
    await arrive(driver, 1, 2)
    expect(await told()).toEqual(["1 arrived", "1 made", "2 made"])
    expect(driver.observed).toContainEqual({ kind: "dead-letter", topic: "element-created", says: "It is garbage." })
    expect(await driver.lag("regroup")).toBe(0)
  })
})
