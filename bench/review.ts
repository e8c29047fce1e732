import { execFile } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { accessUnitOf, avcConfiguration, oneFrameMovie } from "../src/picture/encode/mp4/index.ts"
import { ffmpeg } from "../src/picture/encode/mp4/testing/ffmpeg.ts"
import { corpusFolder } from "../src/picture/engines/testing/engine-fixture.ts"
import { loneRateFactor, nativeEncoders } from "../src/picture/native/encoders.ts"
import { libraryPath, loadNativeLibrary } from "../src/picture/native/library.ts"
import { openReviewMaker } from "../src/picture/review/review-file.ts"
import { EMPTY, framesFrom, orderOf, readingOf } from "../src/picture/review/testing/review-fixture.ts"
import { packageFolder } from "../src/picture/tools/find-tool.ts"
import { timed } from "./processes.ts"
import { heading, row, target } from "./report.ts"

const OIIOTOOL = new URL("../vendor/OpenImageIO/bin/oiiotool", import.meta.url).pathname
const SIZE = { width: 1280, height: 720 }
const RATE = { num: 24, den: 1 }
const FRAMES = 48
const PRESET = "veryfast"
/** Rate factors: of proxies, of review copies, and of the encodes of the frames themselves that they stand beside. */
const PROXIES = [23, 18]
const COPIES = [22, 25, 28, 31]
const DIRECT = [20, 23, 26, 29]
/** That of review copies by default, of proxies by default. */
const USUAL = { proxies: 23, copy: 25 }

type Shot = {
  readonly files: readonly string[]
  readonly moves: "passes" | "turns" | "to and fro"
  readonly grain: number
}

const BALL = [1, 2, 3, 4, 5, 6, 7, 8].map((frame) => `Beachball/singlepart.000${frame}.exr`)

/**
 * Two seconds each: photographs that the camera passes over by whole pixels, or also turns over, which no encoder foretells as
 * well; and eight frames of a rendered shot, to and fro.
 */
const SHOTS: Readonly<Record<string, Shot>> = {
  CandleGlass: { files: ["ScanLines/CandleGlass.exr"], moves: "passes", grain: 5 },
  MtTamWest: { files: ["ScanLines/MtTamWest.exr"], moves: "passes", grain: 5 },
  "MtTamWest, turning": { files: ["ScanLines/MtTamWest.exr"], moves: "turns", grain: 5 },
  "Carrots, turning": { files: ["ScanLines/Carrots.exr"], moves: "turns", grain: 5 },
  "Desk, turning": { files: ["ScanLines/Desk.exr"], moves: "turns", grain: 8 },
  "Beachball, grainy": { files: BALL, moves: "to and fro", grain: 5 },
  Beachball: { files: BALL, moves: "to and fro", grain: 0 },
}

/** What is lost where a review copy is encoded of proxies, beside an encode of the frames themselves of the same size. */
export async function benchReview(): Promise<void> {
  const corpus = await corpusFolder()
  heading(`review: ${FRAMES} frames of ${SIZE.width}x${SIZE.height}, of their proxies and of themselves`)
  if (corpus === null) return row("no corpus on this machine", "-")
  const folder = await mkdtemp(join(tmpdir(), "bench-review-"))
  for (const [name, shot] of Object.entries(SHOTS))
    await measure(name, await framesOf(shot, join(corpus, "openexr-images"), folder), folder)
  await rm(folder, { recursive: true, force: true })
}

const RAW = [
  "-f",
  "rawvideo",
  "-pixel_format",
  "yuv420p",
  "-video_size",
  `${SIZE.width}x${SIZE.height}`,
  "-framerate",
  "24",
]

const MOVES: Readonly<Record<Shot["moves"], string>> = {
  passes: `scale=${SIZE.width + 2 * FRAMES}:-2,crop=${SIZE.width}:${SIZE.height}:'min(iw-ow,2*n)':'min(ih-oh,n)'`,
  turns: `scale=${SIZE.width + 4 * FRAMES}:-2,rotate=a='0.004+0.0017*n':bilinear=1,crop=${SIZE.width}:${SIZE.height}:'min(iw-ow,40+2*n)':'(ih-oh)/2'`,
  "to and fro": `split[a][b];[b]reverse[c];[a][c]concat,loop=loop=-1:size=16,scale=${SIZE.width}:${SIZE.height}`,
}

/** Planes of the frames, one after another, in a file. */
async function framesOf({ files, moves, grain }: Shot, corpus: string, folder: string): Promise<string> {
  for (const [at, file] of files.entries()) {
    // Bright enough to be looked at: how exactly does not matter here.
    const shown = ["--ch", "R,G,B", "--fullpixels", "--clamp:min=0:max=1", "--powc", "0.45", "-d", "uint16"]
    await promisify(execFile)(OIIOTOOL, [join(corpus, file), ...shown, "-o", join(folder, `${at}.png`)])
  }
  const input = files.length === 1 ? ["-loop", "1", "-i", join(folder, "0.png")] : ["-i", join(folder, "%d.png")]
  const planes = join(folder, "frames.yuv")
  const filters = [MOVES[moves], ...(grain === 0 ? [] : [`noise=alls=${grain}:allf=t`]), "format=yuv420p"].join(",")
  await ffmpeg(...input, "-vf", filters, "-frames:v", String(FRAMES), "-f", "rawvideo", planes)
  return planes
}

async function measure(name: string, planes: string, folder: string): Promise<void> {
  const said = ({ bytes, decibels }: Point) => `${(bytes / 1e6).toFixed(2)} MB, ${decibels.toFixed(2)} dB`
  const direct: Point[] = []
  for (const crf of DIRECT) {
    direct.push(await directOf(planes, crf, folder))
    row(`${name}, of the frames at ${crf}`, said(direct.at(-1) as Point))
  }
  for (const proxyCrf of PROXIES) {
    const proxies = await proxiesOf(planes, proxyCrf)
    const bytes = proxies.reduce((sum, { length }) => sum + length, 0)
    row(`${name}, its proxies at ${proxyCrf}`, said({ bytes, decibels: await ofProxies(proxies, planes, folder) }))
    for (const crf of COPIES) {
      const copy = await copyOf(proxies, { crf, planes, folder })
      const lost = atSize(direct, copy.bytes) - copy.decibels
      row(`${name}, of those at ${crf}`, said(copy), `${lost.toFixed(2)} dB lost, ${copy.cpuSeconds.toFixed(1)} CPU s`)
      const isUsual = proxyCrf === USUAL.proxies && crf === USUAL.copy
      if (isUsual) target({ what: `${name}, lost by default`, measured: lost, unit: "dB", atMost: 0.3, digits: 2 })
    }
  }
}

async function directOf(planes: string, crf: number, folder: string): Promise<Point> {
  const path = join(folder, "direct.mp4")
  const closed = `keyint=${FRAMES}:min-keyint=${FRAMES}:scenecut=0:open-gop=0:bframes=0`
  const encode = ["-c:v", "libx264", "-preset", PRESET, "-crf", String(crf), "-threads", "1", "-x264-params", closed]
  await ffmpeg(...RAW, "-i", planes, ...encode, path)
  return { bytes: (await stat(path)).size, decibels: await decibels(path, planes, 0) }
}

/** One after another, as they are. */
async function ofProxies(proxies: readonly Buffer[], planes: string, folder: string): Promise<number> {
  for (const [at, proxy] of proxies.entries()) await writeFile(join(folder, `${at}.mp4`), proxy)
  const [list, movie] = [join(folder, "list"), join(folder, "proxies.mp4")]
  await writeFile(list, proxies.map((_, at) => `file ${at}.mp4\n`).join(""))
  await ffmpeg("-f", "concat", "-i", list, "-map", "0:v", "-c", "copy", movie)
  return decibels(movie, planes, 0)
}

type Point = { readonly bytes: number; readonly decibels: number }

type Copy = Point & { readonly cpuSeconds: number }

/** Between the two encodes beside that size; the nearest two where none is that large or small. */
function atSize(direct: readonly Point[], bytes: number): number {
  const found = direct.findIndex((one) => one.bytes <= bytes)
  const at = Math.max(1, found === -1 ? direct.length - 1 : found)
  const [larger, smaller] = [direct[at - 1] as Point, direct[at] as Point]
  const share = Math.log(bytes / smaller.bytes) / Math.log(larger.bytes / smaller.bytes)
  return smaller.decibels + share * (larger.decibels - smaller.decibels)
}

/** As the renderer makes them. */
async function proxiesOf(planes: string, crf: number): Promise<readonly Buffer[]> {
  const library = loadNativeLibrary(libraryPath(await packageFolder()))
  const encoders = library.ok ? nativeEncoders(library.value) : null
  if (encoders === null) throw new Error("The native library is not there: run scripts/setup.")
  const all = await readFile(planes)
  const bytes = (SIZE.width * SIZE.height * 3) / 2
  return Array.from({ length: FRAMES }, (_, at) => {
    const frame = Uint8Array.from(all.subarray(at * bytes, (at + 1) * bytes))
    const stream = encoders.h264({
      planes: frame,
      ...SIZE,
      rate: RATE,
      rateFactor: loneRateFactor(crf, RATE),
      preset: PRESET,
    })
    if (!stream.ok) throw new Error(stream.failure.says)
    const { sps, pps, sample } = accessUnitOf(stream.value)
    return oneFrameMovie({ ...SIZE, rate: RATE, timecode: null, avcC: avcConfiguration(sps, pps) }, sample)
  })
}

type Trial = { readonly crf: number; readonly planes: string; readonly folder: string }

/** Without a word over it, so that all of it can be compared. */
async function copyOf(proxies: readonly Buffer[], { crf, planes, folder }: Trial): Promise<Copy> {
  const own = join(folder, `copy-${crf}`)
  await mkdir(own, { recursive: true })
  const order = {
    ...orderOf(framesFrom(0, FRAMES), { texts: EMPTY }),
    ...SIZE,
    preset: PRESET,
    rate: RATE,
    crf,
    timecode: "01:00:00:00",
  }
  const toFile = join(own, "made.mp4")
  const job = {
    order,
    read: readingOf(proxies),
    earlier: null,
    movie: null,
    folder: own,
    toFile,
    signal: new AbortController().signal,
  }
  const { cpuSeconds } = await timed(async () => {
    const copy = await openReviewMaker().make(job)
    if (!copy.ok) throw new Error(copy.failure.says)
  })
  return { bytes: (await stat(toFile)).size, decibels: await decibels(toFile, planes, 1), cpuSeconds }
}

/** Of all planes, of a movie without its first frames. */
async function decibels(movie: string, planes: string, from: number): Promise<number> {
  // Said of both, so that neither is converted.
  const alike = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709,settb=1/24,setpts=N"
  const compared = `[0:v]trim=start_frame=${from},${alike}[a];[1:v]${alike}[b];[a][b]psnr`
  const { said } = await ffmpeg("-i", movie, ...RAW, "-i", planes, "-lavfi", compared, "-f", "null", "-")
  return Number(/average:([\d.]+)/.exec(said)?.[1])
}
