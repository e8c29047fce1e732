import { describe, expect, it } from "vitest"
import type { Table } from "../table/index.ts"
import { sequenceRow } from "../table/testing/rows.ts"
import { openTestServing } from "./testing/serving.ts"

describe("what a shot is scrubbed by", () => {
  const row = sequenceRow({
    sprites_key: "renders/.proxies/s.jpg",
    sprites_vtt_key: "renders/.proxies/s.vtt",
    frame_rate: "24/1",
  })
  const path = `/api/v1/sequences/${row.sequence_id}/sprites`
  const cue = (from: string, to: string, x: number) => `\n00:00:0${from} --> 00:00:0${to}\ns.jpg#xywh=${x},0,160,90\n`
  const cues = (...ends: readonly string[]) =>
    `WEBVTT\n${ends.map((end, at) => cue(ends[at - 1] ?? "0.000", end, at * 160)).join("")}`

  it("is told by the server, as the cues beside the movie have it, and read once for each movie", async () => {
    let reads = 0
    const { get, merge, put } = await openTestServing({
      opened: (opened) => {
        const readRange: typeof opened.store.readRange = (...of) => {
          reads++
          return opened.store.readRange(...of)
        }
        return { ...opened, store: { ...opened.store, readRange } }
      },
    })
    await merge({ sequences: [row] })
    expect(await get(path)).toMatchObject({ status: 404, body: { error: { code: "store/missing" } } })
    await put("renders/.proxies/s.vtt", cues("0.500", "1.000"))
    const laidOut = { width: 160, height: 90, columns: 2, rows: 1 }
    const moments = [0, 12].map((frame, cell) => [frame, cell])
    const first = { ...laidOut, moments }
    expect((await get(path)).body).toEqual(first)
    expect((await get(path)).body).toEqual(first)
    expect(reads).toBe(2)

    await put("renders/.proxies/s.vtt", cues("0.250", "1.000"))
    await merge({
      sequences: [{ ...row, version_order: `${row.version_order}|3`, changed_at_ms: row.changed_at_ms + 1 }],
    })
    expect((await get(path)).body.moments).toEqual([
      [0, 0],
      [6, 1],
    ])
    expect(reads).toBe(3)
  })

  it("is asked of no table for a shot that was just listed, and is of the movie that is listed", async () => {
    let asks = 0
    const { get, merge, put } = await openTestServing({
      opened: (opened) => {
        const sequence: Table["sequence"] = async (id) => {
          asks++
          return opened.table.sequence(id)
        }
        return { ...opened, table: { ...opened.table, sequence } }
      },
    })
    await put("renders/.proxies/s.vtt", cues("0.500"))
    await merge({ sequences: [row] })
    await get("/api/v1/tiles")
    expect((await get(path)).body.moments).toEqual([[0, 0]])
    expect(asks).toBe(0)
  })

  it.each([
    ["no sheet", { sprites_key: null, sprites_vtt_key: null }],
    ["cues that are none", { sprites_vtt_key: "renders/.proxies/none.vtt" }],
    ["cues where addresses are given for nothing", { sprites_vtt_key: "secret.vtt" }],
  ])("is 404 for %s", async (_, of) => {
    const { get, merge, put } = await openTestServing()
    await put("renders/.proxies/none.vtt", "WEBVTT\n")
    await put("secret.vtt", cues("0.500"))
    await merge({ sequences: [{ ...row, ...of }] })
    expect(await get(path)).toMatchObject({ status: 404, body: { error: { code: "sequence/no-sprites" } } })
    expect(await get("/api/v1/sequences/none/sprites")).toMatchObject({
      status: 404,
      body: { error: { code: "sequence/unknown" } },
    })
  })
})
