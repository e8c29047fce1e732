import { afterEach, expect, it } from "vitest"
import { failed, failure } from "../../src/events/result.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import type { ObjectRef, ObjectStore } from "../../src/store/index.ts"
import { type Driver, drive, type Wrap } from "../../test/driver/index.ts"
import { runGroup } from "../flow/run-group.ts"
import { regrouping, settling } from "../flow/testing/settling.ts"
import { ASSEMBLER } from "../graph.ts"

const QUIET_MS = 60_000
const TOO_LONG = failure("sequence/too-long", "More than a day of film.")

let driver: Driver
afterEach(() => driver.close())

const start = async (wrap: Wrap = {}): Promise<void> => {
  const besides = [regrouping, settling(), (...args: Parameters<typeof regrouping>) => runGroup(ASSEMBLER, ...args)]
  driver = await drive({ besides, ...wrap })
}

async function arrive(...files: readonly string[]): Promise<void> {
  for (const file of files) {
    const key = `sh010/${file}.exr`
    await driver.puts(key, file)
    await driver.arrives({ key })
    await driver.passes(1000)
  }
  await driver.passes(2 * QUIET_MS)
}

/** Each movie, by its sequence: where it is, and the frames that it shows. */
async function movies(store: ObjectStore = driver.store) {
  const told: (readonly [string, string | undefined, string])[] = []
  for (const { sequence, movie } of await driver.facts("movie-made")) {
    const ref = { bucket: "show", key: movie?.key ?? "" }
    const text = Buffer.from(unwrap(await store.readRange(ref, { start: 0, end: 10_000 }))).toString()
    told.push([sequence.head, movie?.key.replace("sh010/.proxies/", ""), text.replaceAll("proxy of ", "")])
  }
  return told.toSorted()
}

/** As on disks of other systems: of outputs, letters of another case name the same file. */
function caseless(store: ObjectStore): ObjectStore {
  const folded = (ref: ObjectRef): ObjectRef =>
    ref.key.includes("/.proxies/") ? { ...ref, key: ref.key.toLowerCase() } : ref
  return {
    ...store,
    head: async (ref) => {
      const head = await store.head(folded(ref))
      return head.ok ? { ok: true, value: { ...head.value, key: ref.key } } : head
    },
    put: async (ref, file, options) => {
      const head = await store.put(folded(ref), file, options)
      return head.ok ? { ok: true, value: { ...head.value, key: ref.key } } : head
    },
    readRange: (ref, options) => store.readRange(folded(ref), options),
    tags: (ref) => store.tags(folded(ref)),
  }
}

it("two sequences whose names differ in the case of letters alone have a movie each", async () => {
  await start()
  await arrive("beauty.1", "Beauty.1", "beauty.2", "Beauty.2")
  expect(await movies()).toEqual([
    ["Beauty.", "Beauty_movie.mp4", "Beauty.1\nBeauty.2"],
    ["beauty.", "beauty_movie.mp4", "beauty.1\nbeauty.2"],
  ])
})

it("also where one name in two cases is one file: who has it keeps it, and the other has another", async () => {
  await start({ store: caseless })
  await arrive("Beauty.1", "Beauty.2")
  await arrive("beauty.3", "beauty.4")
  expect(await movies(caseless(driver.store))).toEqual([
    ["Beauty.", "Beauty_movie.mp4", "Beauty.1\nBeauty.2"],
    ["beauty.", "beauty.exr_movie.mp4", "beauty.3\nbeauty.4"],
  ])
})

it("and where both are made at one time", async () => {
  await start({ store: caseless })
  await arrive("Beauty.1", "beauty.3", "Beauty.2", "beauty.4")
  const made = await movies(caseless(driver.store))
  expect(new Set(made.map(([, key]) => key?.toLowerCase()))).toEqual(
    new Set(["beauty_movie.mp4", "beauty.exr_movie.mp4"]),
  )
  expect(made.map(([, , shown]) => shown)).toEqual(["Beauty.1\nBeauty.2", "beauty.3\nbeauty.4"])
})

it("files that differ in the width of their numbers alone are frames of one sequence, which shows the later one of each", async () => {
  await start()
  await arrive("beauty.1", "beauty.0002", "beauty.0001", "beauty.2")
  expect(await movies()).toEqual([["beauty.", "beauty_movie.mp4", "beauty.0001\nbeauty.2"]])
  const [movie] = await driver.facts("movie-made")
  expect(movie?.report).toMatchObject({ isSound: false, duplicates: { ranges: "1-2", count: 2 } })
})

it.each([
  ["up to 2^53 - 2", ["n.9007199254740989", "n.9007199254740990"]],
  ["down to -2^52", ["n.-4503599627370496", "n.-4503599627370495"]],
])("frames are counted %s, and beyond there is none", async (_, files) => {
  await start()
  await arrive(...files, "n.9007199254740991", "n.-4503599627370497", "n.9007199254740993")
  expect(await movies()).toEqual([["n.", "n_movie.mp4", files.join("\n")]])
  expect(await driver.facts("element-failed")).toEqual([])
})

it("frames as far apart as can be are one sequence, of which all between is missing", async () => {
  await start({ movies: (movies) => ({ ...movies, stitch: () => Promise.resolve(failed(TOO_LONG)) }) })
  await arrive("n.-4503599627370496", "n.9007199254740990")
  const [made] = await driver.facts("movie-made")
  expect(made).toMatchObject({ missing: "-4503599627370495-9007199254740989", failure: { code: TOO_LONG.code } })
})
