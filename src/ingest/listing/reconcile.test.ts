import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { openTestTable } from "../../../test/driver/table.ts"
import { besideSources } from "../../element/output-places.ts"
import { furtherOutputs } from "../../element/profiles.ts"
import { wantedRenderKey } from "../../events/identity.ts"
import { type Failure, failed, failure, type Result } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import { elementOf } from "../../events/testing/sequence-facts.ts"
import { openMemoryLog } from "../../log/memory.ts"
import { readAll } from "../../log/testing/harness.ts"
import type { RenderSettings } from "../../picture/index.ts"
import type { ObjectStore } from "../../store/index.ts"
import { openMemoryStore } from "../../store/memory.ts"
import { systemClock } from "../../system/clock.ts"
import type { Table } from "../../table/index.ts"
import type { ElementRow } from "../../table/rows.ts"
import { elementRow } from "../../table/testing/rows.ts"
import { type ReconcileOptions, reconcile, reconcileAll } from "./reconcile.ts"

const ENGINE = { recipe: 1, configHash: "0123456789abcdef" }
const SETTINGS = { thumbnailEdgePx: 256 } as RenderSettings

async function given() {
  const folder = await mkdtemp(join(tmpdir(), "reconcile-"))
  const table = await openTestTable(folder, systemClock)
  const store = openMemoryStore({ clock: systemClock })
  const log = openMemoryLog({ clock: systemClock })
  onTestFinished(async () => {
    await table.close()
    await rm(folder, { recursive: true, force: true })
  })
  const puts = async (...keys: readonly string[]): Promise<void> => {
    const file = join(folder, "put.tmp")
    for (const key of keys) {
      await writeFile(file, key)
      unwrap(await store.put({ bucket: "b", key }, file, { contentType: "image/x-exr", tags: {}, metadata: {} }))
    }
  }
  const rowOf = async (key: string, with_: Partial<ElementRow>, settings = SETTINGS): Promise<ElementRow> => {
    const { sourceVersion } = unwrap(await store.head({ bucket: "b", key }))
    const source = { bucket: "b", key, sourceVersion }
    const render_key = wantedRenderKey(source, { settings, statedSpace: null }, ENGINE)
    return elementRow({ bucket: "b", key, source_version: sourceVersion, render_key, ...with_ })
  }
  /** The table says that the frame is done, and its outputs are there. */
  const isDone = async (dir: string, stem: string, settings = SETTINGS): Promise<void> => {
    const [thumbnail_key, proxy_key] = [`${dir}.proxies/${stem}_thumb.jpg`, `${dir}.proxies/${stem}_proxy.mp4`]
    await puts(thumbnail_key, proxy_key)
    const row = await rowOf(`${dir}${stem}.exr`, { state: "done", thumbnail_key, proxy_key }, settings)
    unwrap(await table.merge({ proxyOutputs: [], elements: [row] }))
  }
  const ports = {
    store: store as ObjectStore,
    table: table as Pick<Table, "element" | "elements">,
    append: log.append,
    clock: systemClock,
    picture: ENGINE,
    settingsFor: () => SETTINGS,
    outputsFor: besideSources,
  }
  const queued = async (): Promise<string[]> =>
    (await readAll(log, "element-created-backfill")).flatMap(({ content }) =>
      "fact" in content ? [elementOf(content.fact).key] : [],
    )
  const removed = async (): Promise<string[]> =>
    (await readAll(log, "removal-reported")).flatMap(({ content }) =>
      "fact" in content ? [elementOf(content.fact).key] : [],
    )
  return { folder, table, store, log, ports, puts, isDone, rowOf, queued, removed }
}

const ALL: ReconcileOptions = { bucket: "b", prefix: "", suffixes: [] }

describe("reconciling a bucket", () => {
  it("queues on the backfill's topic what no message told of, and nothing that is done or queued", async () => {
    const t = await given()
    await t.puts("shot/a.exr", "shot/b.exr", "shot/c.exr", "shot/notes.txt")
    await t.isDone("shot/", "a")
    const waiting = await t.rowOf("shot/b.exr", { state: "queued" })
    unwrap(await t.table.merge({ proxyOutputs: [], elements: [waiting] }))
    const report = unwrap(await reconcile(t.ports, ALL))
    expect(report).toMatchObject({ found: 3, arrived: 1, current: 1, alreadyQueued: 1 })
    expect(await t.queued()).toEqual(["shot/c.exr"])
    expect(await readAll(t.log, "element-created")).toEqual([])
  })

  it("queues a frame whose further output is not there, and only that", async () => {
    const settings = { ...SETTINGS, furtherOutputs: furtherOutputs({ previewEdgePx: 640 }) }
    const { ports, puts, isDone, queued } = await given()
    await puts("a.exr", "b.exr", ".proxies/a_preview.jpg")
    await isDone("", "a", settings)
    await isDone("", "b", settings)
    unwrap(await reconcile({ ...ports, settingsFor: () => settings }, ALL))
    expect(await queued()).toEqual(["b.exr"])
  })

  it("asks the store about no output that the listing has told of", async () => {
    const t = await given()
    await t.puts("shot/a.exr", "shot/b.exr")
    await t.isDone("shot/", "a")
    await t.isDone("shot/", "b")
    t.store.erase({ bucket: "b", key: "shot/.proxies/b_thumb.jpg" })
    const asked: string[] = []
    const store: ObjectStore = {
      ...t.store,
      head: (ref) => {
        asked.push(ref.key)
        return t.store.head(ref)
      },
    }
    expect(unwrap(await reconcile({ ...t.ports, store }, ALL))).toMatchObject({ current: 1, arrived: 1 })
    expect(asked.filter((key) => key.includes(".proxies"))).toEqual([])
    expect(await t.queued()).toEqual(["shot/b.exr"])
  })

  it("keeps to prefixes and suffixes", async () => {
    const t = await given()
    await t.puts("plates/a.exr", "plates/a.dpx", "shots/b.exr", "tests/c.exr")
    const report = unwrap(await reconcileAll(t.ports, { bucket: "b", suffixes: [".EXR"] }, ["plates/", "shots/"]))
    expect(report.arrived).toBe(2)
    expect(await t.queued()).toEqual(["plates/a.exr", "shots/b.exr"])
  })

  it("asking twice asks for the same: ids come from what was listed", async () => {
    const t = await given()
    await t.puts("a.exr")
    await reconcile(t.ports, ALL)
    await reconcile(t.ports, ALL)
    const ids = (await readAll(t.log, "element-created-backfill")).map(({ content }) =>
      "fact" in content ? elementOf(content.fact).elementId : null,
    )
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })

  it("goes on row by row when the table's answer breaks off", async () => {
    const t = await given()
    const keys = ["a.exr", "b.exr", "c.exr", "\u{1f600}.exr", "\uffee.exr"]
    await t.puts(...keys)
    for (const key of keys) await t.isDone("", key.slice(0, -4))
    const away: Failure = failure("table/unreachable", "The query was given up.")
    const table: Pick<Table, "element" | "elements"> = {
      element: t.table.element,
      elements: async function* (query): AsyncGenerator<Result<ElementRow>> {
        let told = 0
        for await (const row of t.table.elements(query)) yield told++ < 2 ? row : failed(away)
      },
    }
    expect(unwrap(await reconcile({ ...t.ports, table }, ALL))).toMatchObject({ current: 5, arrived: 0 })
    expect(unwrap(await reconcile(t.ports, ALL))).toMatchObject({ current: 5, arrived: 0 })
  })

  it("reports what is known below the prefix and no longer there, whatever its suffix, and nothing else", async () => {
    const t = await given()
    await t.puts("plates/a.exr", "plates/b.dpx", "plates/old.exr", "shots/c.exr")
    for (const [dir, stem] of [
      ["plates/", "a"],
      ["plates/", "old"],
      ["shots/", "c"],
    ] as const)
      await t.isDone(dir, stem)
    for (const key of ["plates/a.exr", "shots/c.exr"]) t.store.erase({ bucket: "b", key })
    const gone = await t.removed()
    expect(gone).toEqual([])
    const sinceMs = Date.now() + 1_000
    const report = unwrap(await reconcile(t.ports, { ...ALL, prefix: "plates/", suffixes: [".dpx"], sinceMs }))
    expect(report).toMatchObject({ found: 0, arrived: 0, removed: 1 })
    expect(await t.removed()).toEqual(["plates/a.exr"])
  })

  it("reports all when all is gone, and nothing where the bucket cannot be listed", async () => {
    const t = await given()
    await t.puts("a.exr", "b.exr")
    await t.isDone("", "a")
    await t.isDone("", "b")
    const away: Failure = failure("store/unreachable", "Nobody answers.")
    const store: ObjectStore = {
      ...t.store,
      async *list() {
        yield failed(away)
      },
    }
    expect(unwrap(await reconcile({ ...t.ports, store }, ALL))).toMatchObject({ removed: 0, unlisted: [away] })
    for (const key of ["a.exr", "b.exr"]) t.store.erase({ bucket: "b", key })
    expect(unwrap(await reconcile(t.ports, ALL))).toMatchObject({ found: 0, removed: 2 })
    expect(await t.removed()).toEqual(["a.exr", "b.exr"])
  })

  it("takes an object in that was removed and is there again, as another arrival", async () => {
    const t = await given()
    await t.puts("a.exr")
    await t.isDone("", "a")
    const row = await t.rowOf("a.exr", { state: "removed", element_id: "the removal", version_order: "1", attempt: 0 })
    unwrap(await t.table.merge({ proxyOutputs: [], elements: [row] }))
    expect(unwrap(await reconcile(t.ports, ALL))).toMatchObject({ arrived: 1, removed: 0 })
    expect(await t.queued()).toEqual(["a.exr"])
  })
})
