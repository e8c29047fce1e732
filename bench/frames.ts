import { mkdtemp, readdir, rm } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { reference, referenceMissing } from "./frames-reference.ts"
import { COMPRESSIONS, type Compression, folderOf, makeFrame } from "./frames-source.ts"
import { must, type Took, timed } from "./processes.ts"
import { heading, median, row, target } from "./report.ts"

const FRAMES = 16
/** Each round is one run of ours and one of the reference; ours runs once more at the end, so that it stands on both sides. */
const ROUNDS = 2

const LESS_CPU: Readonly<Record<Compression, number>> = { zip: 8, piz: 7, dwaa: 7 }
const MORE_FRAMES = 6

const program = new URL("../bin/oiio-proxy-generator", import.meta.url).pathname

/** The whole line, by the command that people type, against the reference function's five processes a frame. */
export async function benchFrames(): Promise<void> {
  heading(`frames: ${FRAMES} frames of 4096x2160 half RGB with grain, ${availableParallelism()} cores`)
  const missing = await referenceMissing()
  if (missing !== null) console.log(missing)
  for (const compression of COMPRESSIONS) {
    const place = await mkdtemp(join(tmpdir(), "bench-frames-"))
    const frame = await makeFrame(place, compression)
    const frames = await folderOf(frame, FRAMES, join(place, "frames"))
    const [ours, theirs] = await interleaved(frames, join(place, "scratch"), missing === null)
    report(compression, ours, theirs)
    await rm(place, { recursive: true })
  }
}

async function interleaved(frames: string, scratch: string, isReferenceThere: boolean): Promise<[Took[], Took[]]> {
  const [ours, theirs]: [Took[], Took[]] = [[await wholeLine(frames)], []]
  for (let round = 0; round < ROUNDS; round++) {
    if (isReferenceThere) theirs.push(await timed(() => reference(frames, scratch)))
    ours.push(await wholeLine(frames))
  }
  return [ours, theirs]
}

/** `run` on a folder that knows nothing of an earlier one: state, outputs and what is kept about them are gone. */
async function wholeLine(frames: string): Promise<Took> {
  for (const name of await readdir(frames)) {
    if (name.startsWith(".")) await rm(join(frames, name), { recursive: true })
  }
  const took = await timed(async () => void (await must(program, ["run", frames])))
  const made = (await readdir(join(frames, ".proxies"))).filter((name) => name.endsWith("_proxy.mp4")).length
  if (made !== FRAMES) throw new Error(`frames: ${made} of ${FRAMES} were made`)
  return took
}

const cpuPerFrame = (runs: readonly Took[]): number => median(runs.map(({ cpuSeconds }) => cpuSeconds / FRAMES))
const framesPerSecond = (runs: readonly Took[]): number => median(runs.map(({ wallSeconds }) => FRAMES / wallSeconds))

function report(compression: Compression, ours: readonly Took[], theirs: readonly Took[]): void {
  const name = compression.toUpperCase()
  const cpu = { ours: cpuPerFrame(ours), theirs: cpuPerFrame(theirs) }
  const speed = { ours: framesPerSecond(ours), theirs: framesPerSecond(theirs) }
  row(
    `${name}, CPU per frame`,
    `${cpu.ours.toFixed(2)} s`,
    `each run: ${each(ours, ({ cpuSeconds: s }) => s / FRAMES)}`,
  )
  row(`${name}, frames a second`, speed.ours.toFixed(2), `each run: ${each(ours, ({ wallSeconds: s }) => FRAMES / s)}`)
  if (theirs.length === 0) return
  row(
    "  reference, CPU per frame",
    `${cpu.theirs.toFixed(2)} s`,
    `each run: ${each(theirs, ({ cpuSeconds: s }) => s / FRAMES)}`,
  )
  row(
    "  reference, frames a second",
    speed.theirs.toFixed(2),
    `each run: ${each(theirs, ({ wallSeconds: s }) => FRAMES / s)}`,
  )
  target({
    what: `${name}, less CPU per frame`,
    measured: cpu.theirs / cpu.ours,
    unit: "x",
    atLeast: LESS_CPU[compression],
  })
  target({
    what: `${name}, more frames a second`,
    measured: speed.ours / speed.theirs,
    unit: "x",
    atLeast: MORE_FRAMES,
  })
}

const each = (runs: readonly Took[], number: (took: Took) => number): string =>
  runs.map((took) => number(took).toFixed(2)).join(", ")
