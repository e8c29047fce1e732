import { afterEach, expect, it } from "vitest"
import { type Frames, FULL_PROXIES, openFrames } from "../machine/frames.ts"
import { start } from "../machine/process.ts"
import { type Evidence, evidenceOf } from "./evidence.ts"
import {
  argv,
  type Bench,
  benchOf,
  type Extent,
  forget,
  type Hit,
  type Instant,
  killed,
  stored,
  undisturbed,
} from "./kills.ts"
import { namesIn } from "./left-over.ts"
import { seeded } from "./seeded.ts"

/** `make test-crash` asks for 50. A seed that failed is given back to repeat its instants. */
const KILLS = Number(process.env.CRASH_KILLS ?? 10)
const SEED = Number(process.env.CRASH_SEED ?? Math.trunc(Math.random() * 2 ** 31))

const SHOW = {
  "a/beauty.0001.exr": "window",
  "a/beauty.0002.exr": "shifted",
  "a/beauty.0003.exr": "stretched",
  "a/beauty.0001.tif": "flower",
  "b/ramp.exr": "grey",
  "b/rings.exr": "rings",
  "b/scan.tif": "quad",
  "b/broken.exr": "damaged",
} as const

/** Two of each frame but the broken one, and of the one sequence its movie, manifest, poster, and sheet with its cues. */
const wantedOutputs = 2 * (Object.keys(SHOW).length - 1) + 5

let frames: Frames
afterEach(() => frames.remove())

const say = (text: string): void => void process.stderr.write(`crash test: ${text}\n`)

const where = ({ frames: { dir }, state }: Bench) => ({ dir, state })

/** Odd ones by the clock, even ones at a change of a file: renders take long, but what is stored and committed does not. */
const instantOf = (index: number, random: number, { durationMs, changes }: Extent): Instant =>
  index % 2 === 0 ? { afterMs: random * durationMs } : { atChange: 1 + Math.floor(random * changes) }

/** What is still to be done, as part of the undisturbed run's extent; a start takes its time even where little is left. */
const remaining = (bench: Bench, { durationMs, changes }: Extent): Extent => {
  const left = 1 - stored(bench) / wantedOutputs
  return { durationMs: durationMs * Math.max(left, 0.4), changes: changes * Math.max(left, 0.1) }
}

/** Kills run after run; whenever one has come to its end all the same, compares and begins anew. */
async function killAgainAndAgain(bench: Bench, extent: Extent, compare: () => Promise<void>): Promise<readonly Hit[]> {
  const random = seeded(SEED)
  const hits: Hit[] = []
  while (hits.length < KILLS) {
    const hit = await killed(bench, instantOf(hits.length, random(), remaining(bench, extent)), 1)
    if (hit === null) {
      await compare()
      forget(bench)
    } else hits.push(hit)
  }
  return hits
}

async function finish(bench: Bench): Promise<Evidence> {
  const ended = await start(argv(bench), { env: FULL_PROXIES }).ended
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("b/broken.exr: picture/damaged") })
  return evidenceOf(where(bench))
}

const count = (hits: readonly Hit[], what: keyof Hit): number => hits.filter((hit) => hit[what] > 0).length

it(`leaves the same after ${KILLS} kills as a run that nobody disturbs`, { timeout: 30 * 60_000 }, async () => {
  say(`${KILLS} kills, CRASH_SEED=${SEED}`)
  frames = openFrames(SHOW)
  const bench = benchOf(frames)
  const extent = await undisturbed(bench)
  expect(extent.ended.code).toBe(1)
  const wanted = await evidenceOf(where(bench))
  expect(wanted).toMatchObject({
    states: { queued: 0, done: 7, failed: 1 },
    unread: 0,
    sidecars: wantedOutputs,
    strays: [],
  })
  // Of each frame its arrival, then four facts and its header's; of the broken one that it was fetched and failed both ways.
  // Of each of four numbered frames two for its sequence; of two sequences that they are complete, of one its movie.
  expect(wanted.facts.length).toBe(8 + 7 * 5 + 3 + 4 * 2 + 2 + 1)
  forget(bench)
  let compared = 0
  const hits = await killAgainAndAgain(bench, extent, async () => {
    expect(await evidenceOf(where(bench))).toEqual(wanted)
    compared += 1
  })
  expect(await finish(bench)).toEqual(wanted)
  expect(namesIn(bench.scratch)).toEqual([])
  say(
    `${count(hits, "makers")} hit a process that made pictures, ${count(hits, "jobs")} left a job's folder, ` +
      `${count(hits, "uploads")} a half-stored output; compared ${compared + 1} times`,
  )
})
