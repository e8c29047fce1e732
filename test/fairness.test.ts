import { afterEach, describe, expect, it } from "vitest"
import { elementCreated } from "../src/events/testing/facts.ts"
import { unwrap } from "../src/events/testing/results.ts"
import { openMemoryLog } from "../src/log/memory.ts"
import { consume, keyOf } from "../src/log/testing/harness.ts"
import { systemClock } from "../src/system/clock.ts"
import { type Driver, drive } from "./driver/index.ts"

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let driver: Driver | null = null
afterEach(() => driver?.close())

const keysOf = (folder: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${folder}/${String(at).padStart(5, "0")}.exr`)

describe("fifty thousand frames of one folder, and then ten of another", () => {
  it("are delivered in turn: the ten wait for the credits that are out and for one turn each", async () => {
    const log = openMemoryLog({ clock: systemClock })
    const append = async (keys: readonly string[]) =>
      unwrap(await log.append(keys.map((key) => elementCreated({ key }))))
    await append(keysOf("show/large", 50_000))
    await append(keysOf("show/small", 10))
    const consumer = consume(log, { credits: 64, lookAhead: 65_536 })
    const out = await consumer.take(64)
    const isSmall = (delivery: (typeof out)[number]): boolean => keyOf(delivery).startsWith("show/small/")
    let delivered = out.length
    for (let small = out.filter(isSmall).length; small < 10 && delivered < 1_000; delivered += 1) {
      unwrap(await (out.shift() as (typeof out)[number]).acknowledge())
      out.push(await consumer.next())
      small = out.filter(isSmall).length
    }
    expect(delivered).toBeLessThanOrEqual(64 + 2 * 10)
  })

  it("are delivered in the order of arrival where nothing is looked at ahead", async () => {
    const log = openMemoryLog({ clock: systemClock })
    const keys = [...keysOf("show/large", 1_000), ...keysOf("show/small", 10)]
    unwrap(await log.append(keys.map((key) => elementCreated({ key }))))
    expect((await consume(log, { credits: 2_000, lookAhead: 0 }).take(1_010)).map(keyOf)).toEqual(keys)
  })
})

describe("a worker with two renders of a minute each", () => {
  const SMALL = keysOf("sh020", 10)

  const doneAfter = async (lookAhead: number): Promise<number> => {
    const t = await drive({ policy: { credits: 16, lookAhead } })
    driver = t
    const keys = [...keysOf("sh010", 200), ...SMALL]
    for (const key of keys) await t.puts(key, `slow 60000 of ${key}`)
    unwrap(
      await t.log.append(keys.map((key) => elementCreated({ bucket: "show", key, elementId: `element of ${key}` }))),
    )
    for (let minutes = 0; ; minutes += 1) {
      const made = new Set((await t.facts("proxy-made")).map(({ element }) => element.key))
      if (SMALL.every((key) => made.has(key))) return minutes
      await t.passes(MINUTE)
      if (minutes * MINUTE > 3 * HOUR) throw new Error("the ten are never done")
    }
  }

  it("has ten frames of another folder done within its credits and a turn each, not behind two hundred", async () => {
    expect(await doneAfter(1_000)).toBeLessThanOrEqual((16 + 2 * 10) / 2 + 2)
  })

  it("has them done after the two hundred where nothing is looked at ahead", async () => {
    expect(await doneAfter(0)).toBeGreaterThanOrEqual(200 / 2)
  })
})
