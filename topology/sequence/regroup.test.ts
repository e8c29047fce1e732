import { afterEach, describe, expect, it } from "vitest"
import { type Beside, type Driver, drive, type Wrap } from "../../test/driver/index.ts"
import { runRetelling } from "../flow/run-retelling.ts"
import { REGROUP } from "../graph.ts"

let driver: Driver
afterEach(() => driver.close())

const regrouping: Beside = (ports, stopping) => runRetelling(REGROUP, ports, stopping)
const start = async (wrap: Wrap = {}): Promise<void> => {
  driver = await drive({ besides: [regrouping], ...wrap })
}

const told = async () =>
  (await driver.facts("sequence-frame")).map(({ frame, state, failureCode }) => [frame, state, failureCode])

async function arrives(key: string, text = "fine"): Promise<void> {
  await driver.puts(key, text)
  await driver.arrives({ key })
}

describe("a sequence is told of its frames", () => {
  it("when they arrive, and when they are made, with all that its movie and its report need", async () => {
    await start()
    await arrives("sh010/v002/beauty_0101.exr")
    expect(await told()).toEqual([
      [101, "arrived", null],
      [101, "made", null],
    ])
    const [, made] = await driver.facts("sequence-frame")
    const [proxy] = await driver.facts("proxy-made")
    expect(made).toMatchObject({
      sequence: { bucket: "show", folder: "sh010/v002/", head: "beauty_", tail: ".exr" },
      ...{ padding: 4, version: "002", key: "sh010/v002/beauty_0101.exr", causationId: proxy?.factId },
      picture: { renderKey: proxy?.renderKey, sourceVersion: proxy?.source.sourceVersion, proxy: proxy?.proxy },
    })
  })

  it("under one id, whatever the frame and the width of its number", async () => {
    await start()
    await arrives("sh010/beauty.9999.exr")
    await arrives("sh010/beauty.10000.exr")
    const facts = await driver.facts("sequence-frame")
    expect(new Set(facts.map(({ sequence: { sequenceId } }) => sequenceId)).size).toBe(1)
  })

  it("when they fail for good, and when they are gone", async () => {
    await start()
    await arrives("sh010/beauty.1.exr", "damaged")
    await driver.arrives({ key: "sh010/beauty.2.exr" })
    expect(await told()).toEqual([
      [1, "arrived", null],
      [1, "failed", "picture/damaged"],
      [2, "arrived", null],
      [2, "removed", null],
    ])
  })

  it("of nothing else: stills, versions, UDIM tiles", async () => {
    await start()
    for (const key of ["sh010/slate.exr", "sh010/beauty_v002.exr", "textures/wood.1001.exr"]) await arrives(key)
    expect(await told()).toEqual([])
    expect(await driver.lag("regroup")).toBe(0)
  })

  it("as the rule for its key says", async () => {
    const never: Beside = (ports, stopping) =>
      runRetelling(
        REGROUP,
        { ...ports, sequenceRuleFor: ({ key }) => (key === "b.1.exr" ? "never" : "always") },
        stopping,
      )
    await start({ besides: [never] })
    for (const key of ["b.1.exr", "b_v002.exr"]) await arrives(key)
    expect((await told()).map(([frame]) => frame)).toEqual([2, 2])
  })

  it("again with the same ids where it is told again", async () => {
    await start()
    await arrives("sh010/beauty.1.exr")
    const before = await driver.facts("sequence-frame")
    const [created] = await driver.facts("element-created")
    if (created === undefined) throw new Error("nothing has arrived")
    await driver.log.append([{ topic: "element-created", value: created }])
    await driver.passes(1000)
    const after = await driver.facts("sequence-frame")
    expect(after.length).toBeGreaterThan(before.length)
    expect(new Set(after.map(({ factId }) => factId))).toEqual(new Set(before.map(({ factId }) => factId)))
  })
})
