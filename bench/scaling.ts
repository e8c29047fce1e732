import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { allWereMade, forgotten, PROGRAM } from "./frames-line.ts"
import { folderOf, makeFrame, makeTiny } from "./frames-source.ts"
import { must, type Took, timed } from "./processes.ts"
import { heading, median, row, target } from "./report.ts"

const ROUNDS = 3
const LARGE = 48
const TINY = 120

/** What the whole line costs around the pictures: one frame alone, frames of hardly any pixels, and a second core. */
export async function benchScaling(): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), "bench-scaling-"))
  try {
    const frame = await makeFrame(place, "zip")
    await oneFrame(await folderOf(frame, 1, join(place, "one")))
    await tinyFrames(await tinyIn(join(place, "tiny")))
    await moreCores(await folderOf(frame, LARGE, join(place, "large")))
  } finally {
    await rm(place, { recursive: true })
  }
}

async function oneFrame(frames: string): Promise<void> {
  heading(`scaling: one frame of 4096x2160 half, ZIP, by a command that begins with nothing, median of ${ROUNDS}`)
  const runs: Took[] = []
  for (let round = 0; round < ROUNDS; round++) runs.push(await lineOn(frames, allCores))
  const cpu = median(runs.map(({ cpuSeconds }) => cpuSeconds))
  target({ what: "CPU of the command", measured: cpu, unit: "s", atMost: 0.8, digits: 2 })
  row("until it has ended", `${median(runs.map(({ wallSeconds }) => wallSeconds)).toFixed(2)} s`)
}

async function tinyFrames(frames: string): Promise<void> {
  heading(`scaling: ${TINY} frames of 64x64 half, ZIP, ${availableParallelism()} cores, median of ${ROUNDS}`)
  const runs: Took[] = []
  for (let round = 0; round < ROUNDS; round++) runs.push(await lineOn(frames, allCores))
  const speed = median(runs.map(({ wallSeconds }) => TINY / wallSeconds))
  target({ what: "frames a second", measured: speed, unit: "", atLeast: 60, digits: 0 })
  row("CPU a frame", `${median(runs.map(({ cpuSeconds }) => (1000 * cpuSeconds) / TINY)).toFixed(1)} ms`)
}

async function moreCores(frames: string): Promise<void> {
  const cores = availableParallelism()
  if (cores === 1) return console.log("scaling: this machine has one core.")
  heading(`scaling: ${LARGE} frames of 4096x2160 half, ZIP, on 1 core and on ${cores}, ${ROUNDS} rounds in turn`)
  const runs: { readonly one: Took; readonly all: Took }[] = []
  for (let round = 0; round < ROUNDS; round++)
    runs.push({ one: await lineOn(frames, firstCore), all: await lineOn(frames, allCores) })
  row("on one core", `${median(runs.map(({ one }) => LARGE / one.wallSeconds)).toFixed(2)} frames/s`)
  row(`on ${cores}`, `${median(runs.map(({ all }) => LARGE / all.wallSeconds)).toFixed(2)} frames/s`)
  const linear = median(runs.map(({ one, all }) => one.wallSeconds / all.wallSeconds / cores))
  target({ what: "of linear", measured: linear, unit: "x", atLeast: 0.9, digits: 2 })
}

type Command = readonly [program: string, ...args: string[]]
const allCores: Command = [PROGRAM]
const firstCore: Command = ["taskset", "--cpu-list", "0", PROGRAM]

async function lineOn(frames: string, [program, ...args]: Command): Promise<Took> {
  const count = await forgotten(frames)
  // Pictures alone: the movie of a sequence is made by one process, after all of them.
  const config = join(dirname(frames), "settings.yaml")
  await writeFile(config, 'sequenceRules:\n  - { prefix: "", sequence: never }\n')
  const env = { ...process.env, OIIO_CONFIG: config }
  const took = await timed(async () => void (await must(program, [...args, "run", frames], { env })))
  await allWereMade(frames, count)
  return took
}

async function tinyIn(folder: string): Promise<string> {
  await mkdir(folder)
  await makeTiny(folder, TINY)
  const made = (await readdir(folder)).length
  if (made !== TINY) throw new Error(`scaling: ${made} of ${TINY} tiny frames were made`)
  return folder
}
