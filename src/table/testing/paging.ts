import { expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import type { Table } from "../index.ts"
import type { ListedOutput, OutputsQuery, Tile, TilePlace, TilesQuery } from "../pages.ts"
import { merge, type TableSuite } from "./harness.ts"
import { elementRow, proxyOutput, sequenceRow } from "./rows.ts"

const at = (second: number): string => `2026-04-01T00:00:${String(second).padStart(2, "0")}.000000+00:00`

const output = (key: string, second: number, with_: object = {}) =>
  proxyOutput({
    s3_key: key,
    proxy_id: `${key} ${second}`,
    generated_timestamp: at(second),
    file_id: `f${second}`,
    ...with_,
  })

/** All outputs page by page, with something done between two pages. */
async function outputsBy(table: Table, query: Omit<OutputsQuery, "limit">, between = async () => undefined as unknown) {
  const found: ListedOutput[] = []
  for (let after: ListedOutput | undefined; ; after = found.at(-1)) {
    const page = unwrap(await table.outputsPage({ ...query, limit: 2, after }))
    if (page.length === 0) return found
    found.push(...page)
    await between()
  }
}

const ids = (rows: readonly ListedOutput[]): readonly string[] => rows.map(({ proxy_id }) => proxy_id)

export function outputPageCases({ open }: TableSuite): void {
  it("are of outputs in either order, and neither repeat nor leave out a row while others are merged", async () => {
    const { table, reader } = await open()
    const rows = ["a/1.exr", "a/2.exr", "b/é.exr", "b/~.exr", "c/5.exr"].map((key, index) => output(key, 9 - index))
    await merge(table, { proxyOutputs: rows })
    let merged = 0
    const between = () => merge(table, { proxyOutputs: [output(`a/0.${merged}.exr`, 30 + ++merged)] })
    const byKey = ids(await outputsBy(reader, { order: "key" }, between))
    expect(byKey).toEqual(["a/1.exr 9", "a/2.exr 8", "b/~.exr 6", "b/é.exr 7", "c/5.exr 5"])
    const newest = ids(await outputsBy(reader, { order: "newest", until: at(10) }, between))
    expect(newest).toEqual(["a/1.exr 9", "a/2.exr 8", "b/é.exr 7", "b/~.exr 6", "c/5.exr 5"])
  })

  it("are of the outputs that are asked for", async () => {
    const { table, reader } = await open()
    const frames = [1001, 1002].map((frame, index) => output(`s/b.${frame}.exr`, index + 1, { asset_id: `a${frame}` }))
    const others = [
      output("s/b.x.exr", 3),
      output("s/b.1001.exr", 4),
      output("s/b.1.left.exr", 5),
      output("gone.exr", 6),
    ]
    const elements = [
      elementRow({ key: "s/b.1001.exr", file_id: "f1" }),
      elementRow({ key: "gone.exr", state: "removed", file_id: null }),
    ]
    await merge(table, { proxyOutputs: [...frames, ...others], elements })
    const listed = async (query: Omit<OutputsQuery, "limit" | "order">) =>
      ids(await outputsBy(reader, { order: "key", ...query }))
    // What the element's row names is shown, also where another was made later.
    expect(await listed({ state: "superseded" })).toEqual(["s/b.1001.exr 4"])
    expect(await listed({ state: "removed" })).toEqual(["gone.exr 6"])
    expect(await listed({ fileId: "f4" })).toEqual(["s/b.1001.exr 4"])
    expect(await listed({ assetId: "a1002" })).toEqual(["s/b.1002.exr 2"])
    expect(await listed({ prefix: "s/b.x" })).toEqual(["s/b.x.exr 3"])
    expect(await listed({ bucket: "another" })).toEqual([])
    expect(await listed({ since: at(5) })).toEqual(["gone.exr 6", "s/b.1.left.exr 5"])
    const sequence = { bucket: "bucket", folder: "s/", head: "b.", tail: ".exr" }
    expect(await listed({ sequence })).toEqual(["s/b.1001.exr 1", "s/b.1001.exr 4", "s/b.1002.exr 2"])
    expect(unwrap(await reader.output("s/b.1001.exr 4"))).toMatchObject({ state: "superseded", file_id: "f4" })
    expect(unwrap(await reader.output("'; --"))).toBeNull()
    const sources = ["s/b.1001.exr", "none", "gone.exr"].map((key) => ({ bucket: "bucket", key }))
    expect(unwrap(await reader.lookUp(sources))).toMatchObject([
      { element: { state: "done" }, output: { proxy_id: "s/b.1001.exr 1" } },
      { element: null, output: null },
      { element: { state: "removed" }, output: { proxy_id: "gone.exr 6" } },
    ])
  })
}

export function rowPageCases({ open }: TableSuite): void {
  it("are of failures, by their code, and of sequences", async () => {
    const { table, reader } = await open()
    const failed = (key: string, code: string) => elementRow({ key, state: "failed", failure_code: code })
    const elements = [failed("a", "x/1"), failed("b", "x/2"), failed("c", "x/2"), elementRow({ key: "d" })]
    const alone = sequenceRow({ head: "x", sequence_id: "x", movie_key: null, frames_made: "7" })
    const sequences = ["a.", "b.", "c."].map((head, index) =>
      sequenceRow({ head, sequence_id: head, changed_at_ms: 1000 - index, state: index === 0 ? "failed" : "made" }),
    )
    await merge(table, { elements, sequences: [...sequences, alone] })
    expect(unwrap(await reader.failureCounts({}))).toEqual([
      { code: "x/2", count: 2 },
      { code: "x/1", count: 1 },
    ])
    const after = { bucket: "bucket", key: "b" }
    const page = unwrap(await reader.elementsPage({ states: ["failed"], code: "x/2", limit: 5, after }))
    expect(page.map(({ key }) => key)).toEqual(["c"])
    const heads = async (query: object) =>
      unwrap(await reader.sequencesPage({ order: "name", limit: 2, ...query })).map(({ head }) => head)
    expect(await heads({})).toEqual(["a.", "b."])
    expect(await heads({ after: sequences[1] })).toEqual(["c."])
    expect(await heads({ order: "newest", after: sequences[0] })).toEqual(["b.", "c."])
    expect(await heads({ state: "failed" })).toEqual(["a."])
    expect(await heads({ prefix: "renders/shot_010/c.#" })).toEqual(["c."])
    expect(unwrap(await reader.sequence("b."))).toEqual(sequences[1])
    expect(unwrap(await reader.sequence("none"))).toBeNull()
  })
}

const placeOf = (tile: Tile): TilePlace => ({ ...tile, isShot: tile.kind === "shot" })

const shown = ({ kind, name }: Tile): string => `${kind} ${name}`

const tilesOf = async (table: Table, query: Partial<TilesQuery> = {}) =>
  unwrap(await table.tilesPage({ order: "name", limit: 10, ...query }))

const names = async (table: Table, query: Partial<TilesQuery> = {}) => (await tilesOf(table, query)).tiles.map(shown)

const frame = (key: string, second: number, state: "done" | "failed" = "done") => ({
  proxyOutputs: state === "done" ? [output(key, second)] : [],
  elements: [elementRow({ key, state, changed_at_ms: second, version_order: `${second}` })],
})

type FrameRows = ReturnType<typeof frame>

const together = (frames: readonly FrameRows[], ...further: FrameRows["elements"]): FrameRows => ({
  proxyOutputs: frames.flatMap(({ proxyOutputs }) => proxyOutputs),
  elements: [...frames.flatMap(({ elements }) => elements), ...further],
})

export function tileCases({ open }: TableSuite): void {
  it("are of single frames and failures until a sequence shows them", async () => {
    const { table, reader } = await open()
    const rows = [
      frame("s/b.1001.exr", 1),
      frame("s/b.1002.exr", 2),
      frame("s/b.x.exr", 3),
      frame("s/b.1003.exr", 4, "failed"),
    ]
    await merge(table, together(rows, elementRow({ key: "s/queued.exr", state: "queued" })))
    expect(await names(reader)).toEqual([
      ...["frame s/b.1001.exr", "frame s/b.1002.exr", "failed s/b.1003.exr", "frame s/b.x.exr"],
    ])
    const sequence = sequenceRow({ folder: "s/", changed_at_ms: 9, head: "b.", state: "settled" })
    await merge(table, { sequences: [sequence] })
    const found = await tilesOf(reader)
    expect(found.tiles).toEqual([
      { kind: "shot", bucket: "bucket", name: "s/b.#.exr", state: "settled", changed_at_ms: 9, sequence },
      {
        kind: "frame",
        bucket: "bucket",
        name: "s/b.x.exr",
        state: "made",
        changed_at_ms: 3,
        output: output("s/b.x.exr", 3),
      },
    ])
    expect(found.total).toBe(2)
    await merge(table, frame("s/b.1004.exr", 5))
    expect((await tilesOf(reader)).total).toBe(2)
    const alone = { frames_made: "1001", frames_failed: "", movie_key: null }
    await merge(table, { sequences: [sequenceRow({ ...sequence, ...alone, version_order: "9" })] })
    expect((await names(reader))[0]).toBe("frame s/b.1001.exr")
  })

  it("stay while a frame is made again, and go with their source", async () => {
    const { table, reader } = await open()
    await merge(table, together([frame("a.exr", 1), frame("b.exr", 2, "failed")]))
    const next = (key: string, state: "queued" | "removed", version_order: string) =>
      elementRow({ key, state, version_order, changed_at_ms: 50 })
    await merge(table, { elements: [next("a.exr", "queued", "3"), next("b.exr", "queued", "3")] })
    expect(await names(reader)).toEqual(["frame a.exr"])
    await merge(table, { elements: [next("a.exr", "removed", "4")] })
    expect((await tilesOf(reader)).total).toBe(0)
  })
}

export function tilePageCases({ open }: TableSuite): void {
  it("can be entered anywhere, in either order, and filtered", async () => {
    const { table, reader } = await open()
    const keys = ["a.exr", "B.exr", "c/d.exr", "c/e.exr", "f.exr"]
    const rows = keys.map((key, index) => frame(key, index + 1, key === "f.exr" ? "failed" : "done"))
    await merge(table, together(rows))
    const sorted = (await tilesOf(reader)).tiles
    expect(sorted.map(({ name }) => name)).toEqual(["B.exr", "a.exr", "c/d.exr", "c/e.exr", "f.exr"])
    expect(await names(reader, { at: 3, limit: 1 })).toEqual(["frame c/e.exr"])
    expect(await tilesOf(reader, { at: 7 })).toEqual({ tiles: [], total: 5 })
    expect(await names(reader, { after: placeOf(sorted[2] as Tile) })).toEqual(["frame c/e.exr", "failed f.exr"])
    const newest = await tilesOf(reader, { order: "newest", limit: 2 })
    expect(newest.tiles.map(shown)).toEqual(["failed f.exr", "frame c/e.exr"])
    const behind = { order: "newest", after: placeOf(newest.tiles[1] as Tile), limit: 2 } as const
    expect(await tilesOf(reader, behind)).toMatchObject({ tiles: [{ name: "c/d.exr" }, { name: "B.exr" }], total: 5 })
    expect(await names(reader, { prefix: "c/" })).toEqual(["frame c/d.exr", "frame c/e.exr"])
    expect(await names(reader, { state: "failed" })).toEqual(["failed f.exr"])
    expect(await tilesOf(reader, { part: "b.EX" })).toMatchObject({ tiles: [{ name: "B.exr" }], total: 1 })
  })
}
