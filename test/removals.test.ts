import { afterEach, describe, expect, it } from "vitest"
import type { Element } from "../src/events/records.generated.ts"
import { EPOCH_MS, removalReported } from "../src/events/testing/facts.ts"
import { unwrap } from "../src/events/testing/results.ts"
import type { ElementRow } from "../src/table/rows.ts"
import { type Driver, drive, type Wrap } from "./driver/index.ts"
import { failingWhile } from "./driver/ports.ts"

const KEY = "sh010/beauty.0001.exr"
const MINUTE = 60_000
const HOUR = 60 * MINUTE

let driver: Driver
afterEach(() => driver.close())

const given = async (wrap: Wrap = {}): Promise<Driver> => {
  driver = await drive(wrap)
  return driver
}

const rendered = async (t: Driver, key = KEY): Promise<void> => {
  await t.puts(key, `a frame called ${key}`)
  await t.arrives({ key })
  await t.passes(1_000)
}

const erases = (t: Driver, key = KEY): void => t.store.erase({ bucket: "show", key })

/** Somebody says that the object is gone, `agoMs` before now. */
const hears = async (t: Driver, of: Partial<Element> = {}, heardMs = EPOCH_MS + 1_000): Promise<void> => {
  const report = { key: KEY, elementId: `report at ${heardMs}`, arrivedAtMs: heardMs, ...of }
  unwrap(await t.log.append([removalReported(report)]))
  await t.passes(1_000)
}

const rowOf = async (t: Driver, key = KEY): Promise<ElementRow | null> => unwrap(await t.table.element("show", key))

describe("a report that a source is gone", () => {
  it("is confirmed by HEAD: the fact says so, the row leaves, history and outputs stay", async () => {
    const t = await given()
    await rendered(t)
    erases(t)
    await hears(t, { versionId: null, sequencer: "0055" })
    expect(await t.facts("element-removed")).toMatchObject([
      {
        element: { key: KEY, trigger: "ObjectRemoved:Delete", sequencer: "0055" },
        confirmedAtUs: (EPOCH_MS + 1_000) * 1000,
        eventTimeMs: EPOCH_MS - 40,
      },
    ])
    expect(await rowOf(t)).toMatchObject({ state: "removed", proxy_key: null })
    expect(await t.rows()).toMatchObject([{ s3_key: KEY }])
    expect((await t.store.head({ bucket: "show", key: "sh010/.proxies/beauty.0001_thumb.jpg" })).ok).toBe(true)
    expect(await t.lag("removals")).toBe(0)
  })

  it("tells nobody: a removal completes no job", async () => {
    const t = await given()
    await rendered(t)
    erases(t)
    const before = t.told.length
    await hears(t)
    expect(t.told).toHaveLength(before)
  })

  it("that is late changes nothing where the object is there again", async () => {
    const t = await given()
    await rendered(t)
    erases(t)
    await rendered(t)
    await hears(t, {}, EPOCH_MS + 5_000)
    expect(await t.facts("element-removed")).toEqual([])
    expect(await rowOf(t)).toMatchObject({ state: "done" })
  })

  it("wins over a result of a machine whose clock was an hour ahead, and loses to the frame that came back", async () => {
    const t = await given()
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY, arrivedAtMs: EPOCH_MS + HOUR })
    await t.passes(1_000)
    erases(t)
    await hears(t)
    expect(await rowOf(t)).toMatchObject({ state: "removed" })
    await t.puts(KEY, "the frame that came back")
    await t.arrives({ key: KEY })
    await t.passes(1_000)
    expect(await rowOf(t)).toMatchObject({ state: "done" })
  })

  it("that is repeated is the same fact", async () => {
    const t = await given()
    await rendered(t)
    erases(t)
    await hears(t, { elementId: "one" })
    await hears(t, { elementId: "one" })
    const ids = (await t.facts("element-removed")).map(({ factId }) => factId)
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })

  it("about an uncertain spelling is believed only of what is not there", async () => {
    const t = await given()
    await rendered(t, "a+b.exr")
    await hears(t, { key: "a b.exr", keyAlternative: "a+b.exr" })
    expect(await rowOf(t, "a+b.exr")).toMatchObject({ state: "done" })
    erases(t, "a+b.exr")
    await hears(t, { key: "a b.exr", keyAlternative: "a+b.exr" }, EPOCH_MS + 3_000)
    expect(await rowOf(t, "a+b.exr")).toMatchObject({ state: "removed" })
  })

  it("of a key that wants no picture is passed over", async () => {
    const t = await given()
    await hears(t, { key: "sh010/notes.txt" })
    expect([await t.facts("element-removed"), await t.lag("removals")]).toEqual([[], 0])
  })
})

describe("a version that was deleted", () => {
  it("and was an old one is no removal; the current one is looked at, and nothing is rendered", async () => {
    const t = await given()
    await rendered(t)
    await hears(t, { versionId: "an older one" })
    expect(await t.facts("element-removed")).toEqual([])
    expect(await t.facts("proxy-made")).toMatchObject([{ reused: false }, { reused: true }])
    expect(await rowOf(t)).toMatchObject({ state: "done" })
  })

  it("and was the newest one brings the one before back, of which no other event tells", async () => {
    const t = await given()
    await rendered(t)
    await t.puts(KEY, "the version before")
    await hears(t, { versionId: "the newest" })
    expect(t.picture.rendered).toEqual([`a frame called ${KEY}`, "the version before"])
    expect(await rowOf(t)).toMatchObject({ state: "done" })
  })

  it("and was a delete marker makes the object live again", async () => {
    const t = await given()
    await rendered(t)
    erases(t)
    await hears(t, { trigger: "ObjectRemoved:DeleteMarkerCreated", versionId: "the marker" })
    expect(await rowOf(t)).toMatchObject({ state: "removed" })
    await t.puts(KEY, `a frame called ${KEY}`)
    await hears(t, { versionId: "the marker" }, EPOCH_MS + 2_000)
    expect(await rowOf(t)).toMatchObject({ state: "done" })
  })
})

describe("a source that comes back", () => {
  it("is rendered and live again, whichever of arrival and removal is projected first", async () => {
    const t = await given()
    await rendered(t)
    erases(t)
    await t.passes(10_000)
    await hears(t, {}, EPOCH_MS + 11_000)
    await t.puts(KEY, "the frame that came back")
    await t.arrives({ key: KEY, arrivedAtMs: EPOCH_MS + 12_000 })
    await t.passes(1_000)
    expect(await rowOf(t)).toMatchObject({ state: "done" })
    expect(t.picture.rendered.at(-1)).toBe("the frame that came back")
  })
})

describe("a removal while something is away", () => {
  it("waits for a store that cannot be reached, and is not taken for a removal meanwhile", async () => {
    let isDown = false
    const t = await given({ store: failingWhile("head", "store/unreachable", () => isDown) })
    await rendered(t)
    erases(t)
    isDown = true
    await hears(t)
    expect([await t.facts("element-removed"), await t.lag("removals")]).toEqual([[], 1])
    isDown = false
    await t.passes(10 * MINUTE)
    expect(await rowOf(t)).toMatchObject({ state: "removed" })
  })

  it("that nobody may look at is not stated: the failure says so, and the row stays", async () => {
    let refuses = 0
    const t = await given({ store: failingWhile("head", "store/denied", () => refuses-- > 0) })
    await rendered(t)
    refuses = 100
    await hears(t)
    expect(await t.facts("element-removed")).toEqual([])
    expect(await t.facts("element-failed")).toMatchObject([{ stage: "confirm-removal", code: "store/denied" }])
    expect(await rowOf(t)).toMatchObject({ state: "done" })
    expect(t.told).toHaveLength(1)
  })

  it("is taken up by the next process where this one dies first", async () => {
    const t = await given()
    await rendered(t)
    erases(t)
    await t.dies()
    unwrap(await t.log.append([removalReported({ key: KEY, arrivedAtMs: EPOCH_MS + 2_000 })]))
    expect(await t.lag("removals")).toBe(1)
    t.starts()
    await t.passes(1_000)
    expect(await rowOf(t)).toMatchObject({ state: "removed" })
    expect(await t.lag("removals")).toBe(0)
  })
})
