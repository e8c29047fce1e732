import fc from "fast-check"
import { expect, it } from "vitest"
import { besideSources } from "../src/element/output-places.ts"
import type { Fact } from "../src/events/fact.ts"
import { elementCreated, removalReported } from "../src/events/testing/facts.ts"
import { unwrap } from "../src/events/testing/results.ts"
import { reconcile } from "../src/ingest/listing/reconcile.ts"
import { SETTINGS } from "../src/picture/engines/testing/readings.ts"
import { rebuildTables } from "../topology/project/rebuild.ts"
import { type Driver, drive } from "./driver/index.ts"

const KEYS = ["sh010/a.exr", "sh010/b.exr", "sh020/a.exr"] as const

/** What happens to the bucket, and what becomes of the messages about it. */
type Step =
  | { readonly kind: "put" | "erase"; readonly key: string }
  | { readonly kind: "deliver"; readonly which: number; readonly times: number }
  | { readonly kind: "restart" | "pass" }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("put" as const), key: fc.constantFrom(...KEYS) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("erase" as const), key: fc.constantFrom(...KEYS) }) },
  // None: the message is lost.
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("deliver" as const), which: fc.nat(9), times: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("restart" as const, "pass" as const) }) },
)

type World = { readonly t: Driver; readonly live: Map<string, string>; readonly messages: Fact[]; turn: number }

async function does(world: World, one: Step): Promise<void> {
  const { t, live, messages } = world
  world.turn += 1
  const elementId = `message ${world.turn}`
  const nowMs = t.store.nowMs()
  if (one.kind === "put") {
    live.set(one.key, `frame ${"x".repeat(world.turn)}`)
    await t.puts(one.key, live.get(one.key) ?? "")
    messages.push(elementCreated({ key: one.key, elementId, arrivedAtMs: nowMs }, { logicalTimeMs: nowMs }))
  } else if (one.kind === "erase") {
    if (!live.delete(one.key)) return
    t.store.erase({ bucket: "show", key: one.key })
    messages.push(removalReported({ key: one.key, elementId, arrivedAtMs: nowMs }, { logicalTimeMs: 0 }))
  } else if (one.kind === "deliver") {
    const [message] = messages.splice(one.which % Math.max(1, messages.length), 1)
    if (message !== undefined) for (let time = 0; time < one.times; time += 1) unwrap(await t.log.append([message]))
  } else if (one.kind === "restart") {
    await t.dies()
    t.starts()
  }
  // The store tells whole seconds; two changes within one are as likely as two apart.
  await t.passes(world.turn % 2 === 0 ? 1_000 : 10)
}

async function listed({ t }: World): Promise<void> {
  const { store, table, log, picture } = t
  const clock = { nowMs: store.nowMs, steadyMs: store.nowMs, sleep: () => Promise.resolve() }
  const ports = {
    store,
    table,
    append: log.append,
    clock,
    picture,
    settingsFor: () => SETTINGS,
    outputsFor: besideSources,
  }
  unwrap(await reconcile(ports, { bucket: "show", prefix: "", suffixes: [] }))
  await t.passes(60_000)
}

const runsOf = (numRuns: number) => ({ numRuns, endOnFailure: true })

/** What the tables show is what is in the bucket, and what a replay would show. */
async function holds({ t, live }: World): Promise<void> {
  const current: [string, number][] = []
  for await (const row of t.table.currentOutputs()) {
    const { s3_key, source_size_bytes } = unwrap(row)
    current.push([s3_key, source_size_bytes])
  }
  const wanted = [...live].map(([key, text]) => [key, text.length] as const)
  expect(current).toEqual(wanted.toSorted(([one], [other]) => (one < other ? -1 : 1)))
  expect(unwrap(await rebuildTables(t))).toMatchObject({ missing: 0, different: 0, orphaned: 0 })
}

const opened = async (): Promise<World> => ({
  t: await drive({ backfill: {} }),
  live: new Map(),
  messages: [],
  turn: 0,
})

it("with messages lost, late, doubled and out of order, the next listing leaves one current row of each live frame and none of a dead one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
      const world = await opened()
      for (const one of steps) await does(world, one)
      await world.t.passes(60_000)
      await listed(world)
      await holds(world)
      await world.t.close()
    }),
    runsOf(25),
  )
})

it("with all messages at least once, in whatever order, no listing is needed", async () => {
  const deliveries = fc.array(fc.nat(20), { minLength: 60, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 15 }), deliveries, async (steps, order) => {
      const world = await opened()
      for (const one of steps) if (one.kind !== "deliver" || one.times > 0) await does(world, one)
      for (const which of order) await does(world, { kind: "deliver", which, times: 1 + (which % 2) })
      await world.t.passes(60_000)
      expect(world.messages).toEqual([])
      await holds(world)
      await world.t.close()
    }),
    runsOf(8),
  )
})
