import { describe, expect, it } from "vitest"
import { framesOfText } from "../../../element/frame-ranges.ts"
import { done } from "../../../events/result.ts"
import { NO_REPORT } from "../../../sequence/integrity/columns.ts"
import { type FrameFacts, integrityOf } from "../../../sequence/integrity/index.ts"
import type { Comparison, ListBeside } from "../../../sequence/mhl/compare.ts"
import { cleanFrames, hashText } from "../../../sequence/testing/frames.ts"
import { visibleLines } from "../../../system/visible.ts"
import { NO_REVIEW, type SequenceRow } from "../../../table/sequence-rows.ts"
import { recorded } from "../../testing/console.ts"
import { csvText, jsonLines, writeRows } from "../rows.ts"
import { barText, type Screen } from "./bar.ts"
import { FINDING_FIELDS, findingRows, type SequenceView, sequenceText } from "./report.ts"
import { SEQUENCE_COLUMNS, SEQUENCE_FIELDS } from "./table.ts"

const row = (with_: Partial<SequenceRow> = {}): SequenceRow => ({
  ...{ bucket: "show", folder: "sh010/", head: "beauty.", tail: ".exr", state: "made", revision: "c0ffee00" },
  ...{ frames_made: "1001-1020", frames_failed: "", frames_missing: "", frames_held: "" },
  ...{ movie_key: "sh010/.proxies/beauty_movie.mp4", movie_size_bytes: 3_300_000, movie_frames: 20 },
  ...{ movie_resolution: "1920x1080", frame_rate: "24/1", timecode: "00:00:41:17" },
  ...{ failure_code: null, failure_says: null, changed_at_ms: 1000, gaps: "hold" },
  ...{
    manifest_key: "sh010/.proxies/beauty_sequence.json",
    poster_key: null,
    sprites_key: null,
    sprites_vtt_key: null,
    sequence_id: "5f0c",
    version_order: "1",
  },
  ...NO_REPORT,
  ...NO_REVIEW,
  ...with_,
})

const screen = (columns: number): Screen => ({ columns, characters: "unicode" })

const EXPECTED = { stated: null, firstFrame: null, defaultRate: { num: 24, den: 1 }, mostRuns: 100 }

const view = (frames: readonly FrameFacts[], with_: Partial<SequenceRow> = {}): SequenceView => ({
  row: row(with_),
  report: integrityOf(frames, EXPECTED),
  list: null,
})

/** A sequence with something wrong of many kinds. */
const torn = (): SequenceView => {
  const frames = cleanFrames(1001, 40).flatMap((frame): FrameFacts[] => {
    if (frame.frame === 1003 || frame.frame > 1035) return []
    if (frame.frame === 1007) return [{ ...frame, failure: "picture/damaged", timecode: null, traits: {} }]
    if (frame.frame === 1010) return [{ ...frame, traits: { ...frame.traits, size: "960x540", depth: "float" } }]
    if (frame.frame === 1012) return [{ ...frame, contentHash: hashText(1011), nonFiniteCount: 12 }]
    if (frame.frame === 1020)
      return [
        { ...frame, timecode: "10:00:00:00" },
        { ...frame, padding: 5, recordedAtMs: 1 },
      ]
    return [frame]
  })
  const made = "1001-1002,1004-1006,1008-1035"
  const told = { frames_made: made, frames_failed: "1007", frames_missing: "1003,1036-1040", frames_held: "1003,1007" }
  return {
    ...view(frames, told),
    report: integrityOf(frames, { ...EXPECTED, stated: framesOfText("1001-1040"), firstFrame: 1001 }),
  }
}

describe("the report of a sequence", () => {
  it("says of a clean one that it is sound", () => {
    expect(sequenceText(view(cleanFrames(1001, 20)), screen(80))).toBe(`\
sh010/beauty.#.exr  20 frames of 1001-1020, 24 frames/s, 00:00:41:17, revision c0ffee00
1001 ━━━━━━━━━━━━━━━━━━━━ 1020
━ made

movie         sh010/.proxies/beauty_movie.mp4 (1920x1080, 20 frames, 3.1 MiB)

Sound.
`)
  })

  it("draws gaps, failures and findings where they are, and lists them below", () => {
    expect(sequenceText(torn(), screen(80))).toBe(`\
sh010/beauty.#.exr  33 frames of 1001-1040, 24 frames/s, 00:00:41:17, revision c0ffee00
1001 ━━·━━━x━━!━!━━━━━━━!!━━━━━━━━━━━━━━····· 1040
━ made  ! see below  x failed  · missing

movie         sh010/.proxies/beauty_movie.mp4 (1920x1080, 20 frames, 3.1 MiB)
held          1003,1007
missing       1003,1036-1040 (6)
failed        1007: picture/damaged
two files     1020
size          1010: 960x540, the others 1920x1080
depth         1010: float, the others half
timecode      1020-1021 (2): 1020 has 10:00:00:00, expected 00:00:42:12
frozen        1012
not finite    1012: 12 samples

Not sound: see above.
`)
  })

  it("fits a narrow terminal", () => {
    const text = sequenceText(torn(), screen(50))
    expect(text).toContain("1001 ━━·━━━x━━!━!━━━━━━━!!━━━━━━━━━━━━━━····· 1040\n")
    expect(text).toContain("timecode      1020-1021 (2): 1020 has 10:00:00:00,\n              expected 00:00:42:12\n")
  })

  it("is drawn of ASCII where a terminal has no more", () => {
    const text = sequenceText(torn(), { columns: 80, characters: "ascii" })
    expect(text).toContain(
      "1001 ==.===x==!=!=======!!==============..... 1040\n= made  ! see below  x failed  . missing\n",
    )
    expect(text).toMatch(/^[\x20-\x7e\n]*$/)
  })

  it("says why there is no movie", () => {
    const none = { movie_key: null, failure_code: "picture/damaged", failure_says: "A frame is damaged." }
    const failed = sequenceText(view(cleanFrames(1001, 20), none), screen(80))
    expect(failed).toContain("movie         none: picture/damaged: A frame is damaged.\n")
    expect(sequenceText(view(cleanFrames(1001, 20), { movie_key: null }), screen(80))).toContain(
      "movie         not made yet\n",
    )
  })

  it("names the review copy, or says why there is none", () => {
    const lineWith = (with_: Partial<SequenceRow>) =>
      sequenceText(view(cleanFrames(1001, 20), with_), screen(80)).match(/^review copy.*\n/m)?.[0]
    const made = { review_key: "sh010/.proxies/beauty_review.mp4", review_frames: 21, review_size_bytes: 345_000 }
    expect(lineWith(made)).toBe("review copy   sh010/.proxies/beauty_review.mp4 (21 frames, 336.9 KiB)\n")
    const failed = { review_failure_code: "tool/failed", review_failure_says: "ffmpeg wrote nothing." }
    expect(lineWith(failed)).toBe("review copy   none: tool/failed: ffmpeg wrote nothing.\n")
    expect(lineWith({})).toBeUndefined()
  })

  it("tells how a hash list beside it differs", () => {
    const [none, some] = [
      { count: 0, ranges: "", more: 0 },
      { count: 300, ranges: "1002,1004", more: 298 },
    ]
    const list: Comparison = {
      ...{
        same: { count: 20, ranges: "1001-1020", more: 0 },
        differing: some,
        absent: none,
        unlisted: none,
        uncompared: none,
        ...{ unhashed: none, kinds: [], failedThen: none, listed: { count: 20, ranges: "1001-1020", more: 0 } },
      },
      ...{ lies: ['"../x" leads out of its folder, or about in it.'], lieCount: 2000, problem: null },
    }
    const told = (change: Partial<Comparison> = {}, chainProblem: string | null = null): string => {
      const beside: ListBeside = { key: "sh010/ascmhl/0001_a.mhl", comparison: { ...list, ...change }, chainProblem }
      return sequenceText({ ...view(cleanFrames(1001, 20)), list: beside }, screen(120))
    }
    expect(told()).toContain(`
hash list     sh010/ascmhl/0001_a.mhl: 20 frames as listed
other bytes   1002,1004 and 298 more runs (300)
not believed  "../x" leads out of its folder, or about in it.
not believed  and 1,999 more entries

Sound, but not as its hash list says.
`)
    const agreeing = { differing: none, lies: [], lieCount: 0 }
    expect(told(agreeing)).toContain("\nSound, and as its hash list says.\n")
    const unlike = "\n\nSound, but not as its hash list says.\n"
    expect(told({ ...agreeing, problem: "is no XML (x)" })).toContain(
      `hash list     sh010/ascmhl/0001_a.mhl cannot be read to its end: it is no XML (x)${unlike}`,
    )
    expect(told(agreeing, "is not vouched for: it is odd")).toContain(
      `hash list     sh010/ascmhl/0001_a.mhl is not vouched for: it is odd${unlike}`,
    )
    const one = { count: 1, ranges: "1020", more: 0 }
    expect(told({ ...agreeing, unlisted: one })).toContain(`not listed    1020${unlike}`)
    expect(told({ ...agreeing, same: { ...list.same, count: 19 }, uncompared: one, kinds: ["md5"] })).toContain(
      "not compared  1020: the list has md5 of them, and no xxh128\n\nSound, and as its hash list says as far as they can be compared.\n",
    )
    expect(told({ ...agreeing, listed: none, same: none })).toContain("Sound. Its hash list says nothing of it.\n")
  })

  it("cannot be forged by a name or a value", () => {
    const frames = cleanFrames(1001, 3)
    const [first] = frames
    if (first === undefined) throw new Error("Three frames.")
    const odd = { ...first, traits: { ...first.traits, channels: "R\u001b[2J\nSound." } }
    const text = sequenceText(
      view([odd, ...frames.slice(1)], { folder: "a\u001b[31m\n/", failure_says: "\u202e" }),
      screen(80),
    )
    expect(visibleLines(text)).toBe(text)
    expect(text).toContain("a\\u001b[31m\\n/beauty.#.exr")
    expect(text).toContain("channels shown")
    expect(text.match(/^Sound\.$/m)).toBeNull()
  })

  it("as rows has a finding a line, with its frames", () => {
    const rows = findingRows(torn().report, null)
    expect(csvText(rows, FINDING_FIELDS, { header: true, isScreen: false })).toBe(`\
finding,count,frames,more_runs,says
missing,6,"1003,1036-1040",0,"1003,1036-1040 (6)"
failed,1,1007,0,1007: picture/damaged
two files,1,1020,0,1020
size,1,1010,0,"1010: 960x540, the others 1920x1080"
depth,1,1010,0,"1010: float, the others half"
timecode,2,1020-1021,0,"1020-1021 (2): 1020 has 10:00:00:00, expected 00:00:42:12"
frozen,1,1012,0,1012
not finite,1,1012,0,1012: 12 samples
`)
    const [first] = jsonLines(rows, FINDING_FIELDS).split("\n")
    expect(JSON.parse(first ?? "")).toMatchObject({ finding: "missing", frames: "1003,1036-1040", count: 6 })
  })
})

describe("the bar of a sequence", () => {
  const bar = (made: string, with_: object = {}, columns = 30) =>
    barText({ made, failed: "", missing: "", remarkable: [], ...with_ }, screen(columns))

  it("has a sign for several frames where there are many, which shows the worst of them", () => {
    expect(bar("1-49999,50001-99000", { missing: "50000", failed: "99001-100000" }, 40)).toBe(
      "1 ━━━━━━━━━━━━━━━·━━━━━━━━━━━━━━x 100000\n━ made  x failed  · missing, about 3,226 frames a sign\n",
    )
  })

  it("takes frames however far they are from each other, and negative ones", () => {
    const far = bar("1,9007199254740991", { missing: "2-9007199254740990" })
    expect(far).toMatch(/^1 ·{10,12} 9007199254740991\n/)
    expect(bar("-3--1,1", { missing: "0" })).toBe("-3 ━━━·━ 1\n━ made  · missing\n")
  })

  it("of no frames says so, and of one is one sign", () => {
    expect(bar("")).toBe("no frames\n")
    expect(bar("7")).toBe("7 ━ 7\n━ made\n")
  })
})

describe("the table of sequences", () => {
  const rows = [
    row(),
    row({
      ...{
        folder: "sh020/",
        frames_made: "1001-1002,1004-1006,1008-1035",
        frames_missing: "1003",
        frames_failed: "1007",
      },
      ...{ movie_key: null, state: "failed", failure_code: "source/changed" },
    }),
    row({ folder: "odd\n/", frames_made: "-9007199254740991-9007199254740991", movie_key: null, state: "settled" }),
  ]
  const written = async (format: "table" | "csv" | "json") => {
    const stdout = recorded()
    async function* each() {
      for (const one of rows) yield done(one)
    }
    const io = { stdout, stderr: recorded(), closed: new AbortController().signal }
    await writeRows({ rows: each(), format, fields: SEQUENCE_FIELDS, columns: SEQUENCE_COLUMNS, io })
    return stdout.text()
  }

  it("is for reading, with ranges cut where they are long", async () => {
    expect(await written("table")).toBe(`\
bucket  sequence            frames                    missing  failed  rate  movie
show    sh010/beauty.#.exr  1001-1020                                  24/1  20 frames
show    sh020/beauty.#.exr  1001-1002,1004-1006,...   1003     1007    24/1  source/changed
show    odd\\n/beauty.#.exr  -9007199254740991-900...                   24/1  not yet
`)
  })

  it("as JSON and CSV has all columns, and all ranges whole", async () => {
    const [header, , second] = (await written("csv")).split("\n")
    expect(header).toBe(SEQUENCE_FIELDS.join(","))
    expect(second).toContain('"1001-1002,1004-1006,1008-1035",1007,1003,')
    const lines = (await written("json")).trimEnd().split("\n")
    expect(lines.map((line) => JSON.parse(line))).toEqual(rows.map(({ report_json: _, version_order, ...row }) => row))
  })
})
