import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { done, type FailureCode, failed, failure } from "../../../events/result.ts"
import { failureOf, unwrap } from "../../../events/testing/results.ts"
import type { MovieFile, MovieOrder, PictureEngine } from "../../index.ts"
import { idrPicIdRewriter } from "../mp4/idr-pic-id.ts"
import { oneFrameMovie } from "../mp4/index.ts"
import { decodedPictures, encodedPictures, ffmpeg, readByMp4box, samplesIn } from "../mp4/testing/ffmpeg.ts"
import { openMovieMaker } from "../stitch/movie-file.ts"
import { soundArgs } from "./encode.ts"
import { bursts, type WavFile, wavFile } from "./testing/wav-file.ts"

/** Three seconds of film. */
const [FRAMES, RATE] = [72, { num: 24, den: 1 }]
const HZ = 48_000
const BURSTS = bursts(HZ)

let folder: string
let proxies: Buffer[]
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sound-"))
  const path = join(folder, "all.mp4")
  await ffmpeg(...encodedPictures({ width: 64, height: 36, rate: RATE, count: FRAMES }), path)
  const { avcC, samples } = await samplesIn(path)
  proxies = samples.map((sample) => {
    const alone = idrPicIdRewriter(avcC)?.(sample, 0) ?? Buffer.alloc(0)
    return oneFrameMovie({ width: 64, height: 36, rate: RATE, timecode: null, avcC }, alone)
  })
})
afterAll(() => rmSync(folder, { recursive: true }))

const unasked = () => Promise.reject(new Error("Nothing is drawn here."))

/** ffmpeg as it is, without the limits of a machine. */
const byFfmpeg: PictureEngine["encodeSound"] = async (order) => {
  await ffmpeg(...soundArgs({ ...order, aacFile: join(order.folder, order.aacFile) }))
  return done(undefined)
}

const movies = (encodeSound = byFfmpeg) =>
  openMovieMaker({ drawing: { sheet: unasked, poster: unasked, black: unasked }, encodeSound })

const ORDER = {
  ...{
    found: Float64Array.from({ length: FRAMES }, (_, at) => 1001 + at),
    range: { first: 1001, last: 1000 + FRAMES },
  },
  ...{
    gaps: "hold" as const,
    timecodes: [],
    encoding: { proxyCrf: 23, proxyPreset: "veryfast" },
    signal: new AbortController().signal,
  },
}

const stitch = (order: Partial<MovieOrder>, encode = byFfmpeg) =>
  movies(encode).stitch({
    ...{ ...ORDER, sound: null, toFile: join(folder, "movie.mp4") },
    read: async (picture, start, end) => done((proxies[picture] ?? Buffer.alloc(0)).subarray(start, end)),
    ...order,
  })

const laid = (bytes: Uint8Array): MovieOrder["sound"] => {
  const file = join(folder, "sound.wav")
  writeFileSync(file, bytes)
  return { file, folder }
}

const wav = (of: Partial<WavFile> = {}): Buffer =>
  wavFile({ samples: 4 * (of.rate ?? HZ), level: bursts(of.rate ?? HZ), ...of })

const withSound = async (of: Partial<WavFile> = {}, order: Partial<MovieOrder> = {}): Promise<MovieFile> =>
  unwrap(await stitch({ sound: laid(wav(of)), ...order }))

/** What a player hears: the samples of one channel, at 48,000 a second. */
async function heard(channel = 0): Promise<Float32Array> {
  const pan = ["-af", `pan=mono|c0=c${channel}`, "-ar", String(HZ)]
  const { out } = await ffmpeg("-i", join(folder, "movie.mp4"), "-map", "0:a", ...pan, "-f", "f32le", "-")
  return new Float32Array(out.buffer.slice(out.byteOffset, out.byteOffset + out.length))
}

/** By how many samples one has to be moved to fit the other best, and how well it fits then: 1 for perfectly. */
function bestFit(sound: Float32Array, wantedOf: (sample: number) => number) {
  const window = Math.min(sound.length, HZ)
  const wanted = Float32Array.from({ length: window }, (_, sample) => wantedOf(sample))
  const likeness = (shift: number): number => {
    let [both, one, other] = [0, 0, 0]
    for (let at = 2000; at < window - 2000; at += 3) {
      const a = sound[at + shift] ?? 0
      const b = wanted[at] ?? 0
      both += a * b
      one += a * a
      other += b * b
    }
    return both / Math.sqrt(one * other || 1)
  }
  const shifts = Array.from({ length: 101 }, (_, at) => at - 50)
  const fits = shifts.map((shift) => ({ shift, likeness: likeness(shift) }))
  return fits.reduce((best, next) => (next.likeness > best.likeness ? next : best))
}

describe("the sound of a movie", () => {
  it("is the WAV's, to the sample, and as long as the movie", async () => {
    const movie = await withSound({ channels: 2 })
    expect(movie).toMatchObject({ sound: { channels: 2, sampleRate: HZ }, warnings: [], frames: FRAMES })
    for (const channel of [0, 1]) {
      const sound = await heard(channel)
      const { shift, likeness } = bestFit(sound, (sample) => BURSTS(sample, channel))
      expect(shift).toBe(0)
      expect(likeness).toBeGreaterThan(0.98)
      expect(sound.length).toBe(3 * HZ)
    }
  })

  it("changes no picture, bit for bit, nor when it is shown", async () => {
    await withSound()
    const sounded = await decodedPictures(join(folder, "movie.mp4"))
    unwrap(await stitch({ toFile: join(folder, "silent.mp4") }))
    expect(sounded).toEqual(await decodedPictures(join(folder, "silent.mp4")))
    expect(sounded).toHaveLength(FRAMES)
  })

  it("lies between the pictures, so that a player reads the file from its start to its end", async () => {
    await withSound()
    const file = readByMp4box(readFileSync(join(folder, "movie.mp4")))
    const { tracks } = file.getInfo()
    expect(tracks.map(({ type }) => type)).toEqual(["video", "metadata", "audio"])
    const timed = [1, 3].flatMap((id) =>
      file.getTrackSamplesInfo(id).map(({ offset, size, cts, timescale }) => ({ offset, size, time: cts / timescale })),
    )
    const inFile = timed.toSorted((one, other) => one.offset - other.offset)
    let end = inFile[0]?.offset ?? 0
    let latest = 0
    for (const { offset, size, time } of inFile) {
      expect(offset).toBe(end)
      end = offset + size
      latest = Math.max(latest, time)
      expect(latest - time).toBeLessThan(1.1)
    }
    expect(end).toBe(readFileSync(join(folder, "movie.mp4")).length)
  })

  it("is the same, byte for byte, of the same WAV", async () => {
    await withSound({ channels: 2 })
    const first = readFileSync(join(folder, "movie.mp4"))
    await withSound({ channels: 2 })
    expect(first.equals(readFileSync(join(folder, "movie.mp4")))).toBe(true)
  })

  it.each<[string, Partial<WavFile>, object]>([
    ["24 bits", { bits: 24 }, { channels: 1, sampleRate: HZ }],
    ["floating point at 96 kHz", { bits: 32, rate: 96_000 }, { channels: 1, sampleRate: HZ }],
    ["44.1 kHz", { rate: 44_100 }, { channels: 1, sampleRate: 44_100 }],
    ["RF64", { kind: "RF64", channels: 2 }, { channels: 2, sampleRate: HZ }],
    ["5.1", { channels: 6, samples: 2 * HZ, speakers: 0x3f }, { channels: 6, sampleRate: HZ }],
    [
      "5.1 whose speakers stand at the sides",
      { channels: 6, samples: 2 * HZ, speakers: 0x60f },
      { channels: 6, sampleRate: HZ },
    ],
  ])("is heard of %s", async (_, of, sound) => {
    const movie = await withSound(of)
    expect(movie).toMatchObject({ sound, warnings: [] })
    const rate = of.rate ?? HZ
    const level = bursts(rate)
    const { shift, likeness } = bestFit(await heard(), (sample) => level(Math.round((sample * rate) / HZ), 0))
    expect(Math.abs(shift)).toBeLessThan(3)
    expect(likeness).toBeGreaterThan(0.9)
  })

  it("is that of the first two channels, where a recorder has more", async () => {
    const movie = await withSound({ channels: 8, samples: 2 * HZ })
    expect(movie).toMatchObject({ sound: { channels: 2 }, warnings: [expect.stringContaining("Of the 8 channels")] })
    expect(bestFit(await heard(1), (sample) => BURSTS(sample, 1)).likeness).toBeGreaterThan(0.95)
  })

  it("is placed by timecode where camera and recorder both state one", async () => {
    const timecodes = [{ frame: 1001, text: "01:00:01:00" }]
    await withSound({ timeReference: 3600 * HZ }, { timecodes })
    expect(bestFit(await heard(), (sample) => BURSTS(sample + HZ, 0))).toMatchObject({ shift: 0 })
    await withSound({ timeReference: 3601.5 * HZ }, { timecodes })
    const late = await heard()
    expect(late.subarray(0, HZ / 2 - 1100).every((value) => Math.abs(value) < 1e-3)).toBe(true)
    expect(bestFit(late, (sample) => (sample < HZ / 2 ? 0 : BURSTS(sample - HZ / 2, 0)))).toMatchObject({ shift: 0 })
    const apart = await withSound({ timeReference: 7 * HZ }, { timecodes })
    expect(apart.warnings).toEqual([expect.stringContaining("do not meet")])
  })

  it("begins with the first frame that there is, also where the movie begins later", async () => {
    await withSound({}, { range: { first: 1013, last: 1060 } })
    const sound = await heard()
    expect(sound.length).toBe(2 * HZ)
    expect(bestFit(sound, (sample) => BURSTS(sample + HZ / 2, 0))).toMatchObject({ shift: 0 })
  })

  it("ends with the WAV where that is shorter", async () => {
    const movie = await withSound({ samples: HZ })
    expect(movie.frames).toBe(FRAMES)
    expect((await heard()).length).toBe(HZ)
  })
})

describe("a movie is silent, and says why", () => {
  it.each<[string, MovieOrder["sound"] | Uint8Array, Partial<MovieOrder>, string]>([
    ["a text", Buffer.from("no sound at all"), {}, "the WAV file beside the frames is no WAV file"],
    ["an empty file", new Uint8Array(), {}, "the WAV file beside the frames is empty"],
    ["one that was not fetched", { problem: "is larger than the limit" }, {}, "beside the frames is larger than"],
    ["frames that are skipped", wav(), { gaps: "skip", found: Float64Array.of(1001, 1003) }, "it skips frames"],
  ])("for %s", async (_, sound, order, says) => {
    const asked = sound instanceof Uint8Array ? laid(sound) : sound
    const movie = unwrap(await stitch({ ...order, sound: asked }))
    expect(movie).toMatchObject({ sound: null, warnings: [expect.stringContaining(says)] })
    expect(await decodedPictures(join(folder, "movie.mp4"))).toHaveLength(movie.frames)
  })

  it("for a WAV that ends early, it is heard as far as it goes", async () => {
    const movie = unwrap(await stitch({ sound: laid(wav().subarray(0, 2 * HZ)) }))
    expect(movie).toMatchObject({ sound: { channels: 1 }, warnings: [expect.stringContaining("ends before")] })
  })

  const refusing = (code: FailureCode) => async () => failed(failure(code, "It is made to fail."))

  it("where ffmpeg cannot encode it, or writes something else", async () => {
    const sound = laid(wav())
    expect(unwrap(await stitch({ sound }, refusing("tool/failed")))).toMatchObject({
      ...{ sound: null, warnings: ["The movie has no sound: its WAV file could not be encoded (tool/failed)."] },
    })
    const writing = (bytes: Uint8Array) => async () => {
      writeFileSync(join(folder, "sound.aac"), bytes)
      return done(undefined)
    }
    for (const bytes of [Buffer.from("garbage that is no AAC"), new Uint8Array()])
      expect(unwrap(await stitch({ sound }, writing(bytes)))).toMatchObject({
        sound: null,
        warnings: [expect.any(String)],
      })
  })

  it("but waits for ffmpeg where it is not installed, and stops when it is told to", async () => {
    for (const code of ["tool/missing", "stopped", "scratch/full"] as const)
      expect(failureOf(await stitch({ sound: laid(wav()) }, refusing(code)))).toMatchObject({ code })
  })
})
