import { readdirSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { benchFloor } from "./frames-floor.ts"
import { peakMemory } from "./frames-memory.ts"
import { framesOf, likeness, openPeer, ourEnvironment, ourLine, type Peer, peersLine } from "./peers-pipeline.ts"
import { type PeersRow, ROWS } from "./peers-rows.ts"
import type { Took } from "./processes.ts"
import { heading, median, row, target } from "./report.ts"

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const FRAMES = Number(process.env.BENCH_FRAMES ?? 12)
/** Names of rows between commas; all without it. */
const WANTED = (process.env.BENCH_ROWS ?? "").split(",").filter((name) => name !== "")

/** As near as two encodes of one picture come. */
const LEAST_DECIBELS = 49

/**
 * The whole line beside the pipeline that somebody would write in an afternoon on well-kept Python packages, in turn over
 * the same frames. BENCH_ROWS=zip,piz, BENCH_FRAMES and BENCH_ROUNDS measure less.
 */
export async function benchPeers(): Promise<void> {
  const unknown = WANTED.find((name) => ROWS.every((known) => known.name !== name))
  if (unknown !== undefined)
    throw new Error(`There is no row ${unknown}. Rows: ${ROWS.map(({ name }) => name).join(", ")}.`)
  const peer = await openPeer()
  if (typeof peer === "string") return console.log(peer)
  for (const each of ROWS.filter(({ name }) => WANTED.length === 0 || WANTED.includes(name))) await benchRow(each, peer)
}

async function benchRow(measured: PeersRow, peer: Peer): Promise<void> {
  heading(`peers: ${measured.name}, ${FRAMES} frames of ${measured.says}, ${availableParallelism()} cores`)
  const place = await mkdtemp(join(tmpdir(), "bench-peers-"))
  try {
    const where = { place, peer }
    const frames = await framesOf(measured, FRAMES, where)
    const ours: Took[] = []
    const theirs: Took[] = []
    for (let round = 0; round < ROUNDS; round++) {
      theirs.push(await peersLine(frames, where))
      ours.push(await ourLine(frames, where))
    }
    report(measured, { ours, theirs })
    const what = "PSNR of our proxy against the peer's"
    target({ what, measured: await likeness(frames, where), unit: "dB", atLeast: LEAST_DECIBELS })
    await benchFloor(firstOf(frames))
    if (measured.mostMegabytes !== null)
      await peakMemory(frames, 2, { mostMegabytes: measured.mostMegabytes, env: await ourEnvironment(place) })
  } finally {
    await rm(place, { recursive: true })
  }
}

const firstOf = (frames: string): string => {
  const name = readdirSync(frames).find((each) => each.startsWith("frame."))
  if (name === undefined) throw new Error("peers: there is no frame.")
  return join(frames, name)
}

type Runs = { readonly ours: readonly Took[]; readonly theirs: readonly Took[] }

function report({ goal }: PeersRow, { ours, theirs }: Runs): void {
  for (const [who, runs] of [
    ["ours", ours],
    ["the peer", theirs],
  ] as const) {
    const cpu = runs.map(({ cpuSeconds }) => (1000 * cpuSeconds) / FRAMES)
    const speed = median(runs.map(({ wallSeconds }) => FRAMES / wallSeconds))
    const each = cpu.map((ms) => ms.toFixed(0)).join(", ")
    row(
      `${who}, CPU a frame`,
      `${median(cpu).toFixed(0)} ms`,
      `${speed.toFixed(2)} frames a second; each run: ${each} ms`,
    )
  }
  // Of each round by itself: what else the machine does changes from round to round.
  const ratio = (number: (took: Took) => number): number =>
    median(ours.map((took, round) => number(took) / number(theirs[round] ?? took)))
  const digits = 2
  const cpu = ratio(({ cpuSeconds }) => cpuSeconds)
  target({ what: "CPU, ours over the peer's", measured: cpu, unit: "x", atMost: goal, digits })
  const wall = ratio(({ wallSeconds }) => wallSeconds)
  target({ what: "time, ours over the peer's", measured: wall, unit: "x", atMost: goal, digits })
}
