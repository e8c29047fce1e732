import { afterEach, describe, expect, it } from "vitest"
import { factBytes } from "../src/events/testing/facts.ts"
import { unwrap } from "../src/events/testing/results.ts"
import { exrFile, string } from "../src/picture/read/header/testing/exr-file.ts"
import type { ObjectStore } from "../src/store/index.ts"
import { rebuildTables } from "../topology/project/rebuild.ts"
import { type Driver, drive, type Wrap } from "./driver/index.ts"
import { failingWhile, times } from "./driver/ports.ts"

const KEY = "sh010/beauty.0101.exr"
const HOUR = 3_600_000

let driver: Driver
afterEach(() => driver.close())

const given = async (wrap: Wrap = {}): Promise<Driver> => {
  driver = await drive({ inspector: true, ...wrap })
  return driver
}

const frame = (channels: readonly string[] = ["B", "G", "R"]): Uint8Array =>
  exrFile({ parts: [{ channels, attributes: [string("owner", "a studio")] }] })

const rowsOf = async (fileId: string | undefined) => unwrap(await driver.table.inspection("show", fileId ?? ""))

describe("a frame that arrives", () => {
  it("is inspected once, and its header stands in four tables that join with its proxy", async () => {
    const t = await given()
    await t.puts(KEY, frame())
    await t.arrives({ key: KEY })
    const [created] = await t.facts("element-created")
    const [fact, ...more] = await t.facts("source-inspected")
    expect(more).toEqual([])
    expect(fact).toMatchObject({ causationId: created?.factId, frameNumber: 101, format: "exr", deep: false })
    const [proxy] = await t.rows()
    const rows = await rowsOf(proxy?.file_id)
    expect(rows?.file).toMatchObject({
      file_path: KEY,
      s3_bucket: "show",
      header_hash: fact?.headerHash,
      frame_number: 101,
      inspection_count: 1,
      metadata_embedding: null,
    })
    expect(rows?.parts).toMatchObject([{ width: 64, height: 48, compression: "none", color_space: "lin_rec709" }])
    expect(rows?.channels.map(({ channel_name }) => channel_name)).toEqual(["B", "G", "R"])
    expect(rows?.attributes).toContainEqual(expect.objectContaining({ attr_name: "owner", value_text: "a studio" }))
    expect([await t.lag("inspector"), await t.lag("projector-metadata")]).toEqual([0, 0])
  })

  it("is inspected while a render of another takes its minutes, and while its own does", async () => {
    const t = await given({ policy: { rendersInFlight: 1, sourcesHeld: 1 } })
    await t.puts("slow.exr", "slow 180000")
    await t.arrives({ key: "slow.exr" })
    await t.puts(KEY, frame())
    await t.arrives({ key: KEY })
    expect(t.picture.rendered).toEqual(["slow 180000"])
    expect(await t.facts("proxy-made")).toEqual([])
    expect((await t.facts("source-inspected")).map(({ element }) => element.key)).toEqual([KEY])
  })

  it("is inspected from a backfill, too", async () => {
    const t = await given()
    await t.puts(KEY, frame())
    await t.arrives({ key: KEY }, "element-created-backfill")
    expect(await t.facts("source-inspected")).toHaveLength(1)
  })

  it("tells nobody outside of it", async () => {
    const t = await given()
    await t.puts(KEY, frame())
    await t.arrives({ key: KEY })
    expect(t.told).toHaveLength(1)
    expect(t.told).toMatchObject([{ made: { element: { key: KEY } } }])
  })
})

describe("a frame that is replaced", () => {
  it("gives rows of the version that HEAD saw, whatever changes meanwhile", async () => {
    const changing = (store: ObjectStore): ObjectStore => {
      const isFirst = times(1)
      return {
        ...store,
        readRange: async (ref, range) => {
          if (isFirst()) await driver.puts(KEY, frame(["Y"]))
          return store.readRange(ref, range)
        },
      }
    }
    const t = await given({ store: changing })
    await t.puts(KEY, frame())
    await t.arrives({ key: KEY })
    const [fact] = await t.facts("source-inspected")
    expect(fact?.parts[0]?.channels.map(({ name }) => name)).toEqual(["Y"])
    const head = unwrap(await t.store.head({ bucket: "show", key: KEY }))
    expect(fact?.source.sourceVersion).toBe(head.sourceVersion)
  })

  it("has all its rows replaced where the version's id stays, and leaves none of the old ones", async () => {
    const t = await given()
    await t.puts(KEY, frame(["A", "B", "G", "R"]))
    await t.arrives({ key: KEY })
    await t.puts(KEY, frame(["Y"]))
    await t.passes(1)
    await t.arrives({ key: KEY })
    const [first, second] = await t.facts("source-inspected")
    expect(second?.source.fileId).toBe(first?.source.fileId)
    const rows = await rowsOf(first?.source.fileId)
    expect(rows?.channels.map(({ channel_name }) => channel_name)).toEqual(["Y"])
    expect(rows?.attributes).toHaveLength(9)
  })

  it("that shrinks between HEAD and GET behind the store's back is tried again, then given up as changing", async () => {
    const shrinking = (store: ObjectStore): ObjectStore => ({
      ...store,
      readRange: (ref, range) => store.readRange(ref, { ...range, end: range.end - 100 }),
    })
    const t = await given({ store: shrinking })
    await t.puts(KEY, frame())
    await t.arrives({ key: KEY })
    expect(await t.facts("element-failed")).toMatchObject([{ stage: "inspect-source", code: "source/changed" }])
  })
})

describe("a header that cannot be inspected", () => {
  it("is a failure of its own stage, which changes nothing of what is known of the pictures", async () => {
    const t = await given()
    await t.puts(KEY, "no EXR, yet the renderer of this test shows it")
    await t.arrives({ key: KEY })
    const [failed, ...more] = await t.facts("element-failed")
    expect(more).toEqual([])
    expect(failed).toMatchObject({ stage: "inspect-source", code: "picture/not-a-picture", kind: "permanent" })
    expect(failed?.source?.fileId).toMatch(/^[0-9a-f]{16}$/)
    expect(unwrap(await t.table.element("show", KEY))).toMatchObject({ state: "done" })
    expect(t.told).toMatchObject([{ made: { element: { key: KEY } } }])
    expect(await rowsOf(failed?.source?.fileId)).toBeNull()
    expect(await t.lag("inspector")).toBe(0)
  })

  it("leaves the failure of the pictures alone, whichever comes later", async () => {
    const t = await given()
    await t.puts(KEY, "damaged")
    await t.arrives({ key: KEY })
    expect((await t.facts("element-failed")).map(({ stage }) => stage).sort()).toEqual([
      "detect-colorspace",
      "inspect-source",
    ])
    expect(unwrap(await t.table.element("show", KEY))).toMatchObject({ state: "failed", stage: "detect-colorspace" })
    expect(t.told).toMatchObject([{ failed: { stage: "detect-colorspace" } }])
  })

  it("of a source that is gone is recorded and not tried for ever", async () => {
    const t = await given()
    await t.arrives({ key: KEY })
    const stages = (await t.facts("element-failed")).map(({ stage, code }) => [stage, code])
    expect(stages).toContainEqual(["head-source", "source/gone"])
    expect(await t.lag("inspector")).toBe(0)
  })
})

describe("trouble of the store", () => {
  it("that passes is waited out: an outage is no failure", async () => {
    let isDown = true
    const t = await given({ store: failingWhile<ObjectStore>("readRange", "store/unreachable", () => isDown) })
    await t.puts(KEY, frame())
    await t.arrives({ key: KEY })
    await t.passes(HOUR)
    expect([await t.facts("source-inspected"), await t.facts("element-failed")]).toEqual([[], []])
    isDown = false
    await t.passes(HOUR)
    expect(await t.facts("source-inspected")).toHaveLength(1)
  })

  it("gives its place back while the store is away, so that all go on when it is there again", async () => {
    let isDown = true
    const t = await given({
      store: (store) => failingWhile<ObjectStore>("head", "store/unreachable", () => isDown)(store),
      policy: { inspectionsInFlight: 2 },
    })
    for (const name of ["a", "b", "c"]) {
      await t.puts(`${name}.exr`, frame())
      await t.arrives({ key: `${name}.exr` })
    }
    await t.passes(300_000)
    isDown = false
    await t.passes(300_000)
    expect((await t.facts("source-inspected")).map(({ element }) => element.key).toSorted()).toEqual([
      "a.exr",
      "b.exr",
      "c.exr",
    ])
    expect(await t.lag("inspector")).toBe(0)
  })

  it("leaves a frame that was under way at the end for the next start", async () => {
    const t = await given({ store: failingWhile<ObjectStore>("readRange", "store/unreachable", times(1)) })
    await t.puts(KEY, frame())
    await t.arrives({ key: KEY })
    await t.dies()
    expect(await t.facts("source-inspected")).toEqual([])
    t.starts()
    await t.passes(HOUR)
    expect(await t.facts("source-inspected")).toHaveLength(1)
    expect(await t.lag("inspector")).toBe(0)
  })
})

describe("a fact about a header", () => {
  it("fits a broker whatever the header holds", async () => {
    const t = await given({ policy: { mostSourceBytes: 50_000_000 } })
    const names = Array.from({ length: 4000 }, (_, index) => `${"layer".repeat(40)}.${index}`)
    const attributes = names.map((name) => string(name, "\u0001".repeat(500)))
    await t.puts("wide.exr", exrFile({ flags: 0x400, parts: [{ channels: names, attributes }] }))
    await t.puts(
      "long.exr",
      exrFile({ parts: [{ channels: ["R"], attributes: [string("m", "é\0".repeat(1_000_000))] }] }),
    )
    await t.arrives({ key: "wide.exr" })
    await t.arrives({ key: "long.exr" })
    const facts = await t.facts("source-inspected")
    expect(facts).toHaveLength(2)
    for (const value of facts) expect(factBytes({ topic: "source-inspected", value }, 1).length).toBeLessThan(126_000)
    const [wide, long] = facts
    expect(wide?.channelsDropped).toBeGreaterThan(0)
    expect(long?.parts[0]?.attributes).toContainEqual(
      expect.objectContaining({ name: "m", sizeBytes: 3_000_000, truncated: true, sha256: expect.any(String) }),
    )
  })

  it("rebuilds the same rows, silently", async () => {
    const t = await given()
    await t.puts(KEY, frame())
    await t.arrives({ key: KEY })
    const [fact] = await t.facts("source-inspected")
    const before = await rowsOf(fact?.source.fileId)
    const report = unwrap(await rebuildTables({ log: t.log, table: t.table }))
    expect(report).toMatchObject({ missing: 0, different: 0, orphaned: 0 })
    expect(await rowsOf(fact?.source.fileId)).toEqual(before)
    expect(t.told).toHaveLength(1)
  })
})
