import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { idrPicIdRewriter } from "../src/picture/encode/mp4/idr-pic-id.ts"
import { oneFrameMovie } from "../src/picture/encode/mp4/index.ts"
import { encodedPictures, ffmpeg, samplesIn } from "../src/picture/encode/mp4/testing/ffmpeg.ts"
import { inChild, must, timed } from "./processes.ts"
import { heading, median, row, target } from "./report.ts"
import type { Stitched } from "./sequences-child.ts"
import type { Folded } from "./sequences-fold-child.ts"
import type { MovieTook } from "./sequences-movie-child.ts"

const SIZE = { width: 1920, height: 1080 }
const RATE = { num: 24, den: 1 }
const FRAMES = 240
const MANY = 100_000
/** Different pictures: the files are read again and again, from the page cache. */
const FILES = 48
const TURNS = 3

/** One-frame movies of a shot into its movie: our stitcher, ffmpeg's concat demuxer, and encoding it again. */
export async function benchSequences(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-sequences-"))
  heading(`sequences: one-frame movies of ${SIZE.width}x${SIZE.height} with grain into a movie, CPU seconds`)
  await writeProxies(folder)
  const list = join(folder, "list")
  writeFileSync(list, Array.from({ length: FRAMES }, (_, frame) => `file ${frame % FILES}.mp4\n`).join(""))
  const output = join(folder, "movie.mp4")
  const joined = ["-f", "concat", "-i", list, "-map", "0:v"]
  const ours: number[] = []
  const theirs: number[] = []
  for (let turn = 0; turn < TURNS; turn++) {
    ours.push((await stitch(folder, FRAMES, output)).cpuSeconds)
    const copied = await timed(
      async () => void (await ffmpeg(...joined, "-c", "copy", "-movflags", "+faststart", output)),
    )
    theirs.push(copied.cpuSeconds)
  }
  target({ what: `${FRAMES} frames, stitched`, measured: median(ours), unit: "s", atMost: 0.5, digits: 2 })
  row(`${FRAMES} frames, ffmpeg's concat demuxer`, `${median(theirs).toFixed(2)} s`)
  const encode = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-threads", "1", output]
  const again = await timed(async () => void (await ffmpeg(...joined, ...encode)))
  row(`${FRAMES} frames, encoded again`, `${again.cpuSeconds.toFixed(2)} s`, "x264, veryfast")
  await many(folder)
  await shot(folder)
  rmSync(folder, { recursive: true, force: true })
  await folds()
}

/** A shot of real frames in a folder: what comes after the last of them, in the process that renders them. */
async function shot(folder: string): Promise<void> {
  const frame = join(folder, "grain.jpg")
  const source = `testsrc2=size=${SIZE.width}x${SIZE.height},noise=alls=12:allf=t`
  await ffmpeg("-f", "lavfi", "-i", source, "-frames:v", "1", "-q:v", "2", frame)
  const made = (first: number, last: number): Promise<MovieTook> =>
    inChild<MovieTook>("sequences-movie-child.ts", frame, join(folder, "shot"), String(first), String(last))
  await made(1, FRAMES - TURNS)
  const took: MovieTook[] = []
  for (let turn = TURNS - 1; turn >= 0; turn--) took.push(await made(FRAMES - turn, FRAMES - turn))
  const what = `${FRAMES} frames, from the last one's fact to the movie and its row`
  row(what, "", "with poster, scrub sheet and manifest; the quiet time aside; no encoder is started")
  target({ what: "  time", measured: median(took.map((one) => one.wallSeconds)), unit: "s", atMost: 2, digits: 2 })
  const cpu = median(took.map((one) => one.cpuSeconds))
  target({ what: "  CPU of all processes", measured: cpu, unit: "s", atMost: 0.5, digits: 2 })
}

const FACTS = [100_000, 300_000, 1_000_000] as const
const FRAMES_EACH = 240
/** One shot as long as there are. */
const LONG_SHOT = 100_000

/** Kept facts of frames into settled sequences and their reports, by the workflow as it runs: from a file, and from memory. */
async function folds(): Promise<void> {
  heading("sequences: kept facts of frames read, folded and settled, shots of 240 frames")
  for (const facts of FACTS) await folded("sqlite", facts, FRAMES_EACH)
  await folded("memory", FACTS[1], FRAMES_EACH)
  await folded("sqlite", LONG_SHOT, LONG_SHOT)
}

async function folded(log: "sqlite" | "memory", facts: number, framesEach: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-folds-"))
  const [count, each] = [String(facts), String(framesEach)]
  if (log === "sqlite")
    await must(process.execPath, [new URL(CHILD, import.meta.url).pathname, "write", folder, count, each])
  const { cpuSeconds, wallSeconds, sequences, megabytes } = await inChild<Folded>(CHILD, log, folder, count, each)
  rmSync(folder, { recursive: true, force: true })
  if (sequences !== Math.ceil(facts / framesEach)) throw new Error(`sequences: ${sequences} were settled`)
  const what = `${facts.toLocaleString("en-GB")} kept facts to ${sequences} reports, ${log}`
  target({ what, measured: wallSeconds, unit: "s", atMost: 60 })
  target({ what: "  a CPU second", measured: facts / cpuSeconds, unit: "facts", atLeast: 20_000, digits: 0 })
  row("  memory at most, beyond its start", `${megabytes.toFixed(0)} MB`)
}

const CHILD = "sequences-fold-child.ts"

async function many(folder: string): Promise<void> {
  const tenth = await stitch(folder, MANY / 10, "/dev/null")
  const { cpuSeconds, gigabytes, extraMegabytes } = await stitch(folder, MANY, "/dev/null")
  const what = `${MANY} frames, ${gigabytes.toFixed(1)} GB, a CPU second`
  target({ what, measured: MANY / cpuSeconds, unit: "frames", atLeast: 500, digits: 0 })
  const small = tenth.extraMegabytes.toFixed(0)
  row("memory beyond its start", `${extraMegabytes.toFixed(0)} MB`, `${small} MB for a tenth of the frames`)
}

const stitch = (folder: string, frames: number, output: string): Promise<Stitched> =>
  inChild<Stitched>("sequences-child.ts", folder, String(FILES), String(frames), output)

async function writeProxies(folder: string): Promise<void> {
  const path = join(folder, "all.mp4")
  await ffmpeg(...encodedPictures({ ...SIZE, rate: RATE, count: FILES }), path)
  const { avcC, samples } = await samplesIn(path)
  for (const [index, sample] of samples.entries()) {
    const alone = idrPicIdRewriter(avcC)?.(sample, 0)
    if (alone === null || alone === undefined) throw new Error("Pictures of x264 can be renumbered.")
    writeFileSync(join(folder, `${index}.mp4`), oneFrameMovie({ ...SIZE, rate: RATE, timecode: null, avcC }, alone))
  }
}
