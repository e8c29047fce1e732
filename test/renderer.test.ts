import { afterEach, describe, expect, it } from "vitest"
import { unwrap } from "../src/events/testing/results.ts"
import type { ObjectStore } from "../src/store/index.ts"
import { type Driver, drive, type Wrap } from "./driver/index.ts"
import { failingWhile, times } from "./driver/ports.ts"

const KEY = "sh010/beauty.0001.exr"
const MINUTE = 60_000
const HOUR = 60 * MINUTE

let driver: Driver
afterEach(() => driver.close())

const given = async (wrap: Wrap = {}): Promise<Driver> => {
  driver = await drive(wrap)
  return driver
}

const textOf = async (key: string): Promise<string> =>
  new TextDecoder().decode(unwrap(await driver.store.readRange({ bucket: "show", key }, { start: 0, end: 10_000 })))

describe("an element that arrives", () => {
  it("leaves its facts in order, each caused by the one before", async () => {
    const t = await given()
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY })
    const [created] = await t.facts("element-created")
    const [fetched] = await t.facts("source-fetched")
    const [detected] = await t.facts("colorspace-detected")
    const [thumbnail] = await t.facts("thumbnail-made")
    const [proxy] = await t.facts("proxy-made")
    expect(fetched?.causationId).toBe(created?.factId)
    expect(detected?.causationId).toBe(fetched?.factId)
    expect(thumbnail?.causationId).toBe(detected?.factId)
    expect(proxy?.causationId).toBe(thumbnail?.factId)
    expect(proxy).toMatchObject({
      reused: false,
      element: { key: KEY },
      thumbnail: { key: "sh010/.proxies/beauty.0001_thumb.jpg" },
    })
    expect(await t.lag("renderer")).toBe(0)
  })

  it("has its proxy stored before its thumbnail, with content type, tags and the key that says they are current", async () => {
    const puts: string[] = []
    const noting = (store: ObjectStore): ObjectStore => ({
      ...store,
      put: (ref, file, options) => {
        puts.push(ref.key)
        return store.put(ref, file, options)
      },
    })
    const t = await given({ store: noting })
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY })
    expect(puts).toEqual(["sh010/.proxies/beauty.0001_proxy.mp4", "sh010/.proxies/beauty.0001_thumb.jpg"])
    const ref = { bucket: "show", key: "sh010/.proxies/beauty.0001_thumb.jpg" }
    const head = unwrap(await t.store.head(ref))
    const [made] = await t.facts("proxy-made")
    expect(head).toMatchObject({ contentType: "image/jpeg", metadata: { "render-key": made?.renderKey } })
    expect(unwrap(await t.store.tags(ref))).toEqual({
      media_type: "thumbnail",
      generator: "oiio-proxy-generator",
      version: "3.0.0",
    })
  })

  it("gives one row, and tells the outside after it", async () => {
    const t = await given()
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY })
    expect(await t.rows()).toHaveLength(1)
    expect(t.told).toMatchObject([{ made: { element: { key: KEY } } }])
    expect(await t.lag("projector")).toBe(0)
  })

  it("is left alone when it lies below .proxies or is no source", async () => {
    const t = await given()
    await t.arrives({ key: "sh010/.proxies/x.exr" })
    await t.arrives({ key: "notes.txt" })
    expect(await t.facts("source-fetched")).toEqual([])
    expect(await t.facts("element-failed")).toEqual([])
    expect(await t.lag("renderer")).toBe(0)
  })

  it("is found by its alternative spelling where the trigger's encoding was a guess", async () => {
    const t = await given()
    await t.puts("a+b.exr", "a frame")
    await t.arrives({ key: "a b.exr", keyAlternative: "a+b.exr" })
    expect(await t.facts("proxy-made")).toMatchObject([{ element: { key: "a+b.exr" } }])
  })
})

describe("an element that arrives again", () => {
  it("as the same event renders nothing and repeats its facts to the letter", async () => {
    const t = await given()
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY, elementId: "one" })
    await t.arrives({ key: KEY, elementId: "one" })
    const [first, second] = await t.facts("proxy-made")
    expect(t.picture.rendered).toHaveLength(1)
    expect(second).toEqual(first)
    expect(await t.rows()).toHaveLength(1)
  })

  it("as a new event with current outputs renders nothing, says so, and still completes its job", async () => {
    const t = await given()
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY, elementId: "one" })
    await t.arrives({ key: KEY, elementId: "two", jobId: "job-2" })
    expect(t.picture.rendered).toHaveLength(1)
    expect(await t.facts("proxy-made")).toMatchObject([
      { reused: false },
      { reused: true, element: { jobId: "job-2" } },
    ])
    expect(t.told).toHaveLength(2)
  })

  it("with force is rendered again, but once per event", async () => {
    const t = await given()
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY, elementId: "one" })
    await t.arrives({ key: KEY, elementId: "two", force: true })
    await t.arrives({ key: KEY, elementId: "two", force: true })
    expect(t.picture.rendered).toHaveLength(2)
  })

  it("after its bytes changed is rendered again, in place", async () => {
    const t = await given()
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY })
    await t.passes(MINUTE)
    await t.puts(KEY, "a better frame")
    await t.arrives({ key: KEY })
    expect(await textOf("sh010/.proxies/beauty.0001_thumb.jpg")).toBe("thumbnail of a better frame")
    expect(await t.rows()).toHaveLength(2)
  })
})

describe("two sources that share a stem", () => {
  it("both get outputs, and neither covers the other's", async () => {
    const t = await given()
    await t.puts("sh010/a.exr", "the exr")
    await t.puts("sh010/a.dpx", "the dpx")
    await t.arrives({ key: "sh010/a.exr" })
    await t.arrives({ key: "sh010/a.dpx" })
    await t.arrives({ key: "sh010/a.exr", elementId: "again", force: true })
    expect(await textOf("sh010/.proxies/a_thumb.jpg")).toBe("thumbnail of the exr")
    expect(await textOf("sh010/.proxies/a.dpx_thumb.jpg")).toBe("thumbnail of the dpx")
    expect((await t.rows()).map(({ s3_key, thumbnail_s3_key }) => [s3_key, thumbnail_s3_key])).toContainEqual([
      "sh010/a.dpx",
      "sh010/.proxies/a.dpx_thumb.jpg",
    ])
  })
})

describe("a frame that cannot be shown", () => {
  it("becomes one typed failure at once, and the next frame goes on", async () => {
    const t = await given()
    await t.puts("bad.exr", "damaged")
    await t.puts(KEY, "a frame")
    await t.arrives({ key: "bad.exr" })
    await t.arrives({ key: KEY })
    expect(await t.facts("element-failed")).toMatchObject([
      {
        code: "picture/damaged",
        kind: "permanent",
        stage: "detect-colorspace",
        attempts: 1,
        element: { key: "bad.exr" },
      },
    ])
    expect(await t.facts("proxy-made")).toHaveLength(1)
    expect(t.told).toMatchObject([{ failed: { element: { key: "bad.exr" } } }, { made: {} }])
    expect(await t.lag("renderer")).toBe(0)
  })

  it("is source/gone when nobody can find it", async () => {
    const t = await given()
    await t.arrives({ key: KEY })
    expect(await t.facts("element-failed")).toMatchObject([{ code: "source/gone", kind: "permanent", source: null }])
  })
})

describe("a store that falters", () => {
  it("is asked again, and what passes leaves no failure", async () => {
    const t = await given({ store: failingWhile<ObjectStore>("put", "store/failed", times(2)) })
    await t.puts(KEY, "a frame").catch(() => t.puts(KEY, "a frame").catch(() => t.puts(KEY, "a frame")))
    await t.arrives({ key: KEY })
    await t.passes(HOUR)
    expect(await t.facts("element-failed")).toEqual([])
    expect(await t.facts("proxy-made")).toHaveLength(1)
  })

  it("fails the element after the last try, and says how often it tried", async () => {
    const t = await given({ store: failingWhile<ObjectStore>("fetch", "store/failed", () => true) })
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY })
    await t.passes(HOUR)
    expect(await t.facts("element-failed")).toMatchObject([{ code: "store/failed", kind: "transient", attempts: 4 }])
  })

  it("does not hold up other elements while it is asked again", async () => {
    let down = true
    const faulty = (store: ObjectStore): ObjectStore => ({
      ...store,
      fetch: (ref, options) =>
        ref.key === "bad.exr" && down
          ? failingWhile<ObjectStore>("fetch", "store/failed", () => true)(store).fetch(ref, options)
          : store.fetch(ref, options),
    })
    const t = await given({ store: faulty, policy: { sourcesHeld: 1, rendersInFlight: 1 } })
    await t.puts("bad.exr", "a frame")
    await t.puts(KEY, "a frame")
    await t.arrives({ key: "bad.exr" })
    await t.arrives({ key: KEY })
    expect(await t.facts("proxy-made")).toMatchObject([{ element: { key: KEY } }])
    down = false
    await t.passes(HOUR)
    expect(await t.facts("proxy-made")).toHaveLength(2)
  })

  it("that cannot be reached at all pauses the work and never fails it, however long it lasts", async () => {
    let down = true
    const t = await given({ store: failingWhile<ObjectStore>("head", "store/unreachable", () => down) })
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY })
    await t.passes(5 * HOUR)
    expect(await t.facts("element-failed")).toEqual([])
    down = false
    await t.passes(MINUTE)
    expect(await t.facts("proxy-made")).toHaveLength(1)
  })
})
