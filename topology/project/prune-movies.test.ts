import { afterEach, describe, expect, it } from "vitest"
import { besideSources } from "../../src/element/output-places.ts"
import { collect } from "../../src/events/result.ts"
import { removalReported } from "../../src/events/testing/facts.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import { type Driver, drive } from "../../test/driver/index.ts"
import { runGroup } from "../flow/run-group.ts"
import { runRetelling } from "../flow/run-retelling.ts"
import { runWorkflow } from "../flow/run-workflow.ts"
import { ASSEMBLER, REGROUP } from "../graph.ts"
import { sequencerGroup } from "../sequence/settle.ts"
import { sequencerPolicy } from "../sequence/testing/policy.ts"
import { prunable, prune } from "./prune.ts"

const QUIET_MS = 60_000
const MOVIE = "sh010/.proxies/beauty_movie.mp4"
const MANIFEST = "sh010/.proxies/beauty_sequence.json"

let driver: Driver
afterEach(() => driver.close())

async function start(...frames: readonly number[]): Promise<void> {
  driver = await drive({
    besides: [
      (ports, stopping) => runRetelling(REGROUP, ports, stopping),
      (ports, stopping) => runWorkflow(sequencerGroup(sequencerPolicy(QUIET_MS)), ports, stopping),
      (ports, stopping) => runGroup(ASSEMBLER, ports, stopping),
    ],
  })
  await arrive(...frames)
}

const keyOf = (frame: number): string => `sh010/beauty.${frame}.exr`

async function arrive(...frames: readonly number[]): Promise<void> {
  for (const frame of frames) {
    await driver.puts(keyOf(frame), `frame ${frame}`)
    await driver.arrives({ key: keyOf(frame) })
  }
  await driver.passes(2 * QUIET_MS)
}

async function remove(...frames: readonly number[]): Promise<void> {
  for (const frame of frames) {
    driver.store.erase({ bucket: "show", key: keyOf(frame) })
    const elementId = `removal of ${frame}`
    unwrap(
      await driver.log.append([removalReported({ elementId, key: keyOf(frame), arrivedAtMs: driver.store.nowMs() })]),
    )
  }
  await driver.passes(2 * QUIET_MS)
}

const portsOf = () => ({ ...driver, outputsFor: besideSources, generatorVersion: "3.0.0" })

const movies = async () =>
  unwrap(await collect(prunable(portsOf(), {}))).flatMap((one) => (one.kind === "movie" ? [one] : []))

const rows = async () =>
  unwrap(await collect(driver.table.sequences())).map((row) => [row.state, row.frames_made, row.movie_key])

describe.each([
  ["to one frame", [2, 3], "1"],
  ["to none", [1, 2, 3], ""],
])("a sequence that shrinks %s", (_, gone, left) => {
  it("has no movie any more, of which a fact and its row tell, and one that is left behind for prune to delete", async () => {
    await start(1, 2, 3)
    expect(await movies()).toEqual([])
    await remove(...gone)
    const told = (await driver.facts("movie-made")).map(({ made, movie, failure }) => [made, movie?.frames, failure])
    expect(told).toEqual([
      ["1-3", 3, null],
      [left, undefined, null],
    ])
    expect(await rows()).toEqual([["settled", left, null]])
    const found = await movies()
    expect(found.map(({ output }) => output.key)).toEqual(expect.arrayContaining([MOVIE, MANIFEST]))
    for (const one of found) expect(unwrap(await prune(portsOf(), one))).toBe(true)
    expect(await movies()).toEqual([])
    expect((await driver.store.head({ bucket: "show", key: MOVIE })).ok).toBe(false)
  })

  it("and grows again has its movie again, which nobody prunes", async () => {
    await start(1, 2, 3)
    await remove(...gone)
    const found = await movies()
    await arrive(...gone)
    expect(await movies()).toEqual([])
    for (const one of found) expect(unwrap(await prune(portsOf(), one))).toBe(false)
    expect(await rows()).toEqual([["made", "1-3", MOVIE]])
    expect((await driver.store.head({ bucket: "show", key: MOVIE })).ok).toBe(true)
  })
})
