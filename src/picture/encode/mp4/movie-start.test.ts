import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { accessUnitOf, avcConfiguration, oneFrameMovie } from "./index.ts"
import { readMovieStart } from "./movie-start.ts"
import { encodedPicture, encodedPictures, ffmpeg, samplesIn } from "./testing/ffmpeg.ts"

const FILM = { num: 24000, den: 1001 }
const SIZE = { width: 128, height: 72 }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "movie-start-"))
})
afterAll(() => rm(folder, { recursive: true }))

async function proxy(): Promise<Buffer> {
  const { sps, pps, sample } = accessUnitOf(await encodedPicture({ ...SIZE, rate: FILM }))
  return oneFrameMovie({ ...SIZE, rate: FILM, timecode: null, avcC: avcConfiguration(sps, pps) }, sample)
}

describe("the start of a movie", () => {
  it("is the same in ffmpeg's file and in ours", async () => {
    const path = join(folder, "theirs.mp4")
    await ffmpeg(
      ...encodedPictures({ ...SIZE, rate: FILM, count: 1 }),
      "-timecode",
      "01:00:00:00",
      "-movflags",
      "+faststart",
      path,
    )
    const { avcC, samples } = await samplesIn(path)
    const [sample = Buffer.alloc(0)] = samples
    const ours = oneFrameMovie({ ...SIZE, rate: FILM, timecode: "01:00:00:00", avcC }, sample)
    for (const file of [ours, await readFile(path)]) {
      const start = readMovieStart(file)
      expect(start).toMatchObject({ ...SIZE, rate: FILM, bytes: sample.length })
      expect(start?.avcC.equals(avcC)).toBe(true)
      expect(file.subarray(start?.offset).subarray(0, sample.length).equals(sample)).toBe(true)
    }
  })

  it("is none, or one, of whatever bytes there are", async () => {
    const [movie = Buffer.alloc(0)] = [await proxy()]
    const places = fc.array(fc.tuple(fc.nat(900), fc.nat(255)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(places, fc.nat(movie.length), (changes, length) => {
        const damaged = Buffer.from(movie)
        for (const [place, value] of changes) damaged[place] = value
        const start = readMovieStart(damaged.subarray(0, length))
        expect(start === null || start.bytes > 0).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
