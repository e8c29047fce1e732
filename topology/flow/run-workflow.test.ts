import { afterEach, describe, expect, it } from "vitest"
import { frameNameOf } from "../../src/element/frame-name.ts"
import { framesOfText } from "../../src/element/frame-ranges.ts"
import type { Delivery } from "../../src/log/index.ts"
import { type Beside, type Driver, drive } from "../../test/driver/index.ts"
import { arrive, frame, QUIET_MS, regrouping, SEQUENCER, settlements, settling, started } from "./testing/settling.ts"

let driver: Driver
afterEach(() => driver.close())

/** The numbers of a linear congruential generator, 0 up to 1: a run can be run again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

describe("a workflow that runs", () => {
  it("says once what follows when its time has come", async () => {
    driver = await started()
    await arrive(driver, 1, 2, 4)
    await driver.passes(QUIET_MS - 10_000)
    expect(await settlements(driver)).toEqual([])
    await driver.passes(30_000)
    await driver.passes(10 * QUIET_MS)
    expect(await settlements(driver)).toEqual([{ revision: expect.any(String), made: "1-2,4", missing: "3" }])
    expect(await driver.lag("sequencer")).toBe(0)
  })

  it("hears of what comes later, and says the next", async () => {
    driver = await started()
    await arrive(driver, 1, 2, 4)
    await driver.passes(2 * QUIET_MS)
    await arrive(driver, 3)
    await driver.passes(2 * QUIET_MS)
    expect((await settlements(driver)).map(({ made }) => made)).toEqual(["1-2,4", "1-4"])
  })

  it("knows after a death what it has said, and says it no second time", async () => {
    driver = await started()
    await arrive(driver, 1, 2)
    await driver.passes(2 * QUIET_MS)
    await driver.dies()
    driver.starts()
    await driver.passes(5 * QUIET_MS)
    expect(await settlements(driver)).toHaveLength(1)
    await arrive(driver, 3)
    await driver.passes(2 * QUIET_MS)
    expect((await settlements(driver)).map(({ made }) => made)).toEqual(["1-2", "1-3"])
  })

  it("that dies before it says anything says it after its start", async () => {
    driver = await started()
    await arrive(driver, 1, 2)
    await driver.dies()
    await driver.passes(5 * QUIET_MS)
    expect(await settlements(driver)).toEqual([])
    driver.starts()
    await driver.passes(10_000)
    expect((await settlements(driver)).map(({ made }) => made)).toEqual(["1-2"])
  })

  it("finds sequences of the past, and makes nothing for them anew", async () => {
    let isInstalled = false
    const ifInstalled =
      (beside: Beside): Beside =>
      async (ports, stopping) =>
        isInstalled ? beside(ports, stopping) : null
    driver = await drive({ besides: [regrouping, settling()].map(ifInstalled) })
    await arrive(driver, 1, 2)
    await driver.passes(5 * QUIET_MS)
    const made = await driver.facts("proxy-made")
    await driver.dies()
    isInstalled = true
    driver.starts()
    await driver.passes(2 * QUIET_MS)
    expect((await settlements(driver)).map(({ made }) => made)).toEqual(["1-2"])
    expect(await driver.facts("proxy-made")).toEqual(made)
  })

  describe("after another group", () => {
    const AFTER = { ...SEQUENCER, after: ["upstream"] }
    /** What the group before has taken and not acknowledged yet. */
    let held: Delivery[]
    const upstream: Beside = async (ports, { stop }) => {
      const deliveries = ports.log.deliver({ group: "upstream", topics: ["element-created"], credits: 100, stop })
      for await (const delivery of deliveries) if (delivery.ok) held.push(delivery.value)
      return null
    }
    const startAfter = async (group = AFTER) => {
      held = []
      driver = await drive({ besides: [regrouping, upstream, settling(group)] })
    }
    const acknowledge = async (): Promise<void> => {
      for (const delivery of held.splice(0)) await delivery.acknowledge()
    }

    it("says nothing while that has not read what came before the deadline", async () => {
      await startAfter()
      await arrive(driver, 1, 2)
      await driver.passes(10 * QUIET_MS)
      expect(await settlements(driver)).toEqual([])
      await acknowledge()
      await driver.passes(10_000)
      expect(await settlements(driver)).toHaveLength(1)
    })

    it("is not held up by what came after the deadline", async () => {
      await startAfter({ ...AFTER, tickMs: 2 * QUIET_MS })
      await arrive(driver, 1, 2)
      await acknowledge()
      await driver.passes(1.5 * QUIET_MS)
      await driver.arrives({ key: "other/a.1.exr" })
      await driver.passes(QUIET_MS)
      expect(held).toHaveLength(1)
      expect((await settlements(driver)).map(({ made }) => made)).toEqual(["1-2"])
    })

    it("that nobody ever started says nothing", async () => {
      driver = await started({}, { ...SEQUENCER, after: ["nobody"] })
      await arrive(driver, 1, 2)
      await driver.passes(10 * QUIET_MS)
      expect(await settlements(driver)).toEqual([])
    })
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "is killed at any moment, and says nothing too early, wrong or never: seed %i",
    async (seed) => {
      const random = seeded(seed)
      driver = await started()
      const numbers = Array.from({ length: 8 }, (_, index) => index + 1).sort(() => random() - 0.5)
      for (const number of [...numbers, ...numbers.slice(0, 3)]) {
        await driver.puts(frame(number), `frame ${number}`)
        await driver.arrives({ key: frame(number) })
        if (random() < 0.4) {
          await driver.dies()
          await driver.passes(Math.floor(random() * 2 * QUIET_MS))
          driver.starts()
        }
        await driver.passes(Math.floor(random() * 1.2 * QUIET_MS))
      }
      await driver.passes(3 * QUIET_MS)
      const told = await driver.facts("sequence-settled")
      const arrivals = await driver.facts("element-created")
      for (const { recordedAtMs, made } of told) {
        const before = arrivals.filter((arrival) => arrival.recordedAtMs + QUIET_MS <= recordedAtMs)
        const there = framesOfText(made) ?? new Float64Array()
        expect(before.every(({ element: { key } }) => there.includes(frameNameOf(key)?.frame ?? 0))).toBe(true)
      }
      expect(told.at(-1)).toMatchObject({ made: "1-8", missing: "" })
      expect(new Set(told.map(({ revision }) => revision)).size).toBe(told.length)
    },
  )
})
