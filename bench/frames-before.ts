import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PROGRAM, wholeLine } from "./frames-line.ts"
import { folderOf, KINDS, type Kind } from "./frames-source.ts"
import type { Took } from "./processes.ts"
import { heading, median, row } from "./report.ts"

/** Runs of each version, one after the other in turn. */
const ROUNDS = 5
const FRAMES = 8

/**
 * The whole line beside that of another checkout, BENCH_BEFORE, in turn over the same frames: what a change costs, whatever
 * else the machine does. BENCH_KIND measures only kinds whose names hold it.
 */
export async function benchFramesBefore(): Promise<void> {
  const before = process.env.BENCH_BEFORE
  if (before === undefined) return console.log("frames-before: BENCH_BEFORE names no other checkout; left out.")
  const wanted = process.env.BENCH_KIND ?? ""
  for (const kind of KINDS.filter(({ name }) => name.includes(wanted)))
    await benchKind(kind, join(before, "bin/oiio-proxy-generator"))
}

async function benchKind(kind: Kind, before: string): Promise<void> {
  heading(`frames before and now: ${FRAMES} frames of ${kind.name}, with grain, ${ROUNDS} rounds`)
  const place = await mkdtemp(join(tmpdir(), "bench-frames-"))
  try {
    const frame = await kind.make(place)
    if (frame === null) return console.log("This machine has no such frame.")
    const frames = await folderOf(frame, FRAMES, join(place, "frames"))
    const runs: { readonly before: Took[]; readonly now: Took[] } = { before: [], now: [] }
    for (let round = 0; round < ROUNDS; round++) {
      runs.before.push(await wholeLine(frames, "in-process", before))
      runs.now.push(await wholeLine(frames, "in-process", PROGRAM))
    }
    report(runs)
  } finally {
    await rm(place, { recursive: true })
  }
}

function report({ before, now }: { readonly before: readonly Took[]; readonly now: readonly Took[] }): void {
  for (const [what, number] of [
    ["CPU", ({ cpuSeconds }: Took): number => cpuSeconds],
    ["time", ({ wallSeconds }: Took): number => wallSeconds],
  ] as const) {
    const [then, since] = [before, now].map((runs) => median(runs.map((took) => number(took) / FRAMES)))
    // Of each round by itself: what else the machine does changes from round to round.
    const ratio = median(now.map((took, round) => number(took) / number(before[round] ?? took)))
    const medians = `before ${then?.toFixed(3)} s, now ${since?.toFixed(3)} s a frame`
    row(`${what}, now over before`, `${ratio.toFixed(3)}x`, medians)
  }
}
