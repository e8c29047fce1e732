import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { failed, failure } from "../../events/result.ts"
import { decodedPictures, ffmpeg, readByMp4box } from "../encode/mp4/testing/ffmpeg.ts"
import type { ReviewOrder } from "../index.ts"
import {
  EMPTY,
  earlierOf,
  framesFrom,
  lumaOf,
  type MadeReview,
  openReviewFixture,
  orderOf,
  psnr,
  type Region,
  type ReviewFixture,
  readingOf,
  regionOf,
} from "./testing/review-fixture.ts"

/** Frames 1001 to 1060: a slate, and segments of 7, 48 and 5 frames. */
const FRAMES = framesFrom(1001, 60, [1030])
const LENGTHS = [1, 7, 48, 5]

const NOTHING = Buffer.alloc(0)

let fixture: ReviewFixture
let made: MadeReview
beforeAll(async () => {
  fixture = await openReviewFixture(60)
  made = await fixture.make(orderOf(FRAMES))
})
afterAll(() => fixture.close())

/** A third of the width and a row of letters, at each position. */
const THIRD = Math.floor(320 / 3)
const at = (column: number, y: number): Region => ({ x: column * THIRD, y, width: THIRD, height: 14 })
const ROWS = { top: 2, bottom: 164 }
/** Where nothing is written. */
const MIDDLE: Region = { x: 0, y: 24, width: 320, height: 132 }

async function proxyLuma(picture: number): Promise<Buffer> {
  const path = `${made.path}.${picture}.mp4`
  await writeFile(path, fixture.proxies[picture] ?? NOTHING)
  return (await lumaOf(path))[0] ?? NOTHING
}

/** Pixels that are dark in one and bright in the other. */
const unlike = (one: Buffer, other: Buffer): number =>
  one.reduce((count, value, place) => count + (Math.abs(value - (other[place] ?? 0)) > 60 ? 1 : 0), 0)

describe("a review copy", () => {
  it("shows the slate and every frame, at the movie's rate and from one frame before its timecode", async () => {
    const pictures = await decodedPictures(made.path)
    expect(pictures.map(([time]) => time)).toEqual(Array.from({ length: 61 }, (_, frame) => frame))
    expect(made.file).toMatchObject({ frames: 61, timecode: "00:00:41:16", encoded: 4, kept: 0 })
    const { said } = await ffmpeg("-i", made.path, "-f", "null", "-")
    expect(said).toMatch(/23\.98 fps/)
    expect(said).toContain("yuv420p(tv, bt709, progressive)")
    expect(said).toContain("timecode        : 00:00:41:16")
  })

  it("is made of groups that each start anew, of pictures that only look back", async () => {
    const trace = ["-map", "0:v", "-c", "copy", "-bsf:v", "trace_headers", "-f", "null", "-"]
    const { said } = await ffmpeg("-i", made.path, ...trace)
    const slices = [...said.matchAll(/nal_unit_type +\S+ = (1|5)\n[\s\S]*?slice_type +\S+ = (\d)/g)].map(
      ([, nal, slice]) => [Number(nal), Number(slice) % 5],
    )
    const [idr, afterwards] = [
      [5, 2],
      [1, 0],
    ]
    expect(slices).toEqual(
      LENGTHS.flatMap((length) => Array.from({ length }, (_, frame) => (frame === 0 ? idr : afterwards))),
    )
    expect([...said.matchAll(/idr_pic_id .* = (\d+)/g)].map(([, id]) => Number(id))).toEqual([0, 1, 0, 1])
    const info = readByMp4box(made.bytes).getTrackSamplesInfo(1)
    expect(info.flatMap(({ is_sync }, frame) => (is_sync ? [frame] : []))).toEqual([0, 1, 8, 56])
    expect(info.every(({ cts, dts }) => cts === dts)).toBe(true)
  })

  it("shows what the proxies show where nothing is written", async () => {
    const shown = await lumaOf(made.path)
    for (const picture of [0, 6, 7, 40, 59]) {
      const proxy = regionOf(await proxyLuma(picture), MIDDLE)
      expect(psnr(regionOf(shown[picture + 1] ?? proxy, MIDDLE), proxy)).toBeGreaterThan(34)
    }
  })

  it("writes a text at each of six positions, and none where none is asked for", async () => {
    const frames = FRAMES.slice(0, 4)
    const [bare = NOTHING] = (await lumaOf((await fixture.make(orderOf(frames, { texts: EMPTY }))).path)).slice(2)
    const [written = NOTHING] = (await lumaOf((await fixture.make(orderOf(frames))).path)).slice(2)
    const proxy = await proxyLuma(1)
    for (const place of [ROWS.top, ROWS.bottom].flatMap((y) => [0, 1, 2].map((column) => at(column, y)))) {
      expect(unlike(regionOf(bare, place), regionOf(written, place))).toBeGreaterThan(12)
      expect(psnr(regionOf(bare, place), regionOf(proxy, place))).toBeGreaterThan(30)
    }
  })

  it("crosses out a frame in whose place another is shown, and no other", async () => {
    const shown = await lumaOf(made.path)
    const marked = async (frame: number, picture: number): Promise<number> =>
      psnr(regionOf(shown[frame - 1000] ?? NOTHING, MIDDLE), regionOf(await proxyLuma(picture), MIDDLE))
    expect(await marked(1030, 28)).toBeLessThan(28)
    expect(await marked(1029, 28)).toBeGreaterThan(34)
    expect(await marked(1031, 30)).toBeGreaterThan(34)
  })

  it("has one and the same bytes each time", async () => {
    expect((await fixture.make(orderOf(FRAMES))).bytes.equals(made.bytes)).toBe(true)
  })
})

describe("a review copy of frames that changed", () => {
  const anew = FRAMES.map((frame) => (frame.number === 1003 ? { ...frame, picture: 50, identity: "p50" } : frame))

  it("encodes the slate and the segments of those frames alone, and is what it were if there had been none before", async () => {
    const wanted = await fixture.make(orderOf(anew))
    const reads = new Set<number>()
    const read = async (picture: number, start: number, end: number) => {
      reads.add(picture)
      return readingOf(fixture.proxies)(picture, start, end)
    }
    const again = await fixture.make(orderOf(anew), { earlier: earlierOf(made.bytes), read })
    expect(again.file).toMatchObject({ encoded: 2, kept: 2 })
    expect(again.bytes.equals(wanted.bytes)).toBe(true)
    expect([...reads].sort((a, b) => a - b)).toEqual([0, 1, 3, 4, 5, 6, 50])
  })

  it("takes over segments that stand at another place", async () => {
    const longer = [...framesFrom(959, 1), ...FRAMES]
    const order = orderOf(longer, { texts: { ...orderOf([]).texts, bottomLeft: "" } })
    const before = await fixture.make({ ...order, frames: FRAMES })
    const again = await fixture.make(order, { earlier: earlierOf(before.bytes) })
    expect(again.file).toMatchObject({ encoded: 2, kept: 3 })
    expect(again.bytes.equals((await fixture.make(order)).bytes)).toBe(true)
  })

  it("takes over nothing that is not what was written", async () => {
    const damaged = Buffer.from(made.bytes)
    damaged.writeUInt8((damaged.at(-100) ?? 0) ^ 1, damaged.length - 100)
    const again = await fixture.make(orderOf(FRAMES), { earlier: earlierOf(damaged) })
    expect(again.file).toMatchObject({ encoded: 2, kept: 2 })
    expect(again.bytes.equals(made.bytes)).toBe(true)
  })

  it.each([
    ["is decoded by something else", () => changedAvcC(made.bytes)],
    ["is no movie", () => Buffer.from("nothing of the kind, however long it may be")],
    ["ends before its pictures", () => made.bytes.subarray(0, 60)],
    ["is a movie without a table", () => fixture.proxies[0] ?? NOTHING],
    [
      "has a table that is none",
      () => Buffer.from(made.bytes.toString("latin1").replace('"avcC"', '"avcX"'), "latin1"),
    ],
  ])("encodes all where the earlier one %s", async (_, bytes) => {
    const short = orderOf(FRAMES.slice(0, 7))
    expect((await fixture.make(short, { earlier: earlierOf(bytes()) })).file).toMatchObject({ encoded: 2, kept: 0 })
  })
})

describe("texts of any script", () => {
  /** The rows of letters at the top left, on a slate's ground. */
  async function drawn(text: string): Promise<Buffer> {
    const grey = orderOf(FRAMES.slice(0, 1), { texts: { ...EMPTY, topLeft: text }, crf: 1 })
    return regionOf((await lumaOf((await fixture.make(grey)).path))[1] ?? NOTHING, at(0, ROWS.top))
  }

  const NO_LETTER = "\ue000"

  it.each([
    ["Chinese", "简体"],
    ["Japanese", "ショ"],
    ["Korean", "한국"],
    ["Cyrillic", "Рус"],
    ["Devanagari", "हिन्दी"],
  ])("have their letters: %s", async (_, text) => {
    const boxes = await drawn(NO_LETTER.repeat([...text].length))
    expect(unlike(await drawn(text), boxes)).toBeGreaterThan(12)
  })

  it("run from right to left where their script does", async () => {
    const [plain, forced, reversed] = [
      await drawn("שלום"),
      await drawn("\u202dשלום\u202c"),
      await drawn("\u202dםולש\u202c"),
    ]
    expect(unlike(plain, forced)).toBeGreaterThan(12)
    expect(unlike(plain, reversed)).toBe(0)
  })

  it("join their letters where their script does", async () => {
    expect(unlike(await drawn("ب".repeat(8)), await drawn("ب\u200c".repeat(8)))).toBeGreaterThan(12)
  })

  it("show names that look like commands as they are", async () => {
    const [plain, moved] = [await drawn("a{\\pos(160,90)}b\\Nc"), await drawn("")]
    expect(unlike(plain, moved)).toBeGreaterThan(12)
  })
})

describe("a review copy that cannot be made", () => {
  const attempt = (order: Partial<ReviewOrder>, job: Parameters<ReviewFixture["tryMake"]>[1] = {}) =>
    fixture.tryMake(orderOf(FRAMES.slice(0, 3), order), job)

  it("says that a proxy is not what it was", async () => {
    const other = [fixture.proxies[1] ?? NOTHING, Buffer.from("no movie")]
    expect(await attempt({}, { read: readingOf(other) })).toMatchObject({ failure: { code: "source/changed" } })
  })

  it("says what a reading says", async () => {
    const lost = failed(failure("store/unreachable", "Nobody answers."))
    expect(await attempt({}, { read: async () => lost })).toEqual(lost)
    expect(await attempt({}, { earlier: async () => lost })).toEqual(lost)
  })

  it("says that a damaged proxy cannot be decoded", async () => {
    const damaged = fixture.proxies.map((proxy) => Buffer.from(proxy).fill(0xff, proxy.length - 2000))
    const read = readingOf(damaged)
    expect(await attempt({}, { read })).toMatchObject({ failure: { code: expect.stringMatching(/^tool\//) } })
  })

  it("ends at once when it is stopped", async () => {
    expect(await attempt({}, { signal: AbortSignal.abort() })).toMatchObject({ failure: { code: "stopped" } })
  })

  it("names the font that texts need and set-up did not bring", async () => {
    const bare = await openReviewFixture(3, join(made.path, "nowhere"))
    const order = orderOf(FRAMES.slice(0, 3), { facts: { shot: "漢字" } })
    expect(await bare.tryMake(order)).toMatchObject({ failure: { code: "tool/missing" } })
    expect((await bare.make(orderOf(FRAMES.slice(0, 3)))).file.frames).toBe(4)
    await bare.close()
  })
})

/** As if another encoder had written it. */
const changedAvcC = (movie: Buffer): Buffer =>
  Buffer.from(movie.toString("latin1").replace('"avcC":"01', '"avcC":"02'), "latin1")
