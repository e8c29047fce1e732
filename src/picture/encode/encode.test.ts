import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import { plannedOutputs } from "../engines/plan.ts"
import { realTool } from "../engines/testing/broken-tool.ts"
import { boxOf, type PlanOptions, planOf } from "../engines/testing/readings.ts"
import { type NativeEncoders, nativeEncoders } from "../native/encoders.ts"
import { libraryPath, loadNativeLibrary } from "../native/library.ts"
import { readIcc } from "../read/colour/icc.ts"
import { packageFolder } from "../tools/find-tool.ts"
import { findGuards } from "../tools/run-tool.ts"
import { toolRunner } from "../tools/tool-context.ts"
import { encodeHere } from "./encode-here.ts"
import { encodeFrames } from "./index.ts"
import { SRGB_PROFILE } from "./jpeg.ts"
import { stillMovie } from "./movie.ts"
import { decodedPictures, ffmpeg, readByMp4box } from "./mp4/testing/ffmpeg.ts"
import type { EncodeMeans } from "./order.ts"

const native = nativeEncoders(unwrap(loadNativeLibrary(libraryPath(await packageFolder()))))
const WAYS: readonly (readonly [string, NativeEncoders | null])[] = [
  ["natively", native],
  ["by ffmpeg and sharp", null],
]

let root: string
let means: EncodeMeans
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "encode-"))
  const program = await realTool("ffmpeg")
  const tool = { name: "ffmpeg", program, version: { text: "9.0.2", major: 9, minor: 0 } } as const
  const limits = { timeoutMs: 60_000, memoryLimitBytes: 2 ** 32 }
  const run = toolRunner({ limits, guards: await findGuards() }, { folder: root, signal: new AbortController().signal })
  means = { folder: root, tools: { ffmpeg: tool }, run }
})
afterAll(() => rm(root, { recursive: true }))

const SMALL = { thumbnailEdgePx: 64, proxyWidthPx: 160, proxyHeightPx: 90 }

/** A canvas with shapes, another one for each seed. */
const canvasOf = (length: number, width: number, seed = 1): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, at) => 125 + 80 * Math.sin(((at % width) * seed) / 9) * Math.cos(at / width / 7))

async function encoded(way: NativeEncoders | null, options: PlanOptions = {}) {
  const plan = await planOf({ ...options, settings: { ...SMALL, ...options.settings } })
  const [files, tools]: [Record<string, Buffer>, Record<string, string>] = [{}, {}]
  for (const output of plannedOutputs(plan)) {
    const { width, height } = output.canvas
    const samples = output.encoder.format === "jpeg" ? 3 : 1.5
    const canvas = canvasOf(width * height * samples, width * Math.floor(samples))
    const order = { output, plan }
    const here = unwrap(await encodeHere([order], { thumbnail: canvas, proxy: canvas }, way))
    const made = unwrap(await encodeFrames({ ...order, frames: [here[output.name] ?? raise()] }, means))
    const bytes = await readFile(made.file.path)
    expect(made.file.sizeBytes).toBe(bytes.length)
    files[output.name] = bytes
    Object.assign(tools, made.toolVersions)
  }
  return { proxy: files.proxy ?? raise(), thumbnail: files.thumbnail ?? raise(), tools }
}

const raise = (): never => {
  throw new Error("An output is missing.")
}

const PLANES_BYTES = 160 * 90 * 1.5

function streamOf(planes: Uint8Array, width = 160): Uint8Array {
  const rate = { num: 24, den: 1 }
  return unwrap(native.h264({ planes, width, height: 90, rate, rateFactor: 28, preset: "medium" }))
}

async function laidDown(bytes: Uint8Array): Promise<string> {
  const path = join(root, `${crypto.randomUUID()}.mp4`)
  await writeFile(path, bytes)
  return path
}

/** The boxes of a movie, with their lengths where those do not depend on what an encoder wrote. */
function structureOf(bytes: Uint8Array): unknown {
  const file = readByMp4box(bytes)
  const sizes = (box: {
    readonly type: string
    readonly size: number
    readonly boxes?: readonly unknown[]
  }): unknown =>
    box.boxes === undefined || ["stsd", "avc1"].includes(box.type)
      ? box.type === "mdat" || box.type === "stsd"
        ? box.type
        : [box.type, box.size]
      : [box.type, box.boxes.map((inner) => sizes(inner as Parameters<typeof sizes>[0]))]
  return file.boxes.map((box) => sizes(box))
}

describe.each(WAYS)("a frame that is encoded %s", (_, way) => {
  it("becomes a movie of the profile High at its rate, with its timecode and its colours", async () => {
    const selection = { frameRate: { num: 24_000, den: 1001 }, timecode: "01:00:06:03" }
    const { proxy } = await encoded(way, { selection })
    const { said } = await ffmpeg("-i", await laidDown(proxy), "-f", "null", "-")
    expect(said).toContain("Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709, progressive), 160x90 [SAR 1:1")
    expect(said).toContain(" 23.98 fps,")
    expect(said).toContain("timecode        : 01:00:06:03")
    expect(said).not.toMatch(/error|invalid|warning/i)
  })

  it("is held as long as it is told, by two samples that take turns", async () => {
    const { proxy } = await encoded(way, { settings: { stillHoldFrames: 24 } })
    const shown = await decodedPictures(await laidDown(proxy))
    expect(shown.map(([time]) => time)).toEqual(Array.from({ length: 24 }, (_, time) => time))
    expect(new Set(shown.map(([, sum]) => sum)).size).toBe(1)
    const samples = readByMp4box(proxy).getTrackSamplesInfo(1)
    expect(new Set(samples.map(({ offset }) => offset)).size).toBe(2)
    expect(samples.every(({ is_sync }) => is_sync)).toBe(true)
  })

  it("is the same when it is encoded again, and leaves nothing but its files in the folder", async () => {
    const [one, other] = [await encoded(way), await encoded(way)]
    expect(other).toEqual(one)
    expect((await readdir(root)).filter((name) => /h264$|tif$/.test(name))).toEqual([])
  })

  it.each([0, 51])("is encoded by the rate factor %d", async (proxyCrf) => {
    const { proxy } = await encoded(way, { settings: { proxyCrf } })
    expect(await decodedPictures(await laidDown(proxy))).toHaveLength(1)
  })

  it("has a thumbnail whose profile says sRGB", async () => {
    const { thumbnail } = await encoded(way)
    const { icc, width, height } = await sharp(thumbnail).metadata()
    expect([width, height]).toEqual([64, 64])
    expect(Buffer.compare(icc ?? Buffer.alloc(0), Buffer.from(SRGB_PROFILE))).toBe(0)
  })
})

describe("both ways", () => {
  it("write thumbnails of the same bytes, and movies of one structure", async () => {
    const options = { selection: { timecode: "10:00:00:00", displayWindow: boxOf(100, 100) } }
    const [here, there] = [await encoded(native, options), await encoded(null, options)]
    expect(Buffer.compare(here.thumbnail, there.thumbnail)).toBe(0)
    expect(structureOf(here.proxy)).toEqual(structureOf(there.proxy))
    expect(Object.keys(here.tools).sort()).toEqual(["libjpeg-turbo", "x264"])
    expect(Object.keys(there.tools).sort()).toEqual(["ffmpeg", "libvips"])
  })

  it("show each of several frames once, the same whether others come before it or not", async () => {
    const plan = await planOf({ settings: { ...SMALL, stillHoldFrames: 24 } })
    const order = { output: plan.main, plan }
    const seeds = [1, 2, 3]
    const frames = seeds.map((seed) => ({ kind: "yuv420p", canvas: canvasOf(PLANES_BYTES, 160, seed) }) as const)
    const alone = frames.map(({ canvas }) => streamOf(canvas))
    const byTool = unwrap(await encodeFrames({ ...order, frames }, means))
    const ways = [await laidDown(unwrap(stillMovie(order, alone))), byTool.file.path]
    for (const path of ways) expect(new Set((await decodedPictures(path)).map(([, sum]) => sum)).size).toBe(3)
    const stitched = await decodedPictures(ways[0] ?? raise())
    for (const [frame, stream] of alone.entries()) {
      const [[, picture] = []] = await decodedPictures(await laidDown(unwrap(stillMovie(order, [stream]))))
      expect(stitched[frame]).toEqual([frame, picture])
    }
  })

  it("refuse pictures of different kinds in one movie, and what is no picture", async () => {
    const plan = await planOf({ settings: SMALL })
    const order = { output: plan.main, plan }
    const mixed = [streamOf(canvasOf(PLANES_BYTES, 160)), streamOf(canvasOf(PLANES_BYTES / 2, 160), 80)]
    for (const streams of [mixed, [Buffer.alloc(0)], [Buffer.from("no stream")]])
      expect(failureOf(stillMovie(order, streams)).code).toBe("tool/failed")
  })
})

it("the profile of sRGB says what sRGB is", () => {
  const profile = readIcc(SRGB_PROFILE)
  expect(profile).toMatchObject({ description: "sRGB", model: "RGB", hasTables: false })
  const light = profile?.light
  if (light == null) throw new Error("The profile says nothing of light.")
  const srgb = (code: number): number => (code <= 0.04045 ? code / 12.92 : ((code + 0.055) / 1.055) ** 2.4)
  for (const code of [0, 0.02, 0.2, 0.5, 0.8, 1])
    for (const curve of light.curves) expect(curve(code)).toBeCloseTo(srgb(code), 4)
  const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1]
  for (const [index, value] of light.matrix.entries()) expect(value).toBeCloseTo(identity[index] ?? 0, 3)
})
