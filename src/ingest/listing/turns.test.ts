import { mkdir, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import fc from "fast-check"
import { describe, expect, it, onTestFinished } from "vitest"
import { virtualClock } from "../../../test/driver/virtual-clock.ts"
import { folderOf } from "../../element/key.ts"
import { compareKeys } from "../../element/key-order.ts"
import { besideSources } from "../../element/output-places.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import { elementOf } from "../../events/testing/sequence-facts.ts"
import { openMemoryLog } from "../../log/memory.ts"
import { readAll } from "../../log/testing/harness.ts"
import type { RenderSettings } from "../../picture/index.ts"
import { openDirectoryStore } from "../../store/directory.ts"
import type { ObjectEntry, ObjectHead, ObjectRef, ObjectStore } from "../../store/index.ts"
import { openMemoryStore } from "../../store/memory.ts"
import { systemClock } from "../../system/clock.ts"
import { type Foreground, openForeground, unpaced } from "../../system/foreground.ts"
import { openListedFolder } from "../testing/listed-folder.ts"
import { BUCKET } from "../testing/messages.ts"
import { listFolder } from "./look.ts"
import { scan } from "./scan.ts"
import { inTurns } from "./turns.ts"

const named = (folder: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${folder}f.${String(at).padStart(6, "0")}.exr`)

const entry = (key: string): ObjectEntry => ({
  ...{ bucket: BUCKET, key, etag: "e", sizeBytes: 1, lastModifiedMs: 0, sourceVersion: "v" },
})

/** A store of these keys, of which nothing is made before it is asked for. */
function storeOf(keys: readonly string[]) {
  const folders = Map.groupBy(keys, folderOf)
  const [gone, locked, late]: [Set<string>, Set<string>, Set<string>] = [new Set(), new Set(), new Set()]
  const asked = { names: 0 }
  const sorted = keys.toSorted(compareKeys)
  return {
    gone,
    locked,
    /** What was not there yet when names were read. */
    late,
    asked,
    async *list() {
      for (const key of sorted)
        if (locked.has(key)) yield failed(failure("store/denied", key))
        else if (!gone.has(key)) yield done(entry(key))
    },
    async *listKeys(_: string, only?: string) {
      asked.names += 1
      if (only === undefined) yield* folders.values()
      else yield (folders.get(only) ?? []).filter((key) => !late.has(key))
    },
    head: async ({ key }: ObjectRef): Promise<Result<ObjectHead>> => {
      if (gone.has(key)) return failed(failure("store/missing", key))
      if (locked.has(key)) return failed(failure("store/denied", key))
      return done({ ...entry(key), versionId: null, contentType: null, metadata: {} })
    },
  }
}

type Place = readonly [key: string, place: string]

/** What a listing gives, at most so much; renders go on as long as `isUnderWay` says. */
async function listed(
  store: ReturnType<typeof storeOf>,
  { most = Number.POSITIVE_INFINITY, isUnderWay = (): boolean => true } = {},
): Promise<Place[]> {
  const places: Place[] = []
  const isFrame = ({ key }: ObjectRef): boolean => key.endsWith(".exr")
  for await (const { listed, place } of inTurns({ store, foreground: { isUnderWay }, isFrame }, { bucket: BUCKET })) {
    places.push([listed.ok ? listed.value.key : listed.failure.says, place])
    if (places.length >= most) break
  }
  return places
}

const keysAt = (places: readonly Place[], ...at: readonly string[]): string[] =>
  places.flatMap(([key, place]) => (at.includes(place) ? [key] : []))

describe("a listing that waits for renders", () => {
  it("comes to ten frames behind fifty thousand of another folder in their turn, in the order of their names", async () => {
    const small = named("z/", 10)
    const places = await listed(storeOf([...named("a/", 50_000), ...small]), { most: 34 })
    expect(keysAt(places, "ahead")).toEqual(small)
    expect(keysAt(places, "in order")).toEqual(named("a/", 24))
  })

  it("gives a show of a hundred shots as many turns as a show of one", async () => {
    const shots = Array.from({ length: 100 }, (_, at) => named(`a/sh${100 + at}/`, 100)).flat()
    const places = await listed(storeOf([...shots, ...named("b/sh100/", 100)]), { most: 1_600 })
    const ofB = places.slice(0, 200).filter(([key]) => key.startsWith("b/"))
    expect(ofB.length).toBeGreaterThan(90)
    expect(new Set(places.map(([key]) => folderOf(key))).size).toBe(101)
  })

  it("looks at each frame once, by name within its folder, and tells the whole order besides", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.constantFrom("", "a/", "a/b/", "a/b/.c/", "a-b/", "é/", "z/y/x/"),
            fc.integer({ max: 40, min: 0 }),
          ),
          {
            maxLength: 6,
          },
        ),
        fc.array(fc.boolean(), { minLength: 1 }),
        async (sizes, busy) => {
          const keys = [...new Set(sizes.flatMap(([folder, count]) => [...named(folder, count), `${folder}notes.txt`]))]
          let asked = 0
          const places = await listed(storeOf(keys), { isUnderWay: () => busy[asked++ % busy.length] === true })
          const inOrder = keys.toSorted(compareKeys)
          expect(keysAt(places, "in order", "again")).toEqual(inOrder)
          const lookedAt = keysAt(places, "in order", "ahead")
          expect(lookedAt.toSorted(compareKeys)).toEqual(inOrder)
          for (const folder of new Set(keys.map(folderOf))) {
            const frames = (some: readonly string[]) =>
              some.filter((key) => folderOf(key) === folder && key.endsWith(".exr"))
            expect(frames(lookedAt)).toEqual(frames(inOrder))
          }
        },
      ),
    ))

  it("passes over a frame that is gone, and leaves to the order what it may not look at", async () => {
    const store = storeOf([...named("a/", 100), ...named("b/", 30), ...named("c/", 30)])
    store.gone.add("b/f.000003.exr")
    store.locked.add("c/f.000003.exr")
    const places = await listed(store)
    expect(keysAt(places, "ahead")).toEqual(expect.arrayContaining(["b/f.000004.exr", "b/f.000029.exr"]))
    expect(keysAt(places, "ahead").filter((key) => key.startsWith("c/"))).toEqual(named("c/", 3))
    expect(keysAt(places, "in order").filter((key) => key.startsWith("c/"))).toEqual(named("c/", 30).slice(3))
    expect(places.some(([key]) => key === "b/f.000003.exr")).toBe(false)
  })

  it("comes no further ahead of the order than a hundred thousand frames, and looks at each once", async () => {
    const keys = ["a/", "b/", "c/"].flatMap((folder) => named(folder, 60_000))
    const places = await listed(storeOf(keys))
    const lookedAt = keysAt(places, "in order", "ahead")
    expect(lookedAt).toHaveLength(keys.length)
    expect(new Set(lookedAt).size).toBe(keys.length)
    for (const folder of ["a/", "b/", "c/"])
      expect(lookedAt.slice(0, 30_000).filter((key) => key.startsWith(folder)).length).toBeGreaterThan(9_900)
    let [ahead, most] = [0, 0]
    for (const [, place] of places) {
      if (place !== "in order") ahead += place === "ahead" ? 1 : -1
      most = Math.max(most, ahead)
    }
    expect(ahead).toBe(0)
    expect(most).toBeGreaterThan(99_000)
    expect(most).toBeLessThan(100_100)
  })

  it("takes in order a frame that has come since its folder had turns, though its name lies behind them", async () => {
    const store = storeOf([...named("a/", 100), ...named("b/", 30)])
    store.late.add("b/f.000003.exr")
    const places = await listed(store)
    expect(keysAt(places, "ahead")).toContain("b/f.000004.exr")
    expect(places.filter(([key]) => key === "b/f.000003.exr")).toEqual([["b/f.000003.exr", "in order"]])
  })

  it("is in order, and reads no names, while nothing is rendered", async () => {
    const store = storeOf([...named("a/", 100), ...named("b/", 10)])
    const places = await listed(store, { isUnderWay: () => false })
    expect(keysAt(places, "in order")).toEqual([...named("a/", 100), ...named("b/", 10)])
    expect(store.asked.names).toBe(0)
  })
})

it("takes in ten frames behind fifty thousand before a second of renders is over", async () => {
  const clock = virtualClock(0)
  const foreground = openForeground(clock)
  const stopping = new AbortController()
  const small = named("z/", 10)
  const heardAt = new Map<string, number>()
  const store: ObjectStore = {
    ...openMemoryStore({ clock, buckets: [BUCKET] }),
    ...storeOf([...named("a/", 50_000), ...small]),
  }
  const rendered = foreground.begin()
  const scanned = scan(
    {
      ...{ store, clock, foreground, outputsFor: besideSources },
      append: async () => done(undefined),
      element: async () => done(null),
      elementInTurn: async () => done(null),
      picture: { recipe: 1, configHash: "0123456789abcdef" },
      settingsFor: () => ({}) as RenderSettings,
    },
    { bucket: BUCKET, signal: stopping.signal, onDecision: ({ key }) => void heardAt.set(key, clock.nowMs()) },
  )
  do await new Promise(setImmediate)
  while (clock.wakeNext(1_000))
  expect(small.filter((key) => heardAt.has(key))).toEqual(small)
  expect(heardAt.size).toBeLessThan(200)
  stopping.abort()
  rendered()
  unwrap(await scanned)
})

/** Renders that never end, and hold nothing up. */
const busy: Foreground = {
  begin: () => () => undefined,
  announce: () => undefined,
  isUnderWay: () => true,
  pace: () => unpaced,
}

describe("a folder that is listed in turns", () => {
  it("takes in each frame once and reports what is gone, of every folder", async () => {
    const { root, portsFor, knows, release } = await openListedFolder(async (path) =>
      unwrap(await openDirectoryStore(new Map([[BUCKET, path]]))),
    )
    onTestFinished(release)
    const keys = [...named("a/", 40), ...named("b/deep/", 20), ...named("c/", 20), "top.exr"]
    for (const key of [...keys, "b/gone.exr"]) {
      await mkdir(dirname(join(root, key)), { recursive: true })
      await writeFile(join(root, key), "x")
    }
    const gone = ["a/f.000039b.exr", "b/deep/a.exr", "b/gone.exr", "c/z.exr", "d/whole/folder.exr"]
    for (const key of [...gone, ...named("b/deep/", 20)]) await knows(key)
    await rm(join(root, "b/gone.exr"))
    const log = openMemoryLog({ clock: systemClock })
    const report = unwrap(await listFolder({ ...portsFor(log), foreground: busy }, { bucket: BUCKET }))
    expect(report).toMatchObject({ found: keys.length, arrived: keys.length, removed: gone.length, unlisted: [] })
    const factsOf = async (topic: "element-created" | "removal-reported") =>
      (await readAll(log, topic)).flatMap(({ content }) => ("fact" in content ? [elementOf(content.fact).key] : []))
    const created = await factsOf("element-created")
    expect(created.toSorted(compareKeys)).toEqual(keys.toSorted(compareKeys))
    expect(created).not.toEqual(keys.toSorted(compareKeys))
    expect(await factsOf("removal-reported")).toEqual(gone)
  })
})
