import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { done, failed, failure } from "../src/events/result.ts"
import { unwrap } from "../src/events/testing/results.ts"
import type { EventLog } from "../src/log/index.ts"
import type { ObjectStore } from "../src/store/index.ts"
import type { Table } from "../src/table/index.ts"
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

describe("a source that changes underneath", () => {
  it("while it is rendered is rendered again, and bytes, mtime and row speak of the new version", async () => {
    const t = await given()
    await t.puts(KEY, "slow 60000 first")
    await t.arrives({ key: KEY })
    await t.passes(30_000)
    await t.puts(KEY, "second")
    await t.passes(HOUR)
    const head = unwrap(await t.store.head({ bucket: "show", key: KEY }))
    const [made, ...more] = await t.facts("proxy-made")
    expect(more).toEqual([])
    expect(made).toMatchObject({ source: { sourceVersion: head.sourceVersion, sizeBytes: "second".length } })
    const thumbnail = unwrap(
      await t.store.readRange({ bucket: "show", key: made?.thumbnail.key ?? "" }, { start: 0, end: 100 }),
    )
    expect(new TextDecoder().decode(thumbnail)).toBe("thumbnail of second")
  })

  it("without end becomes a transient failure after three more tries", async () => {
    let turn = 0
    const shifting = (store: ObjectStore): ObjectStore => ({
      ...store,
      fetch: async (ref, options) => {
        turn += 1
        await driver.puts(KEY, `version ${turn}`)
        return store.fetch(ref, options)
      },
    })
    const t = await given({ store: shifting })
    await t.puts(KEY, "version 0")
    await t.arrives({ key: KEY })
    await t.passes(HOUR)
    expect(turn).toBe(4)
    expect(await t.facts("element-failed")).toMatchObject([{ code: "source/changed", kind: "transient" }])
  })

  it.each(["damaged", "crashes"])(
    "where it lies, while that is read, starts again, though what was read %s",
    async (torn) => {
      const folder = await mkdtemp(join(tmpdir(), "in-place-"))
      const file = join(folder, "own.exr")
      let reads = 0
      const inPlace = (store: ObjectStore): ObjectStore => ({
        ...store,
        fetch: () => expect.unreachable("A store whose objects are files was asked for a copy."),
        readInPlace: async (ref, options) => {
          const fetched = await store.fetch(ref, { ...options, toFile: file })
          const isTorn = ++reads === 1
          if (isTorn) await writeFile(file, torn)
          const changed = failed(failure("store/precondition-failed", "It was changed."))
          return fetched.ok
            ? done({ ...fetched.value, file, confirm: async () => (isTorn ? changed : done(undefined)) })
            : fetched
        },
      })
      const t = await given({ store: inPlace })
      await t.puts(KEY, "a frame")
      await t.arrives({ key: KEY })
      await t.passes(HOUR)
      expect(await t.facts("element-failed")).toEqual([])
      expect(await t.facts("colorspace-detected")).toHaveLength(1)
      expect(await t.facts("proxy-made")).toHaveLength(1)
      expect(reads).toBe(2)
      await rm(folder, { recursive: true })
    },
  )

  it("by vanishing after its outputs were stored is no failure: the facts are true of what was there", async () => {
    let stored = 0
    const vanishing = (store: ObjectStore): ObjectStore => ({
      ...store,
      put: async (ref, file, options) => {
        const result = await store.put(ref, file, options)
        stored += ref.key.includes(".proxies/") ? 1 : 0
        return result
      },
      head: (ref) =>
        stored === 2 && ref.key === KEY ? store.head({ bucket: "show", key: "nobody.exr" }) : store.head(ref),
    })
    const t = await given({ store: vanishing })
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY })
    expect(await t.facts("proxy-made")).toHaveLength(1)
    expect(await t.facts("element-failed")).toEqual([])
  })
})

describe("a slow frame", () => {
  it("holds up only its own key, and its own key in order", async () => {
    const t = await given()
    await t.puts("slow.exr", "slow 180000")
    await t.arrives({ key: "slow.exr", elementId: "first" })
    await t.arrives({ key: "slow.exr", elementId: "second" })
    for (let frame = 0; frame < 20; frame += 1) {
      await t.puts(`f${frame}.exr`, "a frame")
      await t.arrives({ key: `f${frame}.exr` })
    }
    expect(await t.facts("proxy-made")).toHaveLength(20)
    await t.passes(HOUR)
    const slow = (await t.facts("proxy-made")).filter(({ element }) => element.key === "slow.exr")
    expect(slow.map(({ element, reused }) => [element.elementId, reused])).toEqual([
      ["first", false],
      ["second", true],
    ])
    expect(await t.lag("renderer")).toBe(0)
  })
})

describe("a process that ends", () => {
  it("in order finishes what it had begun and takes in nothing more", async () => {
    const t = await given()
    await t.puts(KEY, "slow 60000")
    await t.arrives({ key: KEY })
    const ended = t.drains()
    await t.passes(HOUR)
    expect((await ended).every((failure) => failure === null)).toBe(true)
    expect(await t.facts("proxy-made")).toHaveLength(1)
    await t.arrives({ key: "later.exr" })
    expect(await t.lag("renderer")).toBe(1)
  })

  it("in mid-render loses nothing: the frame comes again", async () => {
    const t = await given()
    await t.puts(KEY, "slow 60000")
    await t.arrives({ key: KEY })
    await t.dies()
    expect(await t.facts("element-failed")).toEqual([])
    t.starts()
    await t.passes(HOUR)
    expect(await t.facts("proxy-made")).toHaveLength(1)
    expect(await t.lag("renderer")).toBe(0)
  })

  it("between its outputs and its facts renders nothing twice and rebuilds the same facts", async () => {
    let down = false
    const losing = (log: EventLog): EventLog => ({
      ...log,
      async *deliver(subscription) {
        for await (const delivery of log.deliver(subscription)) {
          if (delivery.ok && down && subscription.group === "renderer") {
            yield {
              ok: true,
              value: failingWhile<typeof delivery.value>("acknowledge", "log/unreachable", () => down)(delivery.value),
            }
          } else yield delivery
        }
      },
    })
    const t = await given({ log: losing })
    await t.puts(KEY, "a frame")
    down = true
    await t.arrives({ key: KEY })
    expect(await t.facts("proxy-made")).toEqual([])
    await t.dies()
    down = false
    t.starts()
    await t.passes(MINUTE)
    expect(t.picture.rendered).toHaveLength(1)
    expect(await t.facts("proxy-made")).toMatchObject([{ reused: false, element: { key: KEY } }])
    expect(await t.rows()).toHaveLength(1)
  })
})

describe("a table that cannot be reached", () => {
  it("makes the projector wait: nobody is told before the row is there", async () => {
    let down = true
    const t = await given({ table: failingWhile<Table>("merge", "table/unreachable", () => down) })
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY })
    await t.passes(HOUR)
    expect(t.told).toEqual([])
    expect(await t.lag("projector")).toBeGreaterThan(0)
    down = false
    await t.passes(MINUTE)
    expect(await t.rows()).toHaveLength(1)
    expect(t.told).toHaveLength(1)
    expect(await t.lag("projector")).toBe(0)
  })
})

describe("a frame that a tool cannot manage", () => {
  it("gets no second full length of time when it ran out of the first, until somebody asks for it", async () => {
    const t = await given()
    await t.puts(KEY, "times out")
    await t.arrives({ key: KEY })
    await t.passes(HOUR)
    expect(t.picture.rendered).toHaveLength(1)
    expect(await t.facts("element-failed")).toMatchObject([{ code: "tool/timed-out", kind: "permanent", attempts: 1 }])
    await t.arrives({ key: KEY, elementId: "delivered-again" })
    await t.passes(HOUR)
    expect(t.picture.rendered).toHaveLength(1)
    expect(await t.facts("element-failed")).toMatchObject([{}, { code: "tool/timed-out", stage: "render-outputs" }])
    await t.arrives({ key: KEY, elementId: "asked-for", trigger: "retry" })
    await t.passes(HOUR)
    expect(t.picture.rendered).toHaveLength(2)
  })

  it("gets one more chance when a tool crashed, and no third", async () => {
    const t = await given()
    await t.puts(KEY, "crashes")
    await t.arrives({ key: KEY })
    await t.passes(HOUR)
    expect(t.picture.rendered).toHaveLength(2)
    expect(await t.facts("element-failed")).toMatchObject([{ code: "tool/crashed", kind: "transient", attempts: 2 }])
  })
})
