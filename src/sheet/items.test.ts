import { describe, expect, it } from "vitest"
import { contentsOf, withCues } from "../cli/views/contact-sheet/contents.ts"
import type { Element, ProxyMade } from "../events/records.generated.ts"
import { proxyMade } from "../events/testing/facts.ts"
import { elementRow, sequenceRow } from "../table/testing/rows.ts"
import { aspectOf, boxText, failedOf, frameOf, shotOf } from "./items.ts"
import { spriteCellsOf } from "./sprites.ts"

const made = (of: Partial<Element> = {}, change: Partial<ProxyMade> = {}): ProxyMade => proxyMade(of, change).value

const addressOf = ({ bucket, key }: { readonly bucket: string; readonly key: string }): string => `${bucket}:${key}`

const FILES = { row: sequenceRow(), outputsBucket: "bucket", middle: made(), version: null, cues: null }

const IN_SHOT = { shot: 0, number: 1001 }
const ALONE = { shot: null, number: null }

describe("a shot on the contact sheet", () => {
  it("has its movie, its poster, and the thumbnail of a frame", () => {
    const row = sequenceRow({ movie_key: "a/.proxies/b_movie.mp4", poster_key: "a/.proxies/b_poster.jpg" })
    const shot = shotOf({ ...FILES, row, outputsBucket: "elsewhere" }, addressOf)
    expect(shot.movie).toBe("elsewhere:a/.proxies/b_movie.mp4")
    expect(shot.poster).toBe("elsewhere:a/.proxies/b_poster.jpg")
    expect(shot.thumbnail).toBe(`${made().element.bucket}:${made().thumbnail.key}`)
    expect(shot.rate).toEqual({ num: 24_000, den: 1001 })
  })

  it("has findings where there are some, and the first frame only where another was expected", () => {
    const none = { frames_drifted: "", frames_black: "" }
    const clean = shotOf({ ...FILES, row: sequenceRow(none) }, addressOf)
    expect([clean.findings, clean.firstExpected]).toEqual([[], null])
    const row = sequenceRow({ ...none, frames_frozen: "1002", first_frame: 1001, first_frame_expected: 1000 })
    const odd = shotOf({ ...FILES, row }, addressOf)
    expect([odd.findings, odd.firstExpected]).toEqual([[["frozen", "1002"]], 1000])
  })

  it("says why it has no movie", () => {
    const row = sequenceRow({
      movie_key: null,
      state: "failed",
      failure_code: "sequence/unlike",
      failure_says: "They differ.",
    })
    expect(shotOf({ ...FILES, row, middle: null }, addressOf)).toMatchObject({
      ...{ movie: null, thumbnail: null, failureCode: "sequence/unlike", failureSays: "They differ." },
    })
  })
})

describe("a frame on the contact sheet", () => {
  it("has its pictures where it is a tile, and its evidence alone where it is a shot's", () => {
    expect(frameOf(made(), ALONE, addressOf)).toMatchObject({
      thumbnail: expect.any(String),
      proxy: expect.any(String),
    })
    const ofShot = frameOf(made(), IN_SHOT, addressOf)
    expect(ofShot).toMatchObject({ thumbnail: null, proxy: null, shot: 0, number: 1001 })
    expect(ofShot.colourEvidence).toBe(made().colorspace.evidence)
  })

  it("links to further outputs, where they are", () => {
    const output = {
      ...made().thumbnail,
      key: "a/.proxies/b_preview.jpg",
      bucket: "elsewhere",
      width: 4096,
      height: 2160,
    }
    const furtherOutputs = [{ name: "preview", isNotified: false, output }]
    expect(frameOf(made({}, { furtherOutputs }), ALONE, addressOf).further).toMatchObject([
      { name: "preview", url: "elsewhere:a/.proxies/b_preview.jpg", width: 4096, height: 2160 },
    ])
  })

  it("tells its windows, with offsets where there are some", () => {
    const { selection } = made()
    const displayWindow = { xMin: 0, yMin: 0, xMax: 399, yMax: 299 }
    const dataWindow = { xMin: -5, yMin: 10, xMax: 404, yMax: 289 }
    const wide = made({}, { selection: { ...selection, displayWindow, dataWindow, pixelAspect: 2 } })
    expect(frameOf(wide, ALONE, addressOf).windows).toBe("shown 400×300 · data 410×280 at (-5, 10) · pixel aspect 2")
    expect(aspectOf(wide)).toBeCloseTo(800 / 300)
    expect(boxText({ xMin: 0, yMin: 0, xMax: 0, yMax: 0 })).toBe("1×1")
  })

  it("tells why it failed", () => {
    const row = elementRow({
      state: "failed",
      stage: "render",
      failure_code: "picture/damaged",
      failure_says: "Cut off.",
    })
    expect(failedOf(row, ALONE)).toMatchObject({
      folder: "renders/shot_010/",
      name: "beauty.0001.exr",
      code: "picture/damaged",
      says: "Cut off.",
    })
  })
})

describe("the contents of a sheet", () => {
  const known = {
    rows: [sequenceRow()],
    made: ["beauty.1001.exr", "beauty.1002.exr", "beauty.1004.exr", "still.exr"].map((name) =>
      made({ bucket: "bucket", key: `renders/shot_010/${name}` }),
    ),
    failures: [elementRow({ key: "renders/shot_010/beauty.1003.exr", state: "failed" })],
    gone: [elementRow({ key: "renders/shot_010/beauty.1004.exr", state: "removed" })],
    ruleOf: () => "usual" as const,
    outputsBucket: null,
  }

  it("put frames and failures to their shots, and leave out what is gone", () => {
    const { frames, failures, shots } = contentsOf(known)
    expect(
      frames.map(({ made: { element }, place }) => [element.key.split("/").at(-1), place.shot, place.number]),
    ).toEqual([
      ["beauty.1001.exr", 0, 1001],
      ["beauty.1002.exr", 0, 1002],
      ["still.exr", null, null],
    ])
    expect(failures.map(({ place }) => place)).toEqual([{ shot: 0, number: 1003 }])
    expect(shots[0]?.middle?.element.key).toBe("renders/shot_010/beauty.1002.exr")
  })

  it("keep frames of one name in two buckets apart", () => {
    const { frames } = contentsOf({
      ...known,
      made: [made({ bucket: "other", key: "renders/shot_010/beauty.1001.exr" })],
    })
    expect(frames.map(({ place }) => place.shot)).toEqual([null])
  })

  it("have the cues that can be read, and go without the others", async () => {
    const withSprites = contentsOf({
      ...known,
      rows: [sequenceRow({ sprites_vtt_key: "a.vtt" }), sequenceRow({ tail: ".dpx", sprites_vtt_key: "gone.vtt" })],
    })
    const readRange = async ({ key }: { readonly key: string }) =>
      key === "a.vtt"
        ? { ok: true as const, value: new TextEncoder().encode("WEBVTT\n") }
        : { ok: false as const, failure: { code: "store/missing" as const, kind: "permanent" as const, says: "Gone." } }
    expect((await withCues(withSprites, { readRange })).shots.map(({ cues }) => cues)).toEqual(["WEBVTT\n", null])
  })
})

describe("cues of sprites", () => {
  const rate = { num: 24, den: 1 }
  const cue = (from: string, x: number, y: number, size = "178,100"): string =>
    `${from} --> 00:00:09.000\nbeauty_sprites.jpg#xywh=${x},${y},${size}\n`

  it("tell the cell of each frame, of times that are rounded down to milliseconds", () => {
    const text = ["WEBVTT\n", cue("00:00:00.000", 0, 0), cue("00:00:00.041", 178, 0), cue("00:00:00.125", 0, 100)].join(
      "\n",
    )
    expect(spriteCellsOf(text, rate)).toEqual({
      ...{ width: 178, height: 100, columns: 2, rows: 2 },
      moments: [
        [0, 0],
        [1, 1],
        [3, 2],
      ],
    })
  })

  it.each([
    ["no cues", "WEBVTT\n"],
    ["cells of two sizes", ["WEBVTT\n", cue("00:00:00.000", 0, 0), cue("00:00:00.041", 0, 0, "90,50")].join("\n")],
    ["cells without a size", ["WEBVTT\n", cue("00:00:00.000", 0, 0, "0,0")].join("\n")],
  ])("that hold %s are none", (_, text) => {
    expect(spriteCellsOf(text, rate)).toBeNull()
  })
})
