import { describe, expect, it } from "vitest"
import { virtualClock } from "../../../test/driver/virtual-clock.ts"
import { besideSources } from "../../element/output-places.ts"
import { done, failed, failure } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import { openMemoryStore } from "../../store/memory.ts"
import { elementRow } from "../../table/testing/rows.ts"
import { openExpectedArrivals } from "./expected.ts"
import { type Decision, decide } from "./listing.ts"

const BUCKET = "show"
const never = new AbortController().signal

type Folder = { readonly names: readonly (readonly string[])[]; readonly rows: number }

async function opened({ names, rows }: Folder) {
  const clock = virtualClock(0)
  const store = {
    ...openMemoryStore({ clock, buckets: [BUCKET] }),
    async *listKeys() {
      yield* names
    },
  }
  const table = { countElements: async () => done(rows) }
  const expected = openExpectedArrivals({ store, table, clock, outputsFor: besideSources }, { bucket: BUCKET })
  return { clock, expected }
}

async function counted(folder: Folder) {
  const { clock, expected } = await opened(folder)
  const counting = expected.count(never)
  await new Promise(setImmediate)
  expect(expected.toCome()).toBeNull()
  clock.wakeNext(Number.POSITIVE_INFINITY)
  unwrap(await counting)
  return expected
}

const frames = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `a.${at}.exr`)

const decided = (row: Parameters<typeof decide>[1]["row"], wantedRenderKey = "k"): Decision =>
  decide(
    { bucket: BUCKET, key: "a.exr", etag: "e", sizeBytes: 1, lastModifiedMs: 0, sourceVersion: "v" },
    { row, isLost: false, wantedRenderKey, outputsPresent: true },
    0,
  )

const unknown = decided(null)
const current = decided(elementRow({ state: "done", source_version: "v", render_key: "k" }))
const changed = decided(elementRow({ state: "done", source_version: "v", render_key: "k" }), "another")

describe("arrivals that a listing will still bring", () => {
  it("are all frames of a folder that is new, less those that were listed", async () => {
    const names = [frames(70), ["notes.txt", "sub/.proxies/a.exr", ...frames(30)]]
    const expected = await counted({ names, rows: 0 })
    for (let at = 0; at < 25; at++) expected.note(unknown)
    expect(expected.toCome()).toBe(75)
  })

  it("are those that have no rows where an earlier run was interrupted while it listed", async () => {
    const expected = await counted({ names: [frames(100)], rows: 30 })
    expect(expected.toCome()).toBe(70)
    for (let at = 0; at < 10; at++) expected.note(current)
    expect(expected.toCome()).toBe(70)
    for (let at = 0; at < 20; at++) expected.note({ kind: "already-queued" })
    for (let at = 0; at < 10; at++) expected.note(unknown)
    expect(expected.toCome()).toBe(60)
  })

  it("are as many of the known ones as there were among those listed: all where a setting was changed", async () => {
    const expected = await counted({ names: [frames(100)], rows: 100 })
    for (let at = 0; at < 10; at++) expected.note(changed)
    expect(expected.toCome()).toBe(90)
    for (let at = 0; at < 10; at++) expected.note(current)
    expect(expected.toCome()).toBe(40)
  })

  it("are none where more was listed than there were names", async () => {
    const expected = await counted({ names: [frames(3)], rows: 1 })
    for (let at = 0; at < 9; at++) expected.note(unknown)
    for (let at = 0; at < 9; at++) expected.note(current)
    expect(expected.toCome()).toBe(0)
  })

  it("are not counted where the listing ends within the second", async () => {
    const { expected } = await opened({ names: [frames(3)], rows: 0 })
    const ending = new AbortController()
    const counting = expected.count(ending.signal)
    ending.abort()
    unwrap(await counting)
    expect(expected.toCome()).toBeNull()
  })
})

it("fails as the table does", async () => {
  const clock = virtualClock(0)
  const store = openMemoryStore({ clock, buckets: [BUCKET] })
  const table = { countElements: async () => failed(failure("table/unreachable", "Away.")) }
  const ports = { store, table, clock, outputsFor: besideSources }
  expect(await openExpectedArrivals(ports, { bucket: BUCKET }).count(never)).toMatchObject({
    failure: { code: "table/unreachable" },
  })
})
