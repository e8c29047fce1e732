import type { Observation } from "../topology/ports.ts"
import { runFolder, withFrames } from "./folder-line.ts"
import { sleepingEngine, tinyFrame } from "./orchestration.ts"
import { heading, row, target } from "./report.ts"

const FILES = 100_000
const PLACES = 2
const RENDER_MS = 240
const WATCHED_MS = 60_000

/** How a folder of very many frames begins: the first frame, and what its listing takes from the renders. */
export async function benchListing(): Promise<void> {
  heading(`listing: a folder of ${FILES} frames, an engine that sleeps ${RENDER_MS} ms, ${PLACES} places, one minute`)
  await withFrames({ frames: FILES, bytesOf: tinyFrame }, runOneMinute)
}

async function runOneMinute(folder: string): Promise<void> {
  const madeMs: number[] = []
  const stopping = new AbortController()
  const observe = (observation: Observation): void => {
    if (observation.kind === "made") madeMs.push(performance.now() - begunMs)
  }
  const begunMs = performance.now()
  let listedMs = WATCHED_MS
  const timer = setTimeout(() => stopping.abort(), WATCHED_MS)
  await runFolder(folder, {
    env: { OIIO_RENDERS_IN_FLIGHT: String(PLACES) },
    picture: sleepingEngine(RENDER_MS),
    observe,
    stop: stopping.signal,
    onListed: () => {
      listedMs = performance.now() - begunMs
    },
  })
  clearTimeout(timer)
  const during = madeMs.filter((ms) => ms < listedMs).length / (listedMs / 1000)
  const after = madeMs.filter((ms) => ms >= listedMs && ms < WATCHED_MS).length / ((WATCHED_MS - listedMs) / 1000)
  target({
    what: "first frame made after",
    measured: (madeMs[0] ?? Number.NaN) / 1000,
    unit: "s",
    atMost: 2,
    digits: 2,
  })
  row("listed after", `${(listedMs / 1000).toFixed(1)} s`)
  row("frames a second while it was listed, after", `${during.toFixed(2)} ${after.toFixed(2)}`)
  target({ what: "while it was listed / after", measured: during / after, unit: "x", atLeast: 0.9, digits: 2 })
}
