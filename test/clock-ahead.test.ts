import fc from "fast-check"
import { afterEach, describe, expect, it } from "vitest"
import type { Fact } from "../src/events/fact.ts"
import { EPOCH_MS, elementCreated } from "../src/events/testing/facts.ts"
import { unwrap } from "../src/events/testing/results.ts"
import { statedMs } from "../src/events/time.ts"
import { exrFile } from "../src/picture/read/header/testing/exr-file.ts"
import type { ObjectStore } from "../src/store/index.ts"
import type { Clock } from "../src/system/clock.ts"
import type { ElementRow } from "../src/table/rows.ts"
import { project } from "../topology/project/project.ts"
import { rebuildTables } from "../topology/project/rebuild.ts"
import { type Driver, drive, type Wrap } from "./driver/index.ts"

const KEY = "sh010/beauty.0001.exr"
const MINUTE = 60_000
const HOUR = 60 * MINUTE

let driver: Driver
afterEach(() => driver.close())

/** A machine whose clock is `aheadMs` ahead of the store's and of everybody else's. */
async function given(wrap: Wrap = {}): Promise<Driver & { readonly sets: (aheadMs: number) => void }> {
  let aheadMs = 0
  const clock = (true_: Clock): Clock => ({ ...true_, nowMs: () => true_.nowMs() + aheadMs })
  driver = await drive({ clock, ...wrap })
  return {
    ...driver,
    sets: (ms) => {
      aheadMs = ms
    },
  }
}

const rowOf = async (): Promise<ElementRow | null> => unwrap(await driver.table.element("show", KEY))

describe("a machine whose clock is an hour ahead", () => {
  it("stamps what it makes with the store's time", async () => {
    const t = await given()
    t.sets(HOUR)
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY })
    const [row] = await t.rows()
    expect(row?.generated_timestamp).toBe("2026-04-01T00:00:00.000000+00:00")
    expect(await rowOf()).toMatchObject({ state: "done", changed_at_ms: Date.UTC(2026, 3, 1) })
  })

  it("makes a row that a later result replaces at once, also within one second of the source", async () => {
    const t = await given()
    t.sets(HOUR)
    await t.puts(KEY, "a much longer frame")
    await t.arrives({ key: KEY, arrivedAtMs: Date.UTC(2026, 3, 1, 1) })
    t.sets(0)
    await t.passes(10)
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY })
    expect(await t.rows()).toMatchObject([{ source_size_bytes: "a frame".length }])
    expect(await rowOf()).toMatchObject({
      state: "done",
      element_id: `element of ${KEY} at ${Date.UTC(2026, 3, 1) + 10}`,
    })
  })

  it("hides no damaged overwrite: it shows as failed at once, and as done when it is put right", async () => {
    const t = await given()
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY, arrivedAtMs: Date.UTC(2026, 3, 1, 1) })
    await t.dies()
    t.starts()
    await t.passes(MINUTE)
    await t.puts(KEY, "damaged")
    await t.arrives({ key: KEY })
    expect(await rowOf()).toMatchObject({ state: "failed", failure_code: "picture/damaged" })
    await t.passes(MINUTE)
    await t.puts(KEY, "a frame again")
    await t.arrives({ key: KEY })
    expect(await rowOf()).toMatchObject({ state: "done" })
  })

  it("hides no repaired frame behind the failure that it told of first", async () => {
    const t = await given()
    await t.puts(KEY, "damaged")
    await t.arrives({ key: KEY, arrivedAtMs: Date.UTC(2026, 3, 1, 1) })
    expect(await rowOf()).toMatchObject({ state: "failed" })
    await t.passes(MINUTE)
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY })
    expect(await rowOf()).toMatchObject({ state: "done" })
  })

  it("is not asked which of two arrivals of one version was looked at last", async () => {
    const t = await given()
    await t.puts(KEY, "damaged")
    for (const [elementId, aheadMs] of [
      ["the first", HOUR],
      ["the second", 0],
    ] as const) {
      const arrivedAtMs = EPOCH_MS + aheadMs
      unwrap(await t.log.append([elementCreated({ key: KEY, elementId, arrivedAtMs }, { logicalTimeMs: 0 })]))
      await t.passes(MINUTE)
      expect(await rowOf()).toMatchObject({ state: "failed", element_id: elementId })
      await t.dies()
      t.starts()
    }
  })

  it("leaves rows that a rebuild makes again, repeats included", async () => {
    const t = await given()
    await t.puts(KEY, "a frame")
    for (const [text, aheadMs] of [
      ["a frame", HOUR],
      ["damaged", 0],
      ["another", -HOUR],
      ["another", 2 * HOUR],
    ] as const) {
      t.sets(aheadMs)
      await t.puts(KEY, text)
      await t.arrives({ key: KEY, arrivedAtMs: Date.UTC(2026, 3, 1) + aheadMs })
      await t.passes(MINUTE)
    }
    const again = [...(await t.facts("proxy-made"))].map((value) => ({ topic: "proxy-made", value }) as const)
    unwrap(await t.log.append(again))
    await t.passes(MINUTE)
    expect(unwrap(await rebuildTables(t))).toMatchObject({ missing: 0, different: 0, orphaned: 0 })
  })
})

describe("a store whose own clock was an hour ahead", () => {
  it("left outputs that whatever is made next is later than", async () => {
    let aheadMs = HOUR
    const store = (true_: ObjectStore): ObjectStore => ({ ...true_, nowMs: () => true_.nowMs() + aheadMs })
    const t = await given({ store })
    await t.puts(KEY, "a much longer frame")
    await t.arrives({ key: KEY })
    const [before] = await t.facts("proxy-made")
    aheadMs = 0
    await t.passes(10)
    await t.puts(KEY, "a frame")
    await t.arrives({ key: KEY })
    const [, after] = await t.facts("proxy-made")
    expect(after?.generatedAtUs).toBeGreaterThan(before?.generatedAtUs ?? Number.POSITIVE_INFINITY)
    expect(await t.rows()).toMatchObject([{ source_size_bytes: "a frame".length }])
    await t.puts(KEY, "damaged")
    await t.arrives({ key: KEY, elementId: "the damaged overwrite" })
    expect(await rowOf()).toMatchObject({ state: "failed", element_id: "the damaged overwrite" })
  })
})

describe("a machine whose clock is an hour ahead and that reads headers", () => {
  it("leaves rows that a later inspection replaces at once, also within one second of the source", async () => {
    const t = await given({ inspector: true })
    t.sets(HOUR)
    await t.puts(KEY, exrFile({ parts: [{ channels: ["B", "G", "R"] }] }))
    await t.arrives({ key: KEY })
    t.sets(0)
    await t.dies()
    t.starts()
    await t.passes(10)
    await t.puts(KEY, exrFile({ parts: [{ channels: ["Y"] }] }))
    await t.arrives({ key: KEY })
    const [first, second] = await t.facts("source-inspected")
    expect(second?.source.fileId).toBe(first?.source.fileId)
    const rows = unwrap(await t.table.inspection("show", second?.source.fileId ?? ""))
    expect(rows?.channels.map(({ channel_name }) => channel_name)).toEqual(["Y"])
    expect(rows?.file.inspection_timestamp).toBe("2026-04-01T00:00:00.010000+00:00")
  })
})

/** What happens to one object, and how wrong the clocks of the machines are that take it in and work on it. */
const happening = fc.record({
  text: fc.constantFrom("a frame", "another", "damaged", "a longer frame"),
  intakeAheadMs: fc.integer({ min: -2 * HOUR, max: 2 * HOUR }),
  workerAheadMs: fc.integer({ min: -2 * HOUR, max: 2 * HOUR }),
  /** Whether the store's message says when it happened. */
  isTimed: fc.boolean(),
  /** Whether another process takes the work over first, which knows nothing of what the one before did. */
  isAnother: fc.boolean(),
  repeats: fc.boolean(),
  passesMs: fc.integer({ min: 1, max: 10 * MINUTE }),
})

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

describe("machines with any clocks", () => {
  it("tell at once what is true of an object, whatever they were told before", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 2, maxLength: 6 }), fc.gen(), async (happenings, gen) => {
        const t = await given()
        let nowMs = EPOCH_MS
        for (const [turn, one] of happenings.entries()) {
          await happens(t, one, { turn, nowMs })
          const { text, passesMs } = one
          expect(await rowOf()).toMatchObject({ state: text === "damaged" ? "failed" : "done" })
          const rows = (await t.rows()).toSorted((a, b) => (a.generated_timestamp < b.generated_timestamp ? 1 : -1))
          if (text !== "damaged") expect(rows[0]?.source_size_bytes).toBe(text.length)
          await t.passes(passesMs)
          nowMs += passesMs
        }
        await expectSameInAnyOrder(t, (facts) => {
          const shuffled = facts.map((fact) => [gen(fc.double, { noNaN: true }), fact] as const)
          return shuffled.toSorted(([a], [b]) => a - b).map(([, fact]) => fact)
        })
        await t.close()
      }),
      { numRuns: 12 },
    )
  })
})

async function happens(
  t: Awaited<ReturnType<typeof given>>,
  { text, intakeAheadMs, workerAheadMs, isTimed, isAnother, repeats }: Happening,
  { turn, nowMs }: { readonly turn: number; readonly nowMs: number },
): Promise<void> {
  if (isAnother) {
    await t.dies()
    t.starts()
  }
  t.sets(workerAheadMs)
  await t.puts(KEY, text)
  const takenInMs = nowMs + intakeAheadMs
  const arrival = elementCreated(
    { key: KEY, elementId: `arrival ${turn}`, arrivedAtMs: takenInMs },
    { logicalTimeMs: statedMs(isTimed ? nowMs : null, takenInMs) },
  )
  unwrap(await t.log.append(repeats ? [arrival, arrival] : [arrival]))
  await t.passes(0)
}

/** Facts merged again in another order, some of them twice, change nothing; nor does a rebuild out of them. */
async function expectSameInAnyOrder(t: Driver, inOtherOrder: (facts: readonly Fact[]) => readonly Fact[]) {
  const before = await rowOf()
  expect(unwrap(await rebuildTables(t))).toMatchObject({ missing: 0, different: 0, orphaned: 0 })
  const shuffled = inOtherOrder(await allFacts())
  for (const fact of [...shuffled, ...shuffled.slice(0, 3)]) unwrap(await t.table.merge(project([fact])))
  expect(await rowOf()).toEqual(before)
  const rebuilt = unwrap(await t.table.rebuild())
  for (const fact of [...shuffled.slice(-3), ...shuffled]) unwrap(await rebuilt.merge(project([fact])))
  expect(unwrap(await rebuilt.replace())).toMatchObject({ missing: 0, different: 0, orphaned: 0 })
  await rebuilt.close()
}

async function allFacts(): Promise<Fact[]> {
  const each = await Promise.all(
    (["element-created", "proxy-made", "element-failed"] as const).map(async (topic) =>
      (await driver.facts(topic)).map((value) => ({ topic, value }) as Fact),
    ),
  )
  return each.flat()
}
