import { createHash } from "node:crypto"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Rational } from "../../../events/records.generated.ts"
import { done } from "../../../events/result.ts"
import { failureOf, unwrap } from "../../../events/testing/results.ts"
import type { MovieOrder } from "../../index.ts"
import { idrPicIdRewriter } from "../mp4/idr-pic-id.ts"
import { oneFrameMovie } from "../mp4/index.ts"
import { decodedPictures, encodedPictures, ffmpeg, samplesIn } from "../mp4/testing/ffmpeg.ts"
import { openMovieMaker } from "./movie-file.ts"

const FILM = { num: 24, den: 1 }
const NTSC = { num: 30_000, den: 1001 }

const unasked = () =>
  Promise.reject(new Error("Nothing is drawn of a movie that is stitched, nor encoded of a silent one."))
const movieMaker = openMovieMaker({
  encodeSound: unasked,
  drawing: {
    sheet: unasked,
    poster: unasked,
    black: async ({ width, height, rate }) => {
      const path = join(folder, `${crypto.randomUUID()}.mp4`)
      const black = ["-f", "lavfi", "-i", `color=black:size=${width}x${height}:rate=${rate.num}/${rate.den}`]
      const encoding = encodedPictures({ width, height, rate, count: 1 }).slice(4)
      await ffmpeg(...black, "-vf", "format=yuv420p,setsar=1", ...encoding.slice(2), "-x264-params", "keyint=1", path)
      return done(await readFile(path))
    },
  },
})

let folder: string
let proxies: Buffer[]
let others: Buffer[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "movie-file-"))
  proxies = await proxiesAt(FILM, "128x72")
  others = await proxiesAt(NTSC, "64x36")
})
afterAll(() => rm(folder, { recursive: true }))

/** Three different pictures, each as if it was encoded alone. */
async function proxiesAt(rate: Rational, size: string): Promise<Buffer[]> {
  const [width = 0, height = 0] = size.split("x").map(Number)
  const path = join(folder, `${crypto.randomUUID()}.mp4`)
  await ffmpeg(...encodedPictures({ width, height, rate, count: 3 }), "-x264-params", "keyint=1", path)
  const { avcC, samples } = await samplesIn(path)
  return samples.map((sample) => {
    const first = idrPicIdRewriter(avcC)?.(sample, 0) ?? Buffer.alloc(0)
    return oneFrameMovie({ width, height, rate, timecode: null, avcC }, first)
  })
}

const stitching = (files: readonly Buffer[], order: Partial<MovieOrder> = {}) =>
  movieMaker.stitch({
    ...{ found: Float64Array.of(1001, 1002, 1004), range: { first: 1001, last: 1004 }, gaps: "hold", timecodes: [] },
    read: async (picture, start, end) => done((files[picture] ?? Buffer.alloc(0)).subarray(start, end)),
    ...{ toFile: join(folder, "movie.mp4"), sound: null, signal: new AbortController().signal },
    encoding: { proxyCrf: 23, proxyPreset: "veryfast" },
    ...order,
  })

describe("a movie file", () => {
  it("shows its frames at their own rate, the one before in the place of a missing one", async () => {
    expect(unwrap(await stitching(proxies))).toEqual({
      ...{ width: 128, height: 72, rate: FILM, timecode: "00:00:41:17", frames: 4, sound: null, warnings: [] },
    })
    const sums = (await decodedPictures(join(folder, "movie.mp4"))).map(([, sum]) => sum)
    expect(new Set(sums).size).toBe(3)
    expect(sums[2]).toBe(sums[1])
  })

  it("reads each of the proxies of a short movie once: what is stitched is what was planned", async () => {
    const asked: number[] = []
    const read = async (picture: number, start: number, end: number) => {
      asked.push(picture)
      return done((proxies[picture] ?? Buffer.alloc(0)).subarray(start, end))
    }
    unwrap(await stitching(proxies, { read }))
    expect(asked).toEqual([0, 1, 2])
  })

  it("reads a proxy that is too large to be kept in parts, and is the same movie", async () => {
    unwrap(await stitching(proxies))
    const wanted = await readFile(join(folder, "movie.mp4"))
    const [large = Buffer.alloc(0), ...rest] = proxies
    const padded = [Buffer.concat([large, Buffer.alloc(5_000_000)]), ...rest]
    const asked: number[] = []
    const read = async (picture: number, start: number, end: number) => {
      asked.push(picture)
      return done((padded[picture] ?? Buffer.alloc(0)).subarray(start, end))
    }
    unwrap(await stitching(padded, { read }))
    expect(asked).toEqual([0, 1, 2, 0])
    expect(wanted.equals(await readFile(join(folder, "movie.mp4")))).toBe(true)
  })

  it.each<[what: string, timecode: { frame: number; text: string }, rate: "film" | "ntsc", wanted: string]>([
    ["the plate's", { frame: 1001, text: "01:00:00:00" }, "film", "01:00:00:00"],
    ["the plate's, counted back to the first frame", { frame: 1004, text: "01:00:00:02" }, "film", "00:59:59:23"],
    ["the plate's, over the number that is left out", { frame: 1002, text: "00:01:00;02" }, "ntsc", "00:00:59;29"],
    ["of the frame number, where the plate's cannot be", { frame: 1001, text: "01:00:00:25" }, "film", "00:00:41:17"],
  ])("starts at a timecode: %s", async (_, timecode, rate, wanted) => {
    const movie = unwrap(await stitching(rate === "film" ? proxies : others, { timecodes: [timecode] }))
    expect(movie.timecode).toBe(wanted)
  })

  it("shows black in the place of all missing frames, where that is asked for", async () => {
    const range = { first: 1000, last: 1005 }
    expect(unwrap(await stitching(proxies, { range, gaps: "black" }))).toMatchObject({ frames: 6 })
    const sums = (await decodedPictures(join(folder, "movie.mp4"))).map(([, sum]) => sum)
    const black = createHash("md5")
      .update(Buffer.alloc(128 * 72, 16))
      .update(Buffer.alloc(64 * 36 * 2, 128))
      .digest("hex")
    expect(sums.map((sum) => sum === black)).toEqual([true, false, false, true, false, true])
  })

  it("starts at the timecode from which most frames count, whatever the first says", async () => {
    const timecodes = ["10:00:00:00", "01:00:00:01", "01:00:00:03"].map((text, at) => ({
      ...{ frame: [1001, 1002, 1004][at] ?? 0, text },
    }))
    expect(unwrap(await stitching(proxies, { timecodes })).timecode).toBe("01:00:00:00")
  })

  it("runs at the rate of most frames, and shows those of another rate bit for bit", async () => {
    // So much faster that the encoder states another level, too.
    const [fast = Buffer.alloc(0)] = await proxiesAt({ num: 120, den: 1 }, "128x72")
    const [one, two] = proxies as [Buffer, Buffer]
    const [level, usual] = [fast, one].map((file) => file[file.indexOf("avcC") + 7])
    expect(level).toBeGreaterThan(usual ?? 255)
    expect(unwrap(await stitching([fast, one, two]))).toMatchObject({ rate: FILM, frames: 4 })
    const shown = (await decodedPictures(join(folder, "movie.mp4"))).map(([, sum]) => sum)
    const alone = await Promise.all(
      [fast, one, one, two].map(async (file, at) => {
        const path = join(folder, `alone-${at}.mp4`)
        await writeFile(path, file)
        return (await decodedPictures(path)).map(([, sum]) => sum)
      }),
    )
    expect(shown).toEqual(alone.flat())
  })

  it("is none where proxies are unlike each other: says which", async () => {
    const [one, two] = proxies as [Buffer, Buffer]
    expect(failureOf(await stitching([one, others[1] as Buffer, two]))).toMatchObject({
      code: "sequence/unlike",
      says: expect.stringContaining("1002"),
    })
    expect(failureOf(await stitching([one, Buffer.from("no movie"), two]))).toMatchObject({ code: "sequence/unlike" })
  })

  it("is none where frames are missing and all are asked for, or where numbers are no frame numbers", async () => {
    expect(failureOf(await stitching(proxies, { gaps: "error" }))).toMatchObject({
      code: "sequence/incomplete",
      says: expect.stringContaining("1003"),
    })
    const range = { first: 1001, last: 2 ** 53 - 1 }
    expect(failureOf(await stitching(proxies, { range }))).toMatchObject({ code: "sequence/too-long" })
  })

  it("gives trouble with its folder back as an outage", async () => {
    const failed = await stitching(proxies, { toFile: join(folder, "nowhere", "movie.mp4") })
    expect(failureOf(failed)).toMatchObject({ code: "scratch/full", kind: "outage" })
  })

  it("has texts written beside it, piece by piece", async () => {
    const file = join(folder, "text")
    unwrap(await movieMaker.write(file, ["é", "x".repeat(100_000), "日本"]))
    expect(await readFile(file, "utf8")).toBe(`é${"x".repeat(100_000)}日本`)
  })
})
