import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readWrittenMovie } from "../h264.ts"
import { accessUnitOf, avcConfiguration, movieHead, oneFrameMovie } from "./index.ts"
import { decodedPictures, encodedPicture, ffmpeg, readByMp4box } from "./testing/ffmpeg.ts"

const SIZE = { width: 96, height: 54 }
const FILM = { num: 24, den: 1 }

let folder: string
let annexB: Buffer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mp4-"))
  annexB = await encodedPicture({ ...SIZE, rate: FILM })
})
afterAll(() => rm(folder, { recursive: true }))

const formatOf = (rate = FILM, timecode: string | null = null) => {
  const { sps, pps } = accessUnitOf(annexB)
  return { ...SIZE, rate, timecode, avcC: avcConfiguration(sps, pps) }
}
const movieOf = (rate = FILM, timecode: string | null = null, frames = 1) =>
  oneFrameMovie(formatOf(rate, timecode), accessUnitOf(annexB).sample, frames)

async function written(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${crypto.randomUUID()}.mp4`)
  await writeFile(path, bytes)
  return path
}

describe("a movie of one picture", () => {
  it.each([
    [{ num: 24, den: 1 }, null, "24 fps"],
    [{ num: 25, den: 1 }, "23:59:59:24", "25 fps"],
    [{ num: 24000, den: 1001 }, "01:00:06:03", "23.98 fps"],
    [{ num: 30000, den: 1001 }, "01:00:59;29", "29.97 fps"],
    [{ num: 30000, den: 1001 }, "01:00:59:29", "29.97 fps"],
    [{ num: 60000, den: 1001 }, "12:34:00;04", "59.94 fps"],
    [{ num: 12, den: 1 }, null, "12 fps"],
  ])("at %o starts at %s for ffmpeg", async (rate, timecode, fps) => {
    const { said } = await ffmpeg("-i", await written(movieOf(rate, timecode)), "-f", "null", "-")
    expect(said).toContain(`Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709, progressive), 96x54 [SAR 1:1`)
    expect(said).toContain(` ${fps},`)
    expect(said.match(/timecode +: (.*)/)?.[1] ?? null).toBe(timecode)
    expect(said).not.toMatch(/error|invalid|warning/i)
  })

  it("shows the picture that was encoded, for as many frames as are asked for, at exact times", async () => {
    const raw = join(folder, "raw.h264")
    await writeFile(raw, annexB)
    const [[, picture] = []] = await decodedPictures(raw)
    const shown = await decodedPictures(await written(movieOf({ num: 30000, den: 1001 }, null, 5)))
    expect(shown).toEqual([0, 1, 2, 3, 4].map((time) => [time, picture]))
  })

  it("stores a held picture once", () => {
    const { sample } = accessUnitOf(annexB)
    expect(movieOf(FILM, null, 1000).length - movieOf(FILM, null, 2).length).toBeLessThan(sample.length * 4)
    expect(readWrittenMovie(movieOf(FILM, null, 1000))).toEqual({ ...SIZE, frames: 1000, isFastStart: true })
  })

  it("is the same to mp4box: one track of pictures, one of timecode, each frame a sample at which to start", () => {
    const file = readByMp4box(movieOf({ num: 30000, den: 1001 }, "00:10:00;02", 3))
    expect(file.getInfo()).toMatchObject({ isFragmented: false, timescale: 30000, duration: 3003, hasIOD: false })
    const [pictures, timecode] = file.getInfo().tracks
    expect(pictures).toMatchObject({ type: "video", nb_samples: 3, timescale: 30000, duration: 3003, language: "und" })
    expect(pictures?.codec).toMatch(/^avc1\.64/)
    expect(pictures?.references).toEqual([{ type: "tmcd", track_ids: Uint32Array.of(2) }])
    expect(timecode).toMatchObject({ nb_samples: 1, duration: 3003 })
    const samples = file.getTrackSamplesInfo(1)
    expect(samples.map(({ dts, cts, duration, is_sync }) => [dts, cts, duration, is_sync])).toEqual([
      [0, 0, 1001, true],
      [1001, 1001, 1001, true],
      [2002, 2002, 1001, true],
    ])
  })

  it("states square pixels, limited BT.709 and a configuration with both depths", () => {
    const entry = readByMp4box(movieOf()).moov?.traks[0]?.mdia.minf.stbl.stsd.entries[0]
    const boxes = (entry?.boxes ?? []).map(({ type }) => type)
    expect(boxes).toEqual(["avcC", "colr", "pasp"])
    expect(entry).toMatchObject({
      avcC: { AVCProfileIndication: 100, lengthSizeMinusOne: 3, configurationVersion: 1 },
      colr: { colour_type: "nclx", colour_primaries: 1, transfer_characteristics: 1, matrix_coefficients: 1 },
      pasp: { hSpacing: 1, vSpacing: 1 },
    })
  })

  it("has the configuration that ffmpeg writes for the same parameter sets", async () => {
    const [raw, theirs] = [join(folder, "same.h264"), join(folder, "same.mp4")]
    await writeFile(raw, annexB)
    const { said } = await ffmpeg("-i", raw, "-c", "copy", theirs)
    expect(said).toContain("muxing overhead")
    const { out } = await ffmpeg(
      "-i",
      theirs,
      "-c",
      "copy",
      "-f",
      "mp4",
      "-movflags",
      "frag_keyframe+empty_moov",
      "pipe:1",
    )
    const ours = formatOf().avcC
    expect(out.includes(ours)).toBe(true)
  })

  it("has the same bytes whenever it is written, none of them a time or the name of a tool", () => {
    expect(movieOf(FILM, "00:00:41:17").equals(movieOf(FILM, "00:00:41:17"))).toBe(true)
    const head = movieHead(formatOf(), { storedBytes: Uint32Array.of(9), shown: Uint32Array.of(0), sync: null })
    expect(head.toString("latin1")).not.toMatch(/Lav[cf]|x264|udta|edts|btrt/)
  })

  it.each([
    [{ num: 24, den: 1 }, "00:00:41:24"],
    [{ num: 25, den: 1 }, "00:00:41;17"],
    [{ num: 0, den: 1 }, null],
    [{ num: 23.976, den: 1 }, null],
  ])("is not written at %o with timecode %s", (rate, timecode) => expect(() => movieOf(rate, timecode)).toThrow())
})

describe("an access unit", () => {
  const unit = (type: number) =>
    fc.uint8Array({ minLength: 1, maxLength: 40 }).map((body) => {
      // What encoders write holds no start code, and ends with no zero.
      const safe = body.map((byte) => (byte < 4 ? byte + 4 : byte))
      return Uint8Array.of(0x60 | type, ...safe)
    })

  it("is found behind start codes of any length, without its parameter sets", () => {
    const types = [1, 5, 6, 7, 8, 9, 12]
    const units = fc.array(fc.constantFrom(...types).chain(unit), { maxLength: 8 })
    fc.assert(
      fc.property(units, fc.integer({ min: 2, max: 5 }), (units, zeros) => {
        const stream = Buffer.concat(units.flatMap((unit) => [Buffer.alloc(zeros), Buffer.of(1), unit]))
        const { sps, pps, sample } = accessUnitOf(stream)
        const of = (type: number) =>
          units.filter((unit) => ((unit[0] ?? 0) & 31) === type).map((unit) => Buffer.from(unit))
        expect([sps, pps]).toEqual([of(7), of(8)])
        const others = units.filter((unit) => ![7, 8, 12].includes((unit[0] ?? 0) & 31))
        expect(sample).toEqual(Buffer.concat(others.flatMap((unit) => [Buffer.of(0, 0, 0, unit.length), unit])))
      }),
    )
  })

  it("has parameter sets, or there is no movie", () => expect(() => avcConfiguration([], [])).toThrow())
})

describe("the index of many frames", () => {
  it("points at the stored sample that each frame shows, wherever mp4box looks", () => {
    const movies = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 20 }).chain((sizes) =>
      fc.record({
        sizes: fc.constant(sizes),
        shown: fc.array(fc.nat(sizes.length - 1), { minLength: 1, maxLength: 200 }),
        isTimed: fc.boolean(),
      }),
    )
    fc.assert(
      fc.property(movies, ({ sizes, shown, isTimed }) => {
        const samples = { storedBytes: Uint32Array.from(sizes), shown: Uint32Array.from(shown), sync: null }
        const head = movieHead(formatOf(FILM, isTimed ? "01:00:00:00" : null), samples)
        const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, head.length))
        const body = Buffer.alloc(sizes.reduce((sum, size) => sum + size, 0))
        const found = readByMp4box(Buffer.concat([head, body])).getTrackSamplesInfo(1)
        expect(found.map(({ offset, size }) => [offset, size])).toEqual(shown.map((at) => [starts[at], sizes[at]]))
      }),
      { numRuns: 60 },
    )
  })

  it("says at which frames to start where not all are such", () => {
    const samples = { storedBytes: Uint32Array.of(5, 6, 7), shown: Uint32Array.of(0, 1, 2), sync: Uint32Array.of(0, 2) }
    const file = readByMp4box(Buffer.concat([movieHead(formatOf(), samples), Buffer.alloc(18)]))
    expect(file.getTrackSamplesInfo(1).map(({ is_sync }) => is_sync)).toEqual([true, false, true])
  })

  it("counts past 4 GiB, with the offsets right at the border", () => {
    const headOf = (storedBytes: Uint32Array) =>
      movieHead(formatOf(FILM, "00:00:41:17"), { storedBytes, shown: storedBytes.map((_, index) => index), sync: null })
    const small = headOf(Uint32Array.of(1000, 0xffffffff - 5000))
    const large = headOf(new Uint32Array(100_000).fill(160_000))
    expect([small.includes("co64"), large.includes("co64")]).toEqual([false, true])
    const last = 100_000 - (100_000 % 64)
    expect(large.readBigUInt64BE(large.indexOf("co64") + 12 + 8 * (last / 64))).toBe(
      BigInt(large.length + last * 160_000),
    )
    for (let short = 0; short < 900; short += 7) {
      const edge = headOf(Uint32Array.of(1000, 0xffffffff - 1000 - short))
      const at = edge.indexOf("co64")
      const place = at < 0 ? edge.readUInt32BE(edge.indexOf("stco") + 12) : Number(edge.readBigUInt64BE(at + 12))
      expect(place).toBe(edge.length)
    }
  })
})
