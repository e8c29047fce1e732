import { afterEach, describe, expect, it } from "vitest"
import { type Driver, drive } from "./driver/index.ts"

const HOUR = 3_600_000

let driver: Driver
afterEach(() => driver.close())

const keysMade = async (): Promise<string[]> => (await driver.facts("proxy-made")).map(({ element }) => element.key)

describe("a backfill", () => {
  it("never delays today's frames, however much of it there is and however long it takes", async () => {
    driver = await drive({
      policy: { credits: 4, rendersInFlight: 1, sourcesHeld: 2 },
      backfill: { credits: 2, rendersInFlight: 1, sourcesHeld: 1 },
    })
    for (const key of ["old/a.exr", "old/b.exr", "old/c.exr", "old/d.exr", "old/e.exr"]) {
      await driver.puts(key, `slow ${HOUR} ${key}`)
      await driver.arrives({ key }, "element-created-backfill")
    }
    await driver.puts("new/today.exr", "a frame of today")
    await driver.arrives({ key: "new/today.exr" })
    expect(await keysMade()).toEqual(["new/today.exr"])
    expect(await driver.lag("renderer")).toBe(0)
    await driver.passes(6 * HOUR)
    expect(await keysMade()).toHaveLength(6)
    expect(await driver.lag("renderer-backfill")).toBe(0)
  })

  it("leaves the same rows and facts as an arrival, and reuses what an arrival has made", async () => {
    driver = await drive({ backfill: {} })
    await driver.puts("a.exr", "a frame")
    await driver.arrives({ key: "a.exr", elementId: "live" })
    await driver.arrives({ key: "a.exr", elementId: "listed" }, "element-created-backfill")
    const made = await driver.facts("proxy-made")
    expect(made.map(({ element, reused }) => [element.elementId, reused])).toEqual([
      ["live", false],
      ["listed", true],
    ])
    expect(await driver.rows()).toHaveLength(1)
    expect(driver.picture.rendered).toHaveLength(1)
  })
})
