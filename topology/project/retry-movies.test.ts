import { afterEach, expect, it } from "vitest"
import { collect, failed, failure } from "../../src/events/result.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import { type Driver, drive } from "../../test/driver/index.ts"
import { runGroup } from "../flow/run-group.ts"
import { runRetelling } from "../flow/run-retelling.ts"
import { runWorkflow } from "../flow/run-workflow.ts"
import { ASSEMBLER, REGROUP } from "../graph.ts"
import { sequencerGroup } from "../sequence/settle.ts"
import { sequencerPolicy } from "../sequence/testing/policy.ts"
import { settledAgain } from "./retry-movies.ts"

const QUIET_MS = 60_000

let driver: Driver
afterEach(() => driver.close())

it("a movie that failed is made when it is tried again, of which its row tells, and nothing is settled besides", async () => {
  let isBroken = true
  const broken = failed(failure("sequence/too-long", "The test says so."))
  driver = await drive({
    movies: (movies) => ({ ...movies, stitch: (order) => (isBroken ? Promise.resolve(broken) : movies.stitch(order)) }),
    besides: [
      (ports, stopping) => runRetelling(REGROUP, ports, stopping),
      (ports, stopping) => runWorkflow(sequencerGroup(sequencerPolicy(QUIET_MS)), ports, stopping),
      (ports, stopping) => runGroup(ASSEMBLER, ports, stopping),
    ],
  })
  for (const frame of [1, 2]) {
    await driver.puts(`sh010/beauty.${frame}.exr`, `frame ${frame}`)
    await driver.arrives({ key: `sh010/beauty.${frame}.exr` })
  }
  await driver.passes(2 * QUIET_MS)
  const rows = async () => unwrap(await collect(driver.table.sequences()))
  expect(await rows()).toMatchObject([{ state: "failed", failure_code: "sequence/too-long" }])

  isBroken = false
  const again = unwrap(await settledAgain(driver.log, await rows(), driver.store.nowMs()))
  expect(again).toHaveLength(1)
  unwrap(await driver.log.append(again))
  await driver.passes(2 * QUIET_MS)
  expect(await rows()).toMatchObject([{ state: "made", failure_code: null, movie_frames: 2 }])
  const settled = await driver.facts("sequence-settled")
  expect(settled.map(({ revision }) => revision)).toEqual([settled[0]?.revision, settled[0]?.revision])
  expect(new Set((await driver.facts("movie-made")).map(({ factId }) => factId)).size).toBe(2)
})
