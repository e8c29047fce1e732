import { afterEach, describe, expect, it } from "vitest"
import type { Driver } from "../../test/driver/index.ts"
import { QUIET_MS, started } from "../flow/testing/settling.ts"

let driver: Driver
afterEach(() => driver.close())

/** As VAST tells of it: whether the plus was meant so, or is a space, nobody knows. */
const spelled = (frame: number) => ({ key: `a b.${frame}.exr`, keyAlternative: `a+b.${frame}.exr` })

async function arrives(there: string, frame: number, text = `frame ${frame}`): Promise<void> {
  await driver.puts(there, text)
  await driver.arrives(spelled(frame))
}

const settled = async () =>
  (await driver.facts("sequence-settled"))
    .map(({ sequence: { head }, made, failed }) => [head, made, failed])
    .toSorted()

describe("a frame of which an event may mean another spelling of its key", () => {
  it("is one of the sequence that its file has, and none of the other, which waits for nothing", async () => {
    driver = await started()
    await arrives("a+b.1.exr", 1)
    await arrives("a b.2.exr", 2)
    await driver.passes(2 * QUIET_MS)
    expect(await settled()).toEqual([
      ["a b.", "2", ""],
      ["a+b.", "1", ""],
    ])
  })

  it("is waited for under either, while nobody knows which it is", async () => {
    driver = await started()
    await arrives("a+b.1.exr", 1)
    await arrives("a+b.2.exr", 2, `slow ${5 * QUIET_MS}`)
    await driver.passes(4 * QUIET_MS)
    expect(await settled()).toEqual([])
    await driver.passes(4 * QUIET_MS)
    expect(await settled()).toEqual([["a+b.", "1-2", ""]])
  })

  it("leaves a frame alone that there is under the other spelling", async () => {
    driver = await started()
    await driver.puts("a+b.1.exr", "frame 1")
    await driver.arrives({ key: "a+b.1.exr", trigger: "listing" })
    await arrives("a b.1.exr", 1)
    await driver.passes(2 * QUIET_MS)
    expect(await settled()).toEqual([
      ["a b.", "1", ""],
      ["a+b.", "1", ""],
    ])
  })

  it("fails under one of them alone", async () => {
    driver = await started()
    await arrives("a+b.1.exr", 1, "damaged")
    await driver.puts("a b.2.exr", "frame 2")
    await driver.arrives({ key: "a b.2.exr" })
    await driver.passes(2 * QUIET_MS)
    expect(await settled()).toEqual([
      ["a b.", "2", ""],
      ["a+b.", "", "1"],
    ])
  })
})
