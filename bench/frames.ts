import { mkdtemp, rm } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { benchFloor } from "./frames-floor.ts"
import { type EngineName, wholeLine } from "./frames-line.ts"
import { peakMemory } from "./frames-memory.ts"
import { reference, referenceMissing } from "./frames-reference.ts"
import { folderOf, KINDS, type Kind, makeHuge } from "./frames-source.ts"
import { type Took, timed } from "./processes.ts"
import { heading, median, row, target } from "./report.ts"

/** Each round is one run of everything; the in-process engine runs once more at the end, so that it stands on both sides. */
const ROUNDS = 2

const LIMITS = { mostMegabytes: 1500 }

/** The whole line, by the command that people type, on both engines and against the reference function's five processes. */
export async function benchFrames(): Promise<void> {
  const missing = await referenceMissing()
  if (missing !== null) console.log(missing)
  for (const kind of KINDS) await benchKind(kind, { rounds: ROUNDS, isReferenceThere: missing === null })
  await benchHuge()
}

/** One frame of sixteen thousand columns, for its memory. */
async function benchHuge(): Promise<void> {
  heading("frames: one of 16384x8640 half, with grain")
  const place = await mkdtemp(join(tmpdir(), "bench-frames-"))
  try {
    for (const compression of ["zip", "piz", "dwaa"] as const) {
      const frame = await makeHuge(place, compression)
      console.log(compression.toUpperCase())
      await peakMemory(await folderOf(frame, 1, join(place, compression)), 1, LIMITS)
      await rm(frame)
    }
  } finally {
    await rm(place, { recursive: true })
  }
}

type How = { readonly rounds: number; readonly isReferenceThere: boolean }

export async function benchKind(kind: Kind, how: How): Promise<void> {
  heading(`frames: ${kind.frames} frames of ${kind.name}, with grain, ${availableParallelism()} cores`)
  const place = await mkdtemp(join(tmpdir(), "bench-frames-"))
  try {
    const frame = await kind.make(place)
    if (frame === null) return console.log("This machine has no such frame.")
    const frames = await folderOf(frame, kind.frames, join(place, "frames"))
    const runs = await interleaved(kind, { frames, scratch: join(place, "scratch"), how })
    report(kind, runs)
    await benchFloor(frame)
    if (kind === KINDS[0]) await peakMemory(frames, 4, LIMITS)
  } finally {
    await rm(place, { recursive: true })
  }
}

type Runs = Readonly<Record<EngineName | "reference", readonly Took[]>>

async function interleaved(
  { targets }: Kind,
  { frames, scratch, how }: { readonly frames: string; readonly scratch: string; readonly how: How },
): Promise<Runs> {
  const runs: Record<keyof Runs, Took[]> = { "in-process": [], oiiotool: [], reference: [] }
  for (let round = 0; round < how.rounds; round++) {
    runs["in-process"].push(await wholeLine(frames, "in-process"))
    runs.oiiotool.push(await wholeLine(frames, "oiiotool"))
    if (how.isReferenceThere && targets !== null) runs.reference.push(await timed(() => reference(frames, scratch)))
  }
  runs["in-process"].push(await wholeLine(frames, "in-process"))
  return runs
}

const NAMES: Readonly<Record<keyof Runs, string>> = {
  "in-process": "in-process engine",
  oiiotool: "recipe on oiiotool",
  reference: "reference",
}

function report({ frames, targets }: Kind, runs: Runs): void {
  const cpuOf = ({ cpuSeconds }: Took): number => cpuSeconds / frames
  const speedOf = ({ wallSeconds }: Took): number => frames / wallSeconds
  for (const name of ["in-process", "oiiotool", "reference"] as const) {
    const took = runs[name]
    if (took.length === 0) continue
    row(`${NAMES[name]}, CPU per frame`, `${median(took.map(cpuOf)).toFixed(2)} s`, `each run: ${each(took, cpuOf)}`)
    row("  frames a second", median(took.map(speedOf)).toFixed(2), `each run: ${each(took, speedOf)}`)
  }
  if (targets === null || runs.reference.length === 0) return
  const [ours, theirs] = [runs["in-process"], runs.reference]
  const lessCpu = median(theirs.map(cpuOf)) / median(ours.map(cpuOf))
  const moreFrames = median(ours.map(speedOf)) / median(theirs.map(speedOf))
  target({ what: "less CPU per frame than the reference", measured: lessCpu, unit: "x", atLeast: targets.lessCpu })
  target({ what: "more frames a second", measured: moreFrames, unit: "x", atLeast: targets.moreFrames })
}

const each = (runs: readonly Took[], number: (took: Took) => number): string =>
  runs.map((took) => number(took).toFixed(2)).join(", ")
