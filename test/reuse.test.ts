import { createHash } from "node:crypto"
import { afterEach, describe, expect, it } from "vitest"
import { unwrap } from "../src/events/testing/results.ts"
import { type Driver, drive } from "./driver/index.ts"

let driver: Driver | null = null
afterEach(async () => driver?.close())

/** A show with these sources, all of them done. */
async function show(sources: Readonly<Record<string, string>>): Promise<Driver> {
  driver = await drive()
  for (const [key, text] of Object.entries(sources)) await driver.puts(key, text)
  for (const key of Object.keys(sources)) await driver.arrives({ key })
  expect(driver.picture.rendered.length).toBe(new Set(Object.values(sources)).size)
  driver.picture.rendered.length = 0
  return driver
}

const madeOf = async ({ facts }: Driver, key: string) =>
  (await facts("proxy-made")).filter(({ element }) => element.key === key).at(-1)

const metadataOf = async ({ store }: Driver, key: string) => unwrap(await store.head({ bucket: "show", key })).metadata

describe("a source whose bytes have outputs under another name", () => {
  it("is not rendered: its outputs are copied, and its facts, row and completion say so", async () => {
    const show1 = await show({ "sh020/a.exr": "frame a" })
    await show1.puts("sh021/b.exr", "frame a")
    await show1.arrives({ key: "sh021/b.exr", jobId: "job-7" })
    expect(show1.picture.rendered).toEqual([])
    const [first, second] = [await madeOf(show1, "sh020/a.exr"), await madeOf(show1, "sh021/b.exr")]
    expect(first).toMatchObject({ reused: false, contentHash: expect.stringMatching(/^[0-9a-f]{32}$/) })
    expect(second).toMatchObject({
      reused: true,
      contentHash: first?.contentHash,
      pictureKey: first?.pictureKey,
      thumbnail: { key: "sh021/.proxies/b_thumb.jpg", sizeBytes: first?.thumbnail.sizeBytes },
      proxy: { key: "sh021/.proxies/b_proxy.mp4" },
    })
    expect((await show1.rows()).map(({ s3_key }) => s3_key)).toEqual(["sh020/a.exr", "sh021/b.exr"])
    expect(show1.told.at(-1)).toMatchObject({ made: { element: { key: "sh021/b.exr", jobId: "job-7" } } })
    expect((await metadataOf(show1, "sh021/.proxies/b_thumb.jpg"))["source-name"]).toBe("b.exr")
  })

  it("has the SHA-256 of its bytes, where that is wished for, like the one that was rendered", async () => {
    driver = await drive({ policy: { sourceSha256: true } })
    for (const key of ["a.exr", "b.exr"]) {
      await driver.puts(key, "frame a")
      await driver.arrives({ key })
    }
    const contentSha256 = createHash("sha256").update("frame a").digest("hex")
    expect(await madeOf(driver, "a.exr")).toMatchObject({ reused: false, contentSha256 })
    expect(await madeOf(driver, "b.exr")).toMatchObject({ reused: true, contentSha256 })
  })

  it("is not read again once its outputs are its own", async () => {
    const show1 = await show({ "a.exr": "frame a" })
    await show1.puts("b.exr", "frame a")
    await show1.arrives({ key: "b.exr" })
    await show1.arrives({ key: "b.exr", elementId: "another arrival" })
    const fetched = show1.observed.filter((one) => one.kind === "step" && one.step === "fetch-source")
    expect(fetched.length).toBe(2)
    expect(show1.picture.rendered).toEqual([])
    const made = await madeOf(show1, "b.exr")
    expect(made).toMatchObject({ reused: true, element: { elementId: "another arrival" } })
  })

  it("is rendered with force, and after a copy of it onto itself", async () => {
    const show1 = await show({ "a.exr": "frame a" })
    await show1.arrives({ key: "a.exr", elementId: "forced", force: true, trigger: "reprocess" })
    expect(show1.picture.rendered).toEqual(["frame a"])
    await show1.arrives({ key: "a.exr", elementId: "self-copy", force: true, trigger: "ObjectCreated:Copy" })
    expect(show1.picture.rendered).toEqual(["frame a", "frame a"])
    await show1.puts("b.exr", "frame a")
    await show1.arrives({ key: "b.exr", elementId: "copied", force: true, trigger: "ObjectCreated:Copy" })
    expect(show1.picture.rendered).toEqual(["frame a", "frame a"])
    expect(await madeOf(show1, "b.exr")).toMatchObject({ reused: true })
  })

  it("is rendered where the outputs that were known have gone or hold another picture by now", async () => {
    const show1 = await show({ "a.exr": "frame a" })
    for (const key of [".proxies/a_thumb.jpg", ".proxies/a_proxy.mp4"]) await show1.puts(key, "somebody else's")
    await show1.puts("b.exr", "frame a")
    await show1.arrives({ key: "b.exr" })
    expect(show1.picture.rendered).toEqual(["frame a"])
    expect(await madeOf(show1, "b.exr")).toMatchObject({ reused: false })
  })

  it("is not rendered when two are swapped, nor when a sequence is renumbered over itself", async () => {
    const show1 = await show({ "f.1.exr": "one", "f.2.exr": "two", "f.3.exr": "three", "f.4.exr": "four" })
    await show1.puts("f.1.exr", "two")
    await show1.puts("f.2.exr", "one")
    for (const key of ["f.1.exr", "f.2.exr"]) await show1.arrives({ key, elementId: `swapped ${key}` })
    expect(show1.picture.rendered).toEqual([])
    const shifted = { "f.2.exr": "two", "f.3.exr": "one", "f.4.exr": "three", "f.5.exr": "four" }
    for (const [key, text] of Object.entries(shifted)) await show1.puts(key, text)
    for (const key of Object.keys(shifted)) await show1.arrives({ key, elementId: `shifted ${key}` })
    expect(show1.picture.rendered).toEqual([])
    for (const [key, text] of Object.entries(shifted)) {
      const thumbnail = { bucket: "show", key: `.proxies/${key.slice(0, -4)}_thumb.jpg` }
      const bytes = unwrap(await show1.store.readRange(thumbnail, { start: 0, end: 100 }))
      expect([key, Buffer.from(bytes).toString()]).toEqual([key, `thumbnail of ${text}`])
    }
  })
})
