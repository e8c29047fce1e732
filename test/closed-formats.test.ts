import { afterEach, describe, expect, it } from "vitest"
import { type Driver, drive } from "./driver/index.ts"

let t: Driver
afterEach(() => t.close())

describe("a picture of a format that no setting opens", () => {
  it("is passed over where it arrives", async () => {
    t = await drive()
    await t.puts("sh010/a.png", "a picture")
    await t.arrives({ key: "sh010/a.png" })
    expect([await t.facts("proxy-made"), await t.facts("element-failed")]).toEqual([[], []])
    expect(await t.lag("renderer")).toBe(0)
  })

  it("is rendered where its ending is opened", async () => {
    t = await drive({ policy: { endings: ["exr", "png"] } })
    await t.puts("sh010/a.png", "a picture")
    await t.arrives({ key: "sh010/a.png" })
    expect((await t.facts("proxy-made")).map(({ element }) => element.key)).toEqual(["sh010/a.png"])
  })

  it("fails, instead of counting as queued for ever, where somebody asks again for what was made of it", async () => {
    t = await drive()
    await t.puts("sh010/a.png", "a picture")
    await t.arrives({ key: "sh010/a.png", trigger: "reprocess", attempt: 1 })
    expect(await t.facts("element-failed")).toMatchObject([
      { code: "source/unsupported-type", says: expect.stringContaining("The setting sources opens other formats.") },
    ])
  })
})
