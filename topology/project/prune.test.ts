import { afterEach, describe, expect, it } from "vitest"
import { besideSources } from "../../src/element/output-places.ts"
import { furtherOutputs } from "../../src/element/profiles.ts"
import { failed, failure, type Result } from "../../src/events/result.ts"
import { EPOCH_MS, removalReported } from "../../src/events/testing/facts.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import type { ObjectStore } from "../../src/store/index.ts"
import { type Driver, drive, type Wrap } from "../../test/driver/index.ts"
import { failingWhile } from "../../test/driver/ports.ts"
import { type Prunable, prunable, prune } from "./prune.ts"

const KEY = "sh010/beauty.0001.exr"

let driver: Driver
afterEach(() => driver.close())

/** A frame with outputs that is gone, and the tables know it. */
async function withRemoved(wrap: Wrap = {}): Promise<Driver> {
  driver = await drive(wrap)
  await driver.puts(KEY, "a frame")
  await driver.arrives({ key: KEY })
  driver.store.erase({ bucket: "show", key: KEY })
  unwrap(await driver.log.append([removalReported({ key: KEY, arrivedAtMs: EPOCH_MS + 1 })]))
  await driver.passes(1_000)
  return driver
}

const portsOf = (t: Driver, store: ObjectStore = t.store) => ({
  ...t,
  store,
  outputsFor: besideSources,
  generatorVersion: "3.0.0",
})

async function all(t: Driver, store?: ObjectStore): Promise<readonly Result<Prunable>[]> {
  const found: Result<Prunable>[] = []
  for await (const one of prunable(portsOf(t, store), {})) found.push(one)
  return found
}

const keys = async (t: Driver): Promise<readonly string[]> => {
  const found: string[] = []
  for await (const listed of t.store.list("show")) found.push(unwrap(listed).key)
  return found
}

describe("what can be pruned", () => {
  it("are all outputs of a source that is gone, also those that a setting asked for", async () => {
    const further = furtherOutputs({ previewEdgePx: 640, stillEdgePx: 640 })
    const t = await withRemoved({ furtherOutputs: further, settings: () => ({ metadataFile: true }) })
    expect(await keys(t)).toHaveLength(5)
    for (const one of (await all(t)).map(unwrap)) expect(unwrap(await prune(portsOf(t), one))).toBe(true)
    expect(await keys(t)).toEqual([])
  })

  it("is looked at again before it goes: a source that came back keeps its outputs", async () => {
    const t = await withRemoved()
    const found = (await all(t)).map(unwrap)
    expect(found.map((one) => one.kind)).toEqual(["output", "output"])
    await t.puts(KEY, "a frame")
    for (const one of found) expect(unwrap(await prune(portsOf(t), one))).toBe(false)
    expect(await keys(t)).toHaveLength(3)
  })

  it("stays where somebody wrote it anew after it was seen", async () => {
    const t = await withRemoved()
    const [first] = (await all(t)).map(unwrap)
    if (first?.kind !== "output") throw new Error("no output was found")
    await t.puts(first.output.key, "another picture")
    expect(unwrap(await prune(portsOf(t), first))).toBe(false)
    expect(await keys(t)).toHaveLength(2)
  })

  it("is nothing while nobody can say whether the source is gone", async () => {
    const t = await withRemoved()
    const denied = failingWhile<ObjectStore>("head", "store/denied", () => true)(t.store)
    expect(await all(t, denied)).toEqual([failed(failure("store/denied", "head is made to fail"))])
    const away = failingWhile<ObjectStore>("head", "store/unreachable", () => true)(t.store)
    expect(await all(t, away)).toMatchObject([{ ok: false, failure: { kind: "outage" } }])
    const [first] = (await all(t)).map(unwrap)
    if (first === undefined) throw new Error("nothing was found")
    expect((await prune(portsOf(t, away), first)).ok).toBe(false)
    expect(await keys(t)).toHaveLength(2)
  })

  it("is only what says that it was made of this source", async () => {
    const t = await withRemoved()
    const stranger: ObjectStore = {
      ...t.store,
      head: async (ref) => {
        const head = await t.store.head(ref)
        if (!head.ok) return head
        return { ok: true, value: { ...head.value, metadata: { ...head.value.metadata, "source-name": "other.exr" } } }
      },
    }
    expect(await all(t, stranger)).toEqual([])
  })
})
