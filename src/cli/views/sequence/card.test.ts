import { describe, expect, it } from "vitest"
import type { SequenceRow } from "../../../table/sequence-rows.ts"
import { sequenceRow } from "../../../table/testing/rows.ts"
import { contactSheet, type SheetSequence } from "../contact-sheet.ts"

const sheetOf = (change: Partial<SheetSequence>): string =>
  contactSheet({
    title: "bucket",
    madeAtMs: 0,
    generatorVersion: "3.0.0",
    pageFolder: "/srv/bucket",
    sequences: [{ row: sequenceRow(), movieFile: null, posterFile: null, frames: [], ...change }],
    frames: [],
    failures: [],
  })

/** The page without its own style and script: what data can have touched. */
const bodyOf = (text: string): string => text.slice(text.indexOf("<main>"), text.indexOf("</main>"))

const withRow = (change: Partial<SequenceRow>): string => bodyOf(sheetOf({ row: sequenceRow(change) }))

/** The cells of the bar, a letter for each. */
const cellsOf = (text: string): string =>
  [...text.matchAll(/<rect class="(.)\w+" x="(\d+)"/g)].map(([, kind]) => kind).join("")

describe("a sequence on the contact sheet", () => {
  it("has a movie that plays, with its poster, both linked relative to the page", () => {
    const folder = "/srv/bucket/renders/shot_010/.proxies"
    const text = sheetOf({ movieFile: `${folder}/beauty_movie.mp4`, posterFile: `${folder}/beauty_poster.jpg` })
    expect(bodyOf(text)).toContain(
      '<video controls loop playsinline preload="none" poster="./renders/shot_010/.proxies/beauty_poster.jpg" aria-label="Movie of renders/shot_010/beauty.#.exr" src="./renders/shot_010/.proxies/beauty_movie.mp4"></video>',
    )
    expect(text).toMatch(/img-src data: &#39;self&#39; file:;/)
    expect(bodyOf(text)).toContain("4 frames · 24000/1001 frames/s · 1920x1080 · 00:00:41:17 · 1.2 MiB")
  })

  it("plays without a poster, and says what is in the place of a movie that is not there", () => {
    expect(bodyOf(sheetOf({ movieFile: "/srv/bucket/a.mp4" }))).not.toContain("poster=")
    expect(withRow({})).toContain('<div class="absent wide">no movie</div>')
    expect(withRow({ movie_key: null, state: "settled" })).toContain('<div class="absent wide">no movie yet</div>')
    const failed = withRow({
      movie_key: null,
      state: "failed",
      failure_code: "sequence/unlike",
      failure_says: "They differ.",
    })
    expect(failed).toContain('<div class="absent wide">sequence/unlike</div>')
    expect(failed).toContain("sequence/unlike: They differ.")
  })

  it("draws a bar of its frames, with gaps, failures and what is remarkable", () => {
    const text = withRow({
      frames_made: "1001-1003,1006-1008",
      frames_missing: "1004",
      frames_failed: "1005",
      frames_frozen: "1007",
      frames_drifted: "size 1002,1003; rate 1003",
    })
    expect(cellsOf(text)).toBe("mrrmfmrm")
    expect(text).toContain("<span>1001</span><svg")
    expect(text).toContain("</svg><span>1008</span>")
    for (const fact of ["1001-1003,1006-1008", "1004", "1005", "1007", "size 1002,1003; rate 1003", "not sound"])
      expect(text).toContain(fact)
  })

  it("draws as many cells as there is room for, however many frames and gaps there are", () => {
    const even = Array.from({ length: 20_000 }, (_, at) => 2 * at).join(",")
    const text = withRow({ frames_made: even, frames_missing: "1-39997" })
    expect(cellsOf(text)).toHaveLength(480)
    const empty = { frames_made: "", frames_missing: "", frames_drifted: "", frames_black: "" }
    expect(withRow(empty)).not.toContain("<svg")
  })

  it("is chosen by buttons that count what there is of it", () => {
    const text = sheetOf({ row: sequenceRow({ frames_failed: "1005", frames_black: "1001" }) })
    const counts = [...text.matchAll(/data-show="(\w+)"[^>]*><b>(\d+)<\/b>/g)].map(([, state, count]) => [state, count])
    expect(counts).toEqual([
      ["all", "1"],
      ["sequence", "1"],
      ["gaps", "1"],
      ["warned", "1"],
      ["failed", "1"],
    ])
    expect(text).toContain('data-states="sequence gaps failed warned"')
  })

  it("keeps hostile texts text, wherever they stand", () => {
    const hostile = `<script>alert(1)</script>"'\u202e`
    const texts = ["folder", "head", "tail", "frame_rate", "timecode", "failure_code", "failure_says", "frames_outside"]
    const text = withRow(Object.fromEntries(texts.map((name) => [name, hostile])))
    expect(text).not.toMatch(/<script|"'|\u202e/)
    expect(text.match(/&lt;script&gt;/g)?.length).toBeGreaterThanOrEqual(texts.length)
  })
})
