import { execFile } from "node:child_process"
import { randomUUID } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import { jpegOf, SRGB_PROFILE } from "../encode/jpeg.ts"
import { ffmpeg } from "../encode/mp4/testing/ffmpeg.ts"
import { packageFolder } from "../tools/find-tool.ts"
import { loneRateFactor, type MoviePicture, nativeEncoders } from "./encoders.ts"
import { libraryPath, loadNativeLibrary } from "./library.ts"

const library = libraryPath(await packageFolder())
const { h264, jpeg } = nativeEncoders(unwrap(loadNativeLibrary(library)))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "encoders-"))
})
afterAll(() => rm(folder, { recursive: true }))

const SIZE = { width: 320, height: 180 }
const FILM = { num: 24, den: 1 }

/** Values with shapes and a little grain, as pictures have; another picture for each seed. */
function picture(length: number, width: number, seed = 1): Uint8Array<ArrayBuffer> {
  let random = seed
  return Uint8Array.from({ length }, (_, at) => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0
    const [x, y] = [at % width, Math.floor(at / width)]
    return 120 + 60 * Math.sin((x * seed) / 40) + 40 * Math.cos(y / 23) + (random >>> 29)
  })
}

const pictureOf = (settings: Partial<MoviePicture> = {}, seed = 1): MoviePicture => {
  const { width, height } = { ...SIZE, ...settings }
  const planes = picture((width * height * 3) / 2, width, seed)
  return { planes, width, height, rate: FILM, rateFactor: loneRateFactor(23, FILM), preset: "veryfast", ...settings }
}

async function decoded(stream: Uint8Array): Promise<Buffer> {
  const path = join(folder, `${randomUUID()}.h264`)
  await writeFile(path, stream)
  return (await ffmpeg("-xerror", "-i", path, "-f", "rawvideo", "pipe:1")).out
}

function psnr(one: Uint8Array, other: Uint8Array): number {
  const squares = one.reduce((sum, value, at) => sum + (value - (other[at] ?? 0)) ** 2, 0)
  return 10 * Math.log10(255 ** 2 / (squares / one.length))
}

/** What ffmpeg reads in the heads of a stream: the last value of each field. */
async function headersOf(stream: Uint8Array): Promise<ReadonlyMap<string, number>> {
  const path = join(folder, `${randomUUID()}.h264`)
  await writeFile(path, stream)
  const { said } = await ffmpeg("-i", path, "-c", "copy", "-bsf:v", "trace_headers", "-f", "null", "-")
  return new Map([...said.matchAll(/\s(\w+)\s+[01]+ = (-?\d+)/g)].map(([, name = "", value]) => [name, Number(value)]))
}

/** The slice of the first picture that ffmpeg makes of moving shapes, at this rate, with these arguments of x264. */
function firstSlice({ num, den }: MoviePicture["rate"], crf: number, settings: string): Promise<Buffer | undefined> {
  const shapes = ["-f", "lavfi", "-i", `testsrc2=size=320x180:rate=${num}/${den},format=yuv420p`]
  return sliceOf(shapes, { preset: "veryfast", crf, settings })
}

/** The slice that ffmpeg makes of a picture as the first of a movie. */
async function sliceInMovie({ planes, width, height, rate, rateFactor, preset }: MoviePicture) {
  const path = join(folder, `${randomUUID()}.yuv`)
  await writeFile(path, planes)
  const size = ["-video_size", `${width}x${height}`, "-framerate", `${rate.num}/${rate.den}`]
  const settings = "bframes=0:ref=1:weightp=0:mbtree=0:qcomp=1:stitchable=1"
  return sliceOf(["-f", "rawvideo", ...size, "-i", path], { preset, crf: rateFactor, settings })
}

async function sliceOf(
  input: readonly string[],
  { preset, crf, settings }: { readonly preset: string; readonly crf: number; readonly settings: string },
): Promise<Buffer | undefined> {
  const encoder = ["-frames:v", "1", "-c:v", "libx264", "-preset", preset, "-crf", String(crf), "-threads", "1"]
  const { out } = await ffmpeg(...input, ...encoder, "-x264-params", settings, "-f", "h264", "pipe:1")
  return slicesOf(out).at(0)
}

const slicesOf = (stream: Buffer): readonly Buffer[] => unitsOf(stream).filter((unit) => ((unit[0] ?? 0) & 31) === 5)

const unitsOf = (stream: Buffer): readonly Buffer[] =>
  stream
    .toString("latin1")
    .split("\0\0\u0001")
    .map((unit) => Buffer.from(unit, "latin1"))

describe("a picture in H.264", () => {
  it.each([FILM, { num: 24_000, den: 1001 }, { num: 1, den: 2 }, { num: 60, den: 1 }, { num: 120, den: 1 }])(
    "is to the bit the first one of a movie with its rate factor, at $num/$den pictures a second",
    async (rate) => {
      const inMovie = await firstSlice(rate, 23, "bframes=0:weightp=0:stitchable=1")
      const alone = await firstSlice(
        rate,
        loneRateFactor(23, rate),
        "bframes=0:weightp=0:mbtree=0:qcomp=1:stitchable=1",
      )
      expect(alone).toBeDefined()
      expect(alone?.equals(inMovie ?? Buffer.alloc(0))).toBe(true)
    },
  )

  it("decodes to what was encoded, finer the lower the rate factor, of which 0 is the same as 1", async () => {
    const streams = [0, 1, 18, 23, 51].map((crf) => unwrap(h264(pictureOf({ rateFactor: loneRateFactor(crf, FILM) }))))
    const quality = await Promise.all(streams.map(async (stream) => psnr(await decoded(stream), pictureOf().planes)))
    expect(streams[0]).toEqual(streams[1])
    expect(quality[1]).toBeGreaterThan(48)
    expect(quality[3]).toBeGreaterThan(37)
    expect(quality).toEqual(quality.toSorted((a, b) => b - a))
    expect(streams.map(({ length }) => length)).toEqual(streams.map(({ length }) => length).toSorted((a, b) => b - a))
  })

  it("states profile, size, rate, limited BT.709, one reference and nothing reordered", async () => {
    const rate = { num: 30_000, den: 1001 }
    const headers = await headersOf(unwrap(h264(pictureOf({ rate, preset: "veryslow" }))))
    const said = Object.fromEntries(headers)
    expect(said).toMatchObject({ profile_idc: 100, max_num_ref_frames: 1, max_num_reorder_frames: 0 })
    expect(said).toMatchObject({ num_units_in_tick: 1001, time_scale: 60_000, fixed_frame_rate_flag: 1 })
    expect(said).toMatchObject({ video_full_range_flag: 0, colour_primaries: 1, transfer_characteristics: 1 })
    expect(said).toMatchObject({ matrix_coefficients: 1, aspect_ratio_idc: 1, idr_pic_id: 0 })
  })

  it.each(["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo"])(
    "is one IDR picture by the preset %s, to the bit the first one of a movie",
    async (preset) => {
      const stream = unwrap(h264(pictureOf({ preset })))
      expect(slicesOf(Buffer.from(stream))).toEqual([await sliceInMovie(pictureOf({ preset }))])
      expect(psnr(await decoded(stream), pictureOf().planes)).toBeGreaterThan(35)
      expect((await headersOf(stream)).get("max_num_reorder_frames")).toBe(0)
    },
  )

  it("depends on nothing that was encoded before, and is the same in another process", async () => {
    const seeds = [1, 2, 3, 4]
    const inOrder = seeds.map((seed) => unwrap(h264(pictureOf({}, seed))))
    const backwards = seeds.toReversed().map((seed) => unwrap(h264(pictureOf({}, seed))))
    expect(backwards.toReversed()).toEqual(inOrder)
    const planes = join(folder, "planes")
    await writeFile(planes, pictureOf({}, 3).planes)
    const read = `readFileSync(${JSON.stringify(planes)})`
    expect(await elsewhere(pictureOf(), read)).toBe(Buffer.from(inOrder[2] ?? []).toString("hex"))
  })

  it("that needs more memory than there is fails for that, and not as if it were damaged", async () => {
    const large = { width: 8192, height: 4320 }
    const picture = { ...pictureOf(), ...large }
    const planes = `new Uint8Array(${(large.width * large.height * 3) / 2})`
    expect(await elsewhere(picture, planes, ["prlimit", `--data=${900 * 2 ** 20}`])).toBe("tool/out-of-memory")
  })

  it("has parameter sets that depend neither on the picture nor on the rate factor, so that a movie can hold them all", () => {
    const setsOf = (stream: Uint8Array): string => {
      const text = Buffer.from(stream).toString("hex")
      return text.slice(0, text.search(/000001(06|65|25)/))
    }
    const sets = setsOf(unwrap(h264(pictureOf({ rateFactor: 15 }, 1))))
    expect(sets).toMatch(/^0000000167.*0000000168/)
    expect(setsOf(unwrap(h264(pictureOf({ rateFactor: 35 }, 2))))).toBe(sets)
  })

  it("that is told what x264 does not know fails with x264's words", () => {
    const { code, says } = failureOf(h264(pictureOf({ preset: "warp" })))
    expect([code, says]).toEqual(["tool/failed", "x264 did not encode the picture: It has no preset warp."])
    expect(failureOf(h264(pictureOf({ width: 322, height: 0 }))).says).toMatch(/width|resolution|invalid/i)
    expect(() => h264({ ...pictureOf(), height: 2160 })).toThrow("another size")
  })
})

/** An encode in a process of its own, under limits: the bytes, or the failure's code. */
async function elsewhere(picture: MoviePicture, planes: string, limits: readonly string[] = []): Promise<string> {
  const modules = new URL(".", import.meta.url).href
  const script = `
    import { readFileSync } from "node:fs"
    import { nativeEncoders } from "${modules}encoders.ts"
    import { loadNativeLibrary } from "${modules}library.ts"
    const { h264 } = nativeEncoders(loadNativeLibrary(${JSON.stringify(library)}).value)
    const stream = h264({ ...${JSON.stringify({ ...picture, planes: null })}, planes: ${planes} })
    process.stdout.write(stream.ok ? Buffer.from(stream.value).toString("hex") : stream.failure.code)`
  const [program = "", ...args] = [...limits, process.execPath, "--input-type=module", "-e", script]
  const { stdout } = await promisify(execFile)(program, args)
  return stdout
}

const still = (width: number, height: number, quality = 85) => ({
  rgb: picture(width * height * 3, width * 3),
  width,
  height,
  quality,
  icc: SRGB_PROFILE,
})

describe("a JPEG", () => {
  it.each([
    [256, 256],
    [255, 143],
    [17, 1],
    [1, 1],
    [2, 300],
  ])("of %d times %d is the very file that is written without the library", async (width, height) => {
    for (const quality of [1, 60, 85, 100]) {
      const canvas = { width, height }
      const bytes = unwrap(jpeg(still(width, height, quality)))
      const other = unwrap(await jpegOf(still(width, height).rgb, { canvas }, quality))
      expect(Buffer.compare(bytes, other.bytes)).toBe(0)
    }
  })

  it("holds the picture at its quality, in 4:2:0, with the profile of sRGB", async () => {
    const told = still(256, 144)
    const bytes = unwrap(jpeg(told))
    const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
    expect(psnr(data, told.rgb)).toBeGreaterThan(20)
    expect(await sharp(bytes).metadata()).toMatchObject({
      chromaSubsampling: "4:2:0",
      width: 256,
      isProgressive: false,
    })
    expect(Buffer.from(bytes).includes(Buffer.from(SRGB_PROFILE))).toBe(true)
    expect(Buffer.from(bytes).toString("latin1", 6, 13)).toBe("JFIF\0\x01\x02")
  })

  it("of nothing but noise, at the best quality, has room", () => {
    const noise = Uint8Array.from({ length: 512 * 512 * 3 }, (_, at) => Math.imul(at + 7, 2_654_435_761) >>> 24)
    const bytes = unwrap(jpeg({ ...still(512, 512), rgb: noise, quality: 100 }))
    expect(bytes.length).toBeGreaterThan(512 * 512)
  })

  it("that libjpeg cannot write fails with libjpeg's words, and the next one is written", () => {
    const wide = { ...still(1, 1), width: 70_000, height: 1, rgb: new Uint8Array(210_000) }
    expect(failureOf(jpeg(wide))).toMatchObject({ code: "tool/failed", says: expect.stringMatching(/65500/) })
    expect(jpeg(still(8, 8)).ok).toBe(true)
  })
})
