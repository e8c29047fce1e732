import { setTimeout as sleep } from "node:timers/promises"
import { expect, it, onTestFinished } from "vitest"
import { elementCreated, elementFailed, proxyMade } from "../../events/testing/facts.ts"
import { unwrap } from "../../events/testing/results.ts"
import { elementOf } from "../../events/testing/sequence-facts.ts"
import type { DeliveredPage, EventLog, PageSubscription } from "../index.ts"
import { append, lagOf, readAll, type Suite } from "./harness.ts"

/** Facts of one key, and so of one partition. */
const attempts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => elementCreated({ key: "one.exr", attempt: from + at }))

const attemptsIn = ({ records }: DeliveredPage): readonly (number | null)[] =>
  records.map(({ content }) => ("fact" in content ? elementOf(content.fact).attempt : null))

/** Asks for pages one after the other; the test's deadline ends a wait for one that does not come. */
function pagesOf(log: EventLog, given: Partial<PageSubscription> = {}) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const subscription = {
    group: "renderer",
    topics: ["element-created" as const],
    most: 100,
    stop: stop.signal,
    ...given,
  }
  const iterator = log.deliverPages(subscription)[Symbol.asyncIterator]()
  let asked: ReturnType<typeof iterator.next> | null = null
  return {
    next: async (): Promise<DeliveredPage> => {
      const { done, value } = await (asked ?? iterator.next())
      asked = null
      if (done === true) throw new Error("the iteration ended")
      return unwrap(value)
    },
    staysQuiet: async (quietMs: number): Promise<void> => {
      asked ??= iterator.next()
      expect(await Promise.race([asked, sleep(quietMs, "quiet")])).toBe("quiet")
    },
  }
}

/** Takes pages, each acknowledged, until so many records have come. */
async function takeRecords(pages: ReturnType<typeof pagesOf>, count: number): Promise<readonly DeliveredPage[]> {
  const taken: DeliveredPage[] = []
  while (taken.reduce((sum, { records }) => sum + records.length, 0) < count) {
    const page = await pages.next()
    taken.push(page)
    unwrap(await page.acknowledge())
  }
  return taken
}

export function pageCases({ open, limits }: Suite): void {
  it("gives what waits in a partition in order, at most so many records at once, each once", async () => {
    const { log } = await open()
    await append(log, ...attempts(0, 25))
    const taken = await takeRecords(pagesOf(log, { most: 10 }), 25)
    expect(taken.flatMap(attemptsIn)).toEqual(Array.from({ length: 25 }, (_, attempt) => attempt))
    expect(Math.max(...taken.map(({ records }) => records.length))).toBeLessThanOrEqual(10)
  })

  it("gives the next page of a partition when the one before is acknowledged, with all that came meanwhile", async () => {
    const { log } = await open()
    await append(log, ...attempts(0, 1))
    const pages = pagesOf(log)
    const first = await pages.next()
    await append(log, ...attempts(1, 4))
    await pages.staysQuiet(limits.quietMs)
    unwrap(await first.acknowledge())
    expect((await takeRecords(pages, 3)).flatMap(attemptsIn)).toEqual([1, 2, 3])
  })

  it("goes on with other partitions meanwhile, of which none starves another", async () => {
    const { log } = await open()
    await append(log, ...attempts(0, 30), proxyMade(), elementFailed())
    const pages = pagesOf(log, { most: 5, topics: ["element-created", "proxy-made", "element-failed"] })
    const taken = [await pages.next(), await pages.next(), await pages.next()]
    expect(new Set(taken.map(({ records }) => records[0]?.at.topic)).size).toBe(3)
  })

  it("moves the group behind a page, with the facts of its acknowledgement, and once", async () => {
    const opened = await open()
    await append(opened.log, ...attempts(0, 4))
    const page = await pagesOf(opened.log).next()
    expect(await lagOf(opened.log, "renderer")).toBe(4)
    await Promise.all([page.acknowledge([proxyMade()]), page.acknowledge([proxyMade()])])
    const log = await opened.reopen()
    expect(await readAll(log, "proxy-made")).toHaveLength(1)
    expect(await lagOf(log, "renderer")).toBe(4 - page.records.length)
  })

  unacknowledgedCases({ open, limits })
}

function unacknowledgedCases({ open, limits }: Suite): void {
  it("gives again what was not acknowledged when the process died", async () => {
    const opened = await open()
    await append(opened.log, ...attempts(0, 4))
    const pages = pagesOf(opened.log, { most: 2 })
    unwrap(await (await pages.next()).acknowledge())
    await pages.next()
    expect(attemptsIn(await pagesOf(await opened.reopen(), { most: 2 }).next())).toEqual([2, 3])
  })

  it("keeps a page open whose acknowledgement failed, until a later try", async () => {
    const { log, breakDown } = await open()
    await append(log, ...attempts(0, 2))
    const pages = pagesOf(log)
    const page = await pages.next()
    const heal = await breakDown()
    const refused = await page.acknowledge(Array.from({ length: 500 }, (_, recipe) => proxyMade({}, { recipe })))
    expect(refused).toMatchObject({ ok: false, failure: { kind: "outage" } })
    await pages.staysQuiet(limits.quietMs)
    await heal()
    unwrap(await page.acknowledge([proxyMade()]))
    expect(await readAll(log, "proxy-made")).toHaveLength(1)
    await append(log, ...attempts(2, 3))
    expect((await takeRecords(pages, 3 - page.records.length)).flatMap(attemptsIn).at(-1)).toBe(2)
  })
}
