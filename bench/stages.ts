import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { besideSources } from "../src/element/output-places.ts"
import { elementCreated } from "../src/events/testing/facts.ts"
import { openMemoryKnownOutputs } from "../src/known-outputs/memory.ts"
import type { EventLog } from "../src/log/index.ts"
import { openMemoryLog } from "../src/log/memory.ts"
import { openInProcessEngine } from "../src/picture/engines/in-process/engine.ts"
import { SETTINGS } from "../src/picture/engines/testing/readings.ts"
import { openScratch, scratchPlaces } from "../src/picture/scratch.ts"
import { openDirectoryStore } from "../src/store/directory.ts"
import { systemClock } from "../src/system/clock.ts"
import { runGroup } from "../topology/flow/run-group.ts"
import { RENDERER } from "../topology/graph.ts"
import type { Observation } from "../topology/ports.ts"
import { folderOf, makeFrame } from "./frames-source.ts"
import { policy } from "./policy.ts"
import { cpuSeconds } from "./processes.ts"
import { heading, median, okOf, row } from "./report.ts"

const FRAMES = 9
const BUCKET = "bench"

/** What one stage took for one frame. CPU includes the tools it started. */
type Cost = { readonly wallMs: number; readonly cpuMs: number }
type Costs = Map<string, Cost[]>

/** What each stage costs one 4K frame: one at a time, so that whatever is used between two steps belongs to the later one. */
export async function benchStages(): Promise<void> {
  heading(
    `stages: one frame of 4096x2160 half RGB with grain (ZIP) at a time, ${FRAMES - 1} frames after one to warm up`,
  )
  const place = await mkdtemp(join(tmpdir(), "bench-stages-"))
  const frames = await folderOf(await makeFrame(place, "zip"), FRAMES, join(place, "frames"))
  const log = openMemoryLog({ clock: systemClock })
  const keys = (await readdir(frames)).sort()
  okOf(await log.append(keys.map((key) => elementCreated({ bucket: BUCKET, key, elementId: key }))))
  const costs: Costs = new Map()
  await renderAll(log, frames, costs)
  await addTools(log, costs)
  for (const [stage, taken] of costs) report(stage, taken.slice(1))
  await rm(place, { recursive: true })
}

async function renderAll(log: EventLog, frames: string, costs: Costs): Promise<void> {
  const stop = new AbortController()
  let left = FRAMES
  const done = (): void => {
    left -= 1
    if (left === 0) stop.abort()
  }
  const ports = {
    log,
    store: okOf(await openDirectoryStore(new Map([[BUCKET, frames]]))),
    picture: okOf(await openInProcessEngine()),
    scratch: await openScratch(scratchPlaces(null)),
    clock: systemClock,
    random: Math.random,
    settingsFor: () => SETTINGS,
    outputsFor: besideSources,
    knownOutputs: openMemoryKnownOutputs(),
    policy: { ...policy, credits: 1 },
    observe: watch(costs, done),
  }
  const failure = await runGroup(RENDERER, ports, { stop: stop.signal, abort: new AbortController().signal })
  if (failure !== null) throw new Error(failure.says)
}

function watch(costs: Costs, done: () => void): (observation: Observation) => void {
  let cpuBefore = cpuSeconds()
  const note = (stage: string, wallMs: number): void => {
    const cpuNow = cpuSeconds()
    const taken = costs.get(stage) ?? []
    costs.set(stage, [...taken, { wallMs, cpuMs: 1000 * (cpuNow - cpuBefore) }])
    cpuBefore = cpuNow
  }
  return (observation) => {
    if (observation.kind === "failed") throw new Error(observation.failure.says)
    if (observation.kind === "taken") cpuBefore = cpuSeconds()
    if (observation.kind === "step") note(observation.step, observation.ms)
    if (observation.kind === "finished") done()
  }
}

/** What the engine says of itself: reading and unpacking, what becomes of the samples, both encodings. */
const PARTS = new Set(["decode", "pixels", "jpeg", "ffmpeg"])

/** The parts of render-outputs, as the facts tell. */
async function addTools(log: EventLog, costs: Costs): Promise<void> {
  for await (const record of log.read("proxy-made")) {
    const { content } = okOf(record)
    if (!("fact" in content) || content.fact.topic !== "proxy-made") continue
    for (const [name, wallMs] of Object.entries(content.fact.value.timingsMs)) {
      if (!PARTS.has(name)) continue
      const stage = `  render-outputs: ${name}`
      costs.set(stage, [...(costs.get(stage) ?? []), { wallMs, cpuMs: Number.NaN }])
    }
  }
}

function report(stage: string, taken: readonly Cost[]): void {
  const cpuMs = taken.reduce((sum, cost) => sum + cost.cpuMs, 0) / taken.length
  const cpu = Number.isNaN(cpuMs) ? "" : `${cpuMs.toFixed(0)} ms CPU`
  row(stage, `${median(taken.map(({ wallMs }) => wallMs)).toFixed(1)} ms`, cpu)
}
