import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { done, failed, failure } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import { ffmpeg, readByMp4box } from "../encode/mp4/testing/ffmpeg.ts"
import { soundArgs } from "../encode/sound/encode.ts"
import { bursts, wavFile } from "../encode/sound/testing/wav-file.ts"
import { openMovieMaker } from "../encode/stitch/movie-file.ts"
import {
  earlierOf,
  framesFrom,
  openReviewFixture,
  orderOf,
  type ReviewFixture,
  readingOf,
} from "./testing/review-fixture.ts"

/** 60 frames of a movie whose sound has as many channels as ears. */
const FRAMES = framesFrom(1001, 60)
const HZ = 48_000
const PER_FRAME = (HZ * 1001) / 24_000

let fixture: ReviewFixture
let movie: { readonly path: string; readonly bytes: Buffer }
beforeAll(async () => {
  fixture = await openReviewFixture(60)
  const path = join(fixture.folder, "movie.mp4")
  const sound = { file: join(fixture.folder, "sound.wav"), folder: fixture.folder }
  await writeFile(sound.file, wavFile({ samples: 2 * HZ, channels: 2, level: bursts(HZ) }))
  const unasked = () => Promise.reject(new Error("Nothing is drawn here."))
  const maker = openMovieMaker({
    drawing: { sheet: unasked, poster: unasked, black: unasked },
    encodeSound: async (order) => {
      await ffmpeg(...soundArgs({ ...order, aacFile: join(order.folder, order.aacFile) }))
      return done(undefined)
    },
  })
  const stitched = await maker.stitch({
    ...{ found: Float64Array.from(FRAMES, ({ number }) => number), range: { first: 1001, last: 1060 }, gaps: "hold" },
    ...{ encoding: { proxyCrf: 23, proxyPreset: "veryfast" }, timecodes: [], read: readingOf(fixture.proxies) },
    ...{ sound, toFile: path, signal: new AbortController().signal },
  })
  expect(unwrap(stitched)).toMatchObject({ frames: 60, sound: { channels: 2, sampleRate: HZ } })
  movie = { path, bytes: await readFile(path) }
})
afterAll(() => fixture.close())

/** What a player hears in the left ear from the first frame on, whether that is silent or not. */
async function heard(path: string): Promise<Float32Array> {
  const whole = ["-af", "pan=mono|c0=c0,aresample=async=1:first_pts=0"]
  const { out } = await ffmpeg("-i", path, "-map", "0:a", ...whole, "-f", "f32le", "-")
  return new Float32Array(out.buffer.slice(out.byteOffset, out.byteOffset + out.length))
}

/** 1 where both sound alike, from one sample of each on. */
function likeness(one: Float32Array, other: Float32Array): number {
  let [both, first, second] = [0, 0, 0]
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    const [a, b] = [one[at] ?? 0, other[at] ?? 0]
    both += a * b
    first += a * a
    second += b * b
  }
  return both / Math.sqrt(first * second)
}

const copyWith = (handles: number, job: Parameters<ReviewFixture["make"]>[1] = {}) =>
  fixture.make(orderOf(FRAMES, { handles }), { movie: earlierOf(movie.bytes), ...job })

describe("the sound of a review copy", () => {
  it.each([
    ["begins behind the slate, with its own frame", 0, 2 * HZ],
    ["leaves out what belongs to handles", 10, 2 * HZ - Math.round(10 * PER_FRAME)],
    ["ends with the last frame that is shown", 20, Math.round(20 * PER_FRAME)],
  ])("%s", async (_, handles, samples) => {
    const { path } = await copyWith(handles)
    const [copy, original] = [await heard(path), await heard(movie.path)]
    const [start, from] = [Math.round(PER_FRAME), Math.round(handles * PER_FRAME)]
    expect(copy.subarray(0, start - 2).every((sample) => sample === 0)).toBe(true)
    expect(Math.abs(copy.length - start - samples)).toBeLessThan(1024)
    const wanted = original.subarray(from, from + samples)
    expect(likeness(copy.subarray(start), wanted)).toBeGreaterThan(0.99)
    expect(likeness(copy.subarray(start + 8), wanted)).toBeLessThan(0.9)
  })

  it("is the movie's own packets, which no encoder has touched", async () => {
    const { bytes } = await copyWith(10)
    const packets = (file: Buffer) =>
      readByMp4box(file)
        .getTrackSamplesInfo(3)
        .map(({ offset, size }) => file.toString("hex", offset, offset + size))
    const [copied, all] = [packets(bytes), packets(movie.bytes)]
    expect(copied.length).toBeLessThan(all.length)
    expect(all.join(" ").includes(copied.join(" "))).toBe(true)
  })

  it("lies between segments, which a later copy takes over all the same", async () => {
    const before = await copyWith(0)
    const again = await copyWith(0, { earlier: earlierOf(before.bytes) })
    expect(again.file).toMatchObject({ encoded: 1, kept: 3 })
    expect(again.bytes.equals(before.bytes)).toBe(true)
    const silent = await fixture.make(orderOf(FRAMES), { earlier: earlierOf(before.bytes) })
    expect(silent.file).toMatchObject({ encoded: 1, kept: 3 })
    expect(silent.bytes.equals((await fixture.make(orderOf(FRAMES))).bytes)).toBe(true)
  })

  it("is none where the movie's ends before the first frame that is shown", async () => {
    const late = await fixture.make(
      orderOf(
        [...FRAMES, ...framesFrom(1061, 60)].map((frame) => ({ ...frame, picture: 0 })),
        { handles: 55 },
      ),
      {
        movie: earlierOf(movie.bytes),
      },
    )
    expect(readByMp4box(late.bytes).getInfo().audioTracks).toEqual([])
  })

  it("says that the movie is another, or cannot be read", async () => {
    const order = orderOf(FRAMES.slice(0, 2))
    const silent = earlierOf(fixture.proxies[0] ?? Buffer.alloc(0))
    expect(await fixture.tryMake(order, { movie: silent })).toMatchObject({ failure: { code: "source/changed" } })
    const cut = earlierOf(movie.bytes.subarray(0, movie.bytes.length / 4))
    const code = "store/range-not-satisfiable"
    expect(await fixture.tryMake(orderOf(FRAMES), { movie: cut })).toMatchObject({ failure: { code } })
    const lost = failed(failure("store/unreachable", "Nobody answers."))
    expect(await fixture.tryMake(order, { movie: async () => lost })).toEqual(lost)
  })
})
