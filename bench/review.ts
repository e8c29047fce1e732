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
/** Rate factor of proxies and of the encode that review copies stand beside. */
const CRF = 23
const TRIED = [24, 25, 26, 27]

/** Two seconds each: three photographs that the camera passes over, with grain; and eight frames of a rendered shot, to and fro. */
const SHOTS: Readonly<Record<string, readonly string[]>> = {
  CandleGlass: ["ScanLines/CandleGlass.exr"],
  MtTamWest: ["ScanLines/MtTamWest.exr"],
  Carrots: ["ScanLines/Carrots.exr"],
  Beachball: [1, 2, 3, 4, 5, 6, 7, 8].map((frame) => `Beachball/singlepart.000${frame}.exr`),
}

/** What is lost where a review copy is encoded of proxies, beside an encode of the frames themselves of the same size. */
export async function benchReview(): Promise<void> {
  const corpus = await corpusFolder()
  heading(`review: ${FRAMES} frames of ${SIZE.width}x${SIZE.height}, of their proxies and of themselves`)
  if (corpus === null) return row("no corpus on this machine", "-")
  const folder = await mkdtemp(join(tmpdir(), "bench-review-"))
  for (const [name, files] of Object.entries(SHOTS))
    await measure(
      name,
      await framesOf(
        files.map((file) => join(corpus, "openexr-images", file)),
        folder,
      ),
      folder,
    )
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

/** Planes of the frames, one after another, in a file. */
async function framesOf(files: readonly string[], folder: string): Promise<string> {
  for (const [at, file] of files.entries()) {
    // Bright enough to be looked at: how exactly does not matter here.
    const shown = ["--ch", "R,G,B", "--fullpixels", "--clamp:min=0:max=1", "--powc", "0.45", "-d", "uint16"]
    await promisify(execFile)(OIIOTOOL, [file, ...shown, "-o", join(folder, `${at}.png`)])
  }
  const moves = files.length === 1 ? ["-loop", "1"] : []
  const input = files.length === 1 ? join(folder, "0.png") : join(folder, "%d.png")
  const pan = `scale=${SIZE.width + 2 * FRAMES}:-2,crop=${SIZE.width}:${SIZE.height}:'min(iw-ow,2*n)':'min(ih-oh,n)'`
  const grain = "noise=alls=5:allf=t,format=yuv420p"
  const toAndFro = files.length === 1 ? pan : `${TO_AND_FRO},scale=${SIZE.width}:${SIZE.height}`
  const planes = join(folder, "frames.yuv")
  const filters = files.length === 1 ? `${toAndFro},${grain}` : `${toAndFro},format=yuv420p`
  await ffmpeg(...moves, "-i", input, "-vf", filters, "-frames:v", String(FRAMES), "-f", "rawvideo", planes)
  return planes
}

const TO_AND_FRO = "split[a][b];[b]reverse[c];[a][c]concat,loop=loop=-1:size=16"

async function measure(name: string, planes: string, folder: string): Promise<void> {
  const direct = join(folder, "direct.mp4")
  const closed = `keyint=${FRAMES}:min-keyint=${FRAMES}:scenecut=0:open-gop=0:bframes=0`
  const encode = ["-c:v", "libx264", "-preset", PRESET, "-crf", String(CRF), "-threads", "1", "-x264-params", closed]
  await ffmpeg(...RAW, "-i", planes, ...encode, direct)
  const wanted = { bytes: (await stat(direct)).size, decibels: await decibels(direct, planes, 0) }
  const proxies = await proxiesOf(planes)
  const alone = {
    bytes: proxies.reduce((sum, { length }) => sum + length, 0),
    decibels: await ofProxies(proxies, planes, folder),
  }
  const made: Copy[] = []
  for (const crf of TRIED) made.push(await copyOf(proxies, { crf, planes, folder }))
  const said = ({ bytes, decibels }: Pick<Copy, "bytes" | "decibels">) =>
    `${(bytes / 1e6).toFixed(2)} MB, ${decibels.toFixed(2)} dB`
  row(`${name}, its proxies`, said(alone))
  row(`${name}, of the frames at ${CRF}`, said(wanted))
  for (const copy of made)
    row(`${name}, of the proxies at ${copy.crf}`, said(copy), `${copy.cpuSeconds.toFixed(1)} CPU s`)
  const measured = wanted.decibels - atSize(made, wanted.bytes)
  target({ what: `${name}, lost at that size`, measured, unit: "dB", atMost: 0.3, digits: 2 })
}

/** One after another, as they are. */
async function ofProxies(proxies: readonly Buffer[], planes: string, folder: string): Promise<number> {
  for (const [at, proxy] of proxies.entries()) await writeFile(join(folder, `${at}.mp4`), proxy)
  const [list, movie] = [join(folder, "list"), join(folder, "proxies.mp4")]
  await writeFile(list, proxies.map((_, at) => `file ${at}.mp4\n`).join(""))
  await ffmpeg("-f", "concat", "-i", list, "-map", "0:v", "-c", "copy", movie)
  return decibels(movie, planes, 0)
}

type Copy = { readonly crf: number; readonly bytes: number; readonly decibels: number; readonly cpuSeconds: number }

/** Between the two copies beside it; the nearest two where none is that large or small. */
function atSize(copies: readonly Copy[], bytes: number): number {
  const at = Math.max(
    1,
    copies.findIndex((copy) => copy.bytes <= bytes),
  )
  const [larger, smaller] = [copies[at - 1] as Copy, copies[at] as Copy]
  const share = Math.log(bytes / smaller.bytes) / Math.log(larger.bytes / smaller.bytes)
  return smaller.decibels + share * (larger.decibels - smaller.decibels)
}

/** As the renderer makes them. */
async function proxiesOf(planes: string): Promise<readonly Buffer[]> {
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
      rateFactor: loneRateFactor(CRF, RATE),
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
  return { crf, bytes: (await stat(toFile)).size, decibels: await decibels(toFile, planes, 1), cpuSeconds }
}

/** Of all planes, of a movie without its first frames. */
async function decibels(movie: string, planes: string, from: number): Promise<number> {
  // Said of both, so that neither is converted.
  const alike = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709,settb=1/24,setpts=N"
  const compared = `[0:v]trim=start_frame=${from},${alike}[a];[1:v]${alike}[b];[a][b]psnr`
  const { said } = await ffmpeg("-i", movie, ...RAW, "-i", planes, "-lavfi", compared, "-f", "null", "-")
  return Number(/average:([\d.]+)/.exec(said)?.[1])
}
