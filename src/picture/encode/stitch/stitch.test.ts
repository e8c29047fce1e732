import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Rational } from "../../../events/records.generated.ts"
import { collect, done, failed, failure } from "../../../events/result.ts"
import { unwrap } from "../../../events/testing/results.ts"
import { nativeEncoders } from "../../native/encoders.ts"
import { libraryPath, loadNativeLibrary } from "../../native/library.ts"
import { packageFolder } from "../../tools/find-tool.ts"
import { idrPicIdRewriter } from "../mp4/idr-pic-id.ts"
import { accessUnitOf, avcConfiguration, oneFrameMovie } from "../mp4/index.ts"
import { decodedPictures, encodedPictures, ffmpeg, readByMp4box, samplesIn } from "../mp4/testing/ffmpeg.ts"
import { commonFormat, readPictures, stitched } from "./index.ts"
import type { ReadPicture } from "./pictures.ts"

const FILM = { num: 24000, den: 1001 }
const SIZE = { width: 128, height: 72 }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stitch-"))
})
afterAll(() => rm(folder, { recursive: true }))

/** One-frame movies of `count` different pictures, as if each was encoded alone: all of them have the number 0. */
async function proxiesOf(
  count: number,
  options: { size?: typeof SIZE; rate?: Rational; settings?: string } = {},
): Promise<Buffer[]> {
  const { size = SIZE, rate = FILM, settings = "" } = options
  const path = join(folder, `${crypto.randomUUID()}.mp4`)
  await ffmpeg(...encodedPictures({ ...size, rate, count }), "-x264-params", `keyint=1:${settings}`, path)
  const { avcC, samples } = await samplesIn(path)
  return samples.map((sample) => {
    const first = idrPicIdRewriter(avcC)?.(sample, 0)
    return oneFrameMovie({ ...size, rate, timecode: null, avcC }, first ?? Buffer.alloc(0))
  })
}

const reading =
  (files: readonly Uint8Array[]): ReadPicture =>
  async (picture, start, end) =>
    done((files[picture] ?? Buffer.alloc(0)).subarray(start, end))

const everyOne = (files: readonly unknown[]) => Int32Array.from(files.keys())

async function stitch(
  files: readonly Uint8Array[],
  options: { shown?: Int32Array; timecode?: string; rate?: Rational } = {},
) {
  const { shown = everyOne(files), timecode = null, rate = FILM } = options
  const read = await readPictures(files.length, reading(files), 4)
  if (!read.ok) throw new Error(read.failure.says)
  const { format, unlike } = commonFormat(read.value)
  if (format === null || unlike.length > 0) throw new Error("Not of one format.")
  const order = { pictures: read.value, format, shown, rate, timecode }
  const chunks = await collect(stitched(order, reading(files), 4))
  if (!chunks.ok) throw new Error(chunks.failure.says)
  const path = join(folder, `${crypto.randomUUID()}.mp4`)
  await writeFile(path, Buffer.concat(chunks.value))
  return path
}

/** What the one-frame movies show, decoded one after another. */
async function decodedAlone(files: readonly Uint8Array[]): Promise<readonly string[]> {
  const beside = join(folder, crypto.randomUUID())
  await mkdir(beside)
  await Promise.all(files.map((file, index) => writeFile(join(beside, `${index}.mp4`), file)))
  await writeFile(join(beside, "list"), files.map((_, index) => `file ${index}.mp4\n`).join(""))
  const { out } = await ffmpeg("-f", "concat", "-i", join(beside, "list"), "-map", "0:v", "-f", "framemd5", "-")
  return out.toString().match(/[0-9a-f]{32}$/gm) ?? []
}

const picturesOf = async (path: string) => (await decodedPictures(path)).map(([, sum]) => sum)

async function numbersIn(path: string): Promise<readonly number[]> {
  const { said } = await ffmpeg("-i", path, "-map", "0:v", "-c", "copy", "-bsf:v", "trace_headers", "-f", "null", "-")
  return [...said.matchAll(/idr_pic_id .* = (\d+)/g)].map(([, id]) => Number(id))
}

describe("a stitched movie", () => {
  it("shows 300 frames, each bit for bit its own proxy's, and numbers them by turns", async () => {
    const files = await proxiesOf(300)
    const path = await stitch(files)
    const alone = await decodedAlone(files)
    expect(new Set(alone).size).toBe(300)
    expect(await picturesOf(path)).toEqual(alone)
    expect(await numbersIn(path)).toEqual(files.map((_, index) => index % 2))
  })

  it("is made of what each proxy's own run of ffmpeg wrote, B-frames announced or not", async () => {
    const files = await Promise.all(
      ["red", "green", "blue", "white", "black"].map(async (colour, index) => {
        const path = join(folder, `alone-${index}.mp4`)
        const input = [
          "-f",
          "lavfi",
          "-i",
          `color=${colour}:size=128x72:rate=24000/1001,noise=alls=25:allf=t:all_seed=${index}`,
        ]
        const encode = ["-frames:v", "1", "-c:v", "libx264", "-crf", "23", "-pix_fmt", "yuv420p", "-threads", "1"]
        await ffmpeg(...input, ...encode, "-timecode", `01:00:00:0${index}`, "-movflags", "+faststart", path)
        return readFile(path)
      }),
    )
    expect(await picturesOf(await stitch(files))).toEqual(await decodedAlone(files))
  })

  it.each(["medium", "ultrafast"])("is made of what the native library encodes, preset %s", async (preset) => {
    const native = nativeEncoders(unwrap(loadNativeLibrary(libraryPath(await packageFolder()))))
    const files = Array.from({ length: 24 }, (_, frame) => {
      const planes = Uint8Array.from(
        { length: 128 * 72 * 1.5 },
        (_, at) => 125 + 80 * Math.sin((at * (frame + 3)) / 91),
      )
      const { sps, pps, sample } = accessUnitOf(
        unwrap(native.h264({ planes, ...SIZE, rate: FILM, rateFactor: 25 + frame / 4, preset })),
      )
      return oneFrameMovie({ ...SIZE, rate: FILM, timecode: null, avcC: avcConfiguration(sps, pps) }, sample)
    })
    const path = await stitch(files)
    expect(await picturesOf(path)).toEqual(await decodedAlone(files))
    expect(await numbersIn(path)).toEqual(files.map((_, index) => index % 2))
  })

  it.each(["cabac=0", "slices=3", "cabac=0:slices=3"])(
    "is made of proxies that are read whole, too: %s",
    async (settings) => {
      const files = await proxiesOf(20, { settings })
      const path = await stitch(files)
      expect(await picturesOf(path)).toEqual(await decodedAlone(files))
      const slices = settings.includes("slices=3") ? 3 : 1
      expect(await numbersIn(path)).toEqual(files.flatMap((_, index) => Array(slices).fill(index % 2)))
    },
  )

  it.each([
    [{ num: 24, den: 1 }, "00:00:41:17", "24 fps"],
    [{ num: 25, den: 1 }, "00:00:40:01", "25 fps"],
    [{ num: 24000, den: 1001 }, "00:00:41:17", "23.98 fps"],
    [{ num: 30000, den: 1001 }, "00:01:00;02", "29.97 fps"],
    [{ num: 60000, den: 1001 }, "00:01:00;04", "59.94 fps"],
  ])("runs at %o from %s", async (rate, timecode, fps) => {
    const path = await stitch(await proxiesOf(12, { rate }), { rate, timecode })
    const { said } = await ffmpeg("-i", path, "-f", "null", "-")
    expect(said).toContain(` ${fps},`)
    expect(said).toContain(`timecode        : ${timecode}`)
    expect(said).toContain("yuv420p(tv, bt709, progressive), 128x72 [SAR 1:1")
    const [pictures] = readByMp4box(await readFile(path)).getInfo().tracks
    expect(pictures).toMatchObject({
      nb_samples: 12,
      timescale: ticks(rate),
      duration: (12 * rate.den * ticks(rate)) / rate.num,
    })
  })
  const ticks = ({ num }: Rational) => (num < 1000 ? num * 1000 : num)

  it("stores a picture that is held for a minute twice, and every other once", async () => {
    const files = await proxiesOf(3)
    const shown = Int32Array.from({ length: 1442 }, (_, frame) => (frame === 0 ? 0 : frame === 1441 ? 2 : 1))
    const path = await stitch(files, { shown })
    const alone = await decodedAlone(files)
    expect(await picturesOf(path)).toEqual(Array.from(shown, (picture) => alone[picture]))
    expect(await numbersIn(path)).toEqual(Array.from(shown, (_, frame) => frame % 2))
    expect((await readFile(path)).length).toBeLessThan(files.reduce((sum, { length }) => sum + length, 0) * 2 + 20_000)
  })

  it("has the same bytes whenever it is stitched", async () => {
    const files = await proxiesOf(5)
    const [once, again] = await Promise.all([stitch(files), stitch(files)].map(async (path) => readFile(await path)))
    expect(once?.equals(again ?? Buffer.alloc(0))).toBe(true)
  })
})

describe("pictures that cannot be stitched are named", () => {
  it("by their places, where canvas or settings of the encoder differ from most others', and not where the rate does", async () => {
    const most = await proxiesOf(4)
    const [larger] = await proxiesOf(1, { size: { width: 144, height: 72 } })
    const [other] = await proxiesOf(1, { settings: "8x8dct=0" })
    const [faster] = await proxiesOf(1, { rate: { num: 120, den: 1 } })
    const files = [larger, ...most.slice(0, 2), other, faster, ...most.slice(2)].map((file) => file ?? Buffer.alloc(0))
    const read = await readPictures(files.length, reading(files), 3)
    const { format, unlike } = commonFormat((read.ok && read.value) || { kinds: new Uint8Array(), formats: [] })
    expect(format).toMatchObject({ ...SIZE, rate: FILM })
    expect([...unlike]).toEqual([0, 3])
  })

  it("also where they are no movies, cut short, or of pictures that need others", async () => {
    const [first, second] = await proxiesOf(2)
    const good = first ?? Buffer.alloc(0)
    const fields = join(folder, "fields.mp4")
    const input = ["-f", "lavfi", "-i", "testsrc2=size=128x96:rate=24", "-frames:v", "1", "-pix_fmt", "yuv420p"]
    await ffmpeg(...input, "-c:v", "libx264", "-x264-params", "interlaced=1:tff=1", "-movflags", "+faststart", fields)
    const files = [good, Buffer.from("no movie"), good.subarray(0, 300), await readFile(fields), second ?? good]
    const read = await readPictures(files.length, reading(files), 3)
    const { unlike } = commonFormat((read.ok && read.value) || { kinds: new Uint8Array(), formats: [] })
    expect([...unlike]).toEqual([1, 2, 3])
  })

  it("all of them where there is none of any format", () =>
    expect(commonFormat({ kinds: Uint8Array.of(255, 255), formats: [] })).toEqual({
      format: null,
      unlike: Int32Array.of(0, 1),
    }))
})

describe("while it is written", () => {
  const planned = async () => {
    const files = await proxiesOf(20)
    const read = await readPictures(files.length, reading(files), 4)
    const pictures = read.ok ? read.value : null
    const format = pictures === null ? null : commonFormat(pictures).format
    if (pictures === null || format === null) throw new Error("Twenty pictures were made.")
    return { files, order: { pictures, format, shown: everyOne(files), rate: FILM, timecode: null } }
  }

  it("a picture that became another one ends it, as data", async () => {
    const { files, order } = await planned()
    const changed = files
      .with(7, files[8] ?? Buffer.alloc(0))
      .map((file, index) => (index === 7 ? file.subarray(40) : file))
    expect(await collect(stitched(order, reading(changed), 4))).toMatchObject({ failure: { code: "source/changed" } })
  })

  it("a reading that fails ends it, too, and is what is answered", async () => {
    const { files, order } = await planned()
    const gone: ReadPicture = async (picture, start, end) =>
      picture === 5 ? failed(failure("source/gone", "It is gone.")) : reading(files)(picture, start, end)
    expect(await collect(stitched(order, gone, 4))).toMatchObject({ failure: { code: "source/gone" } })
    expect(await readPictures(20, gone, 4)).toMatchObject({ failure: { code: "source/gone" } })
  })

  it("no more pictures are read at once than are allowed", async () => {
    const { files, order } = await planned()
    let [now, most] = [0, 0]
    const counted: ReadPicture = async (picture, start, end) => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
      return reading(files)(picture, start, end)
    }
    expect((await collect(stitched(order, counted, 3))).ok).toBe(true)
    expect(most).toBe(3)
  })
})
