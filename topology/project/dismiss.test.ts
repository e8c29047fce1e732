import fc from "fast-check"
import { afterEach, describe, expect, it } from "vitest"
import { EPOCH_MS, elementCreated, elementFailed, failureDismissed, proxyMade } from "../../src/events/testing/facts.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import { again, decide } from "../../src/ingest/listing/listing.ts"
import type { ElementRow } from "../../src/table/rows.ts"
import { type Driver, drive } from "../../test/driver/index.ts"
import { dismiss, forget } from "./dismiss.ts"
import { project } from "./project.ts"

const KEY = "sh010/beauty.0001.exr"
const DISMISSAL = { nowMs: EPOCH_MS + 60_000, by: "Ana", trigger: "dismiss" } as const

let driver: Driver
afterEach(() => driver.close())

async function rowOf(t: Driver): Promise<ElementRow> {
  const row = unwrap(await t.table.element("show", KEY))
  if (row === null) throw new Error(`there is no row of ${KEY}`)
  return row
}

/** A frame that failed and was dismissed. */
async function withDismissed(): Promise<Driver> {
  driver = await drive()
  unwrap(await driver.log.append([elementFailed({ key: KEY })]))
  await driver.passes(1_000)
  unwrap(await dismiss({ ...driver, generatorVersion: "3.0.0" }, [await rowOf(driver)], DISMISSAL))
  return driver
}

describe("a dismissed failure", () => {
  it("has its row at once, and the projector changes nothing of it and tells nobody", async () => {
    const t = await withDismissed()
    const told = t.told.length
    const row = await rowOf(t)
    expect(row).toMatchObject({ state: "dismissed", failure_code: "picture/damaged", stage: "render-outputs" })
    await t.passes(1_000)
    expect(await rowOf(t)).toEqual(row)
    expect(t.told).toHaveLength(told)
    expect(await t.lag("projector")).toBe(0)
  })

  it("has one fact, however often it is dismissed from the same row", async () => {
    driver = await drive()
    unwrap(await driver.log.append([elementFailed({ key: KEY })]))
    await driver.passes(1_000)
    const row = await rowOf(driver)
    for (const nowMs of [1, 2])
      unwrap(await dismiss({ ...driver, generatorVersion: "3.0.0" }, [row], { ...DISMISSAL, nowMs: EPOCH_MS + nowMs }))
    expect(new Set((await driver.facts("failure-dismissed")).map(({ factId }) => factId)).size).toBe(1)
  })

  it("that was taken off the list still says which version is left alone", async () => {
    const t = await withDismissed()
    unwrap(await forget({ ...t, generatorVersion: "3.0.0" }, await rowOf(t), EPOCH_MS + 90_000))
    expect(await rowOf(t)).toMatchObject({ state: "dismissed", failure_code: null, failure_says: null })
  })

  it("gives way to a retry and to a newer arrival, whatever the clock of who dismissed it", async () => {
    const t = await withDismissed()
    const row = await rowOf(t)
    const retried = again(row, { trigger: "retry", force: false, nowMs: 0 })
    unwrap(await t.table.merge(project([retried])))
    expect(await rowOf(t)).toMatchObject({ state: "queued" })
    const upload = elementCreated({ key: KEY, elementId: "upload" }, { logicalTimeMs: EPOCH_MS + 1 })
    const [newer, failed] = [project([upload]), project([elementFailed({ key: KEY }), failureDismissed({ key: KEY })])]
    unwrap(await t.table.merge({ ...newer, elements: [...newer.elements, ...failed.elements] }))
    expect(await rowOf(t)).toMatchObject({ state: "queued" })
  })
})

it("a listing leaves the dismissed version alone, and takes up another one", () => {
  const [row] = project([failureDismissed({ key: KEY }, { sourceVersion: "v1", renderKey: "old settings" })]).elements
  const [unseen] = project([failureDismissed({ key: KEY }, { sourceVersion: null })]).elements
  if (row === undefined || unseen === undefined) throw new Error("no rows")
  const listed = (of: ElementRow, sourceVersion: string, lastModifiedMs: number) =>
    decide(
      { bucket: "show", key: KEY, sourceVersion, sizeBytes: 1, etag: "e", lastModifiedMs },
      { row: of, isLost: false, wantedRenderKey: "today's", outputsPresent: false },
      EPOCH_MS + 100_000,
    ).kind
  expect(listed(row, "v1", EPOCH_MS)).toBe("dismissed")
  expect(listed(row, "v2", EPOCH_MS)).toBe("arrived")
  expect(listed(unseen, "v1", EPOCH_MS)).toBe("dismissed")
  expect(listed(unseen, "v2", EPOCH_MS + 2_000)).toBe("arrived")
})

it("facts about one frame give one row in any order, with a dismissal among them", async () => {
  const of = { key: KEY }
  const facts = [
    elementCreated(of),
    elementFailed(of),
    failureDismissed(of),
    failureDismissed(of, { failure: null, logicalTimeMs: EPOCH_MS + 2 }),
    elementCreated({ key: KEY, elementId: "retry", attempt: 1 }, { logicalTimeMs: EPOCH_MS + 3 }),
    proxyMade({ key: KEY, elementId: "retry", attempt: 1 }, { logicalTimeMs: EPOCH_MS + 3 }),
  ]
  const outcome = async (some: typeof facts): Promise<string> => {
    driver = await drive()
    for (const fact of some) unwrap(await driver.table.merge(project([fact])))
    const row = await rowOf(driver)
    await driver.close()
    return JSON.stringify(row)
  }
  for (let most = 2; most <= facts.length; most += 1) {
    const some = facts.slice(0, most)
    const wanted = await outcome(some)
    const property = fc.asyncProperty(fc.shuffledSubarray(some, { minLength: most }), async (shuffled) => {
      expect(await outcome([...shuffled, ...shuffled.slice(0, 2)])).toBe(wanted)
    })
    await fc.assert(property, { numRuns: 8, endOnFailure: true })
  }
})
