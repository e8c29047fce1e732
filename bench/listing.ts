import { link, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openMovingRate } from "../src/cli/views/progress.ts"
import { standing } from "../src/cli/views/progress-display.ts"
import { systemClock } from "../src/system/clock.ts"
import type { Observation } from "../topology/ports.ts"
import { runFolder, withFrames } from "./folder-line.ts"
import { forgotten } from "./frames-line.ts"
import { folderOf, grainOf } from "./frames-source.ts"
import { sleepingEngine, tinyFrame } from "./orchestration.ts"
import { familyOf } from "./process-tree.ts"
import { cpuSeconds } from "./processes.ts"
import { heading, median, row, target } from "./report.ts"

const FILES = 100_000
const PLACES = 2
const RENDER_MS = 240
const WATCHED_MS = 60_000

/** How a folder of very many frames begins: the first frame, what its listing takes from the renders, and what is said of it. */
export async function benchListing(): Promise<void> {
  heading(`listing: a folder of ${FILES} frames, an engine that sleeps ${RENDER_MS} ms, ${PLACES} places, one minute`)
  await withFrames({ frames: FILES, bytesOf: tinyFrame }, sleepOneMinute)
  await besideRenders()
}

async function sleepOneMinute(folder: string): Promise<void> {
  const madeMs: number[] = []
  const stopping = new AbortController()
  const rate = openMovingRate(systemClock)
  const begunMs = performance.now()
  const cpuBefore = process.cpuUsage()
  let [found, toCome, listedMs] = [0, null as number | null, Number.POSITIVE_INFINITY]
  const timer = setTimeout(() => stopping.abort(), WATCHED_MS)
  await runFolder(folder, {
    env: { OIIO_RENDERS_IN_FLIGHT: String(PLACES) },
    picture: sleepingEngine(RENDER_MS),
    observe: (observation) => {
      if (observation.kind !== "made") return
      madeMs.push(performance.now() - begunMs)
      rate(madeMs.length)
    },
    stop: stopping.signal,
    onArrival: (left) => {
      found += 1
      toCome = left
    },
    onListed: () => {
      listedMs = performance.now() - begunMs
      if (!stopping.signal.aborted) toCome = 0
    },
  })
  clearTimeout(timer)
  const cpu = process.cpuUsage(cpuBefore)
  const [firstMs = Number.NaN] = madeMs
  target({ what: "first frame made after", measured: firstMs / 1000, unit: "s", atMost: 2, digits: 2 })
  const untilMs = Math.min(listedMs, WATCHED_MS)
  const during = madeMs.filter((ms) => ms > firstMs && ms < untilMs).length / ((untilMs - firstMs) / 1000)
  const alone = (PLACES * 1000) / RENDER_MS
  row("listed meanwhile", `${found} frames`, `${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of CPU with all else`)
  row("frames a second meanwhile, of the places alone", `${during.toFixed(2)} ${alone.toFixed(2)}`)
  target({
    what: "while it is listed / the places alone",
    measured: during / alone,
    unit: "x",
    atLeast: 0.9,
    digits: 2,
  })
  const counters = { found, toCome, fetched: 0, rendered: madeMs.length, reused: 0, failed: 0 }
  const said = standing(counters, rate(madeMs.length)).msLeft ?? Number.NaN
  const truth = ((FILES - madeMs.length) / alone) * 1000
  row("time left that is said after a minute, and is", `${(said / 1000).toFixed(0)} ${(truth / 1000).toFixed(0)} s`)
  target({ what: "off by a factor of", measured: Math.max(said / truth, truth / said), unit: "", atMost: 2, digits: 2 })
}

/** Frames of 1920x1080 that are measured: the second half of these, once all is warm. */
const LARGE = 160
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)

/** Names of one file: ext4 takes 65,000. */
const MOST_LINKS = 10_000

type Speed = { readonly framesPerSecond: number; readonly cpuMs: number }

/** The same with real renders on all cores, which listing takes its time from. */
async function besideRenders(): Promise<void> {
  heading(`listing: ${LARGE} frames of 1920x1080 half, ZIP, alone and before ${FILES} others, ${ROUNDS} rounds in turn`)
  const place = await mkdtemp(join(tmpdir(), "bench-listing-"))
  try {
    const frame = await grainOf(join(place, "hd.exr"), "1920x1080", "zip")
    const alone = await folderOf(frame, LARGE, join(place, "alone"))
    const beside = await withOthers(alone, join(place, "beside"))
    const rounds: { readonly alone: Speed; readonly beside: Speed }[] = []
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({ alone: await speedOf(alone), beside: await speedOf(beside) })
    const speeds = (which: "alone" | "beside", what: keyof Speed) => median(rounds.map((round) => round[which][what]))
    const both = (what: keyof Speed) => `${speeds("alone", what).toFixed(1)} ${speeds("beside", what).toFixed(1)}`
    row("frames a second: alone, beside", both("framesPerSecond"))
    row("CPU a frame of all processes: alone, beside", `${both("cpuMs")} ms`)
    const [slower, dearer] = (["framesPerSecond", "cpuMs"] as const).map((what) =>
      median(rounds.map((round) => round.beside[what] / round.alone[what])),
    )
    target({ what: "frames a second, beside / alone", measured: slower ?? 0, unit: "x", atLeast: 0.9, digits: 2 })
    row("CPU a frame, beside / alone", `${dearer?.toFixed(2)} x`)
  } finally {
    await rm(place, { recursive: true })
  }
}

/** The frames of a folder, and after them a hundred thousand that are never reached. */
async function withOthers(frames: string, folder: string): Promise<string> {
  await mkdir(folder)
  for (const name of await readdir(frames)) await link(join(frames, name), join(folder, name))
  const other = (number: number): string => join(folder, `other.${String(number).padStart(6, "0")}.exr`)
  for (let number = 0; number < FILES; number++)
    if (number % MOST_LINKS === 0) await writeFile(other(number), tinyFrame(number))
    else await link(other(number - (number % MOST_LINKS)), other(number))
  return folder
}

/** From the middle of the large frames to their end. */
async function speedOf(folder: string): Promise<Speed> {
  await forgotten(folder)
  const stopping = new AbortController()
  const seen: { readonly ms: number; readonly cpu: number }[] = []
  let made = 0
  const observe = (observation: Observation): void => {
    if (observation.kind === "failed") throw new Error(`listing: ${observation.failure.says}`)
    if (observation.kind !== "made") return
    made += 1
    if (made === LARGE / 2 || made === LARGE) seen.push({ ms: performance.now(), cpu: cpuOfAll() })
    if (made === LARGE) stopping.abort()
  }
  await runFolder(folder, { env: {}, picture: (real) => real, observe, stop: stopping.signal })
  const [from, to] = seen
  if (from === undefined || to === undefined) throw new Error(`listing: ${made} of ${LARGE} frames were made`)
  const frames = LARGE / 2
  return { framesPerSecond: (frames * 1000) / (to.ms - from.ms), cpuMs: ((to.cpu - from.cpu) * 1000) / frames }
}

const cpuOfAll = (): number => familyOf(process.pid).reduce((sum, { id }) => sum + cpuSeconds(id), 0)
