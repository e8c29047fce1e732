import { afterEach, describe, expect, it } from "vitest"
import { failed, failure } from "../../src/events/result.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import type { EventLog } from "../../src/log/index.ts"
import { type Beside, type Driver, drive, type Wrap } from "../../test/driver/index.ts"
import { runGroup } from "../flow/run-group.ts"
import { runRetelling } from "../flow/run-retelling.ts"
import { runWorkflow } from "../flow/run-workflow.ts"
import { ASSEMBLER, REGROUP } from "../graph.ts"
import { sequencerGroup } from "./settle.ts"
import { sequencerPolicy } from "./testing/policy.ts"

const QUIET_MS = 60_000
const HOUR_MS = 3_600_000
const MOVIE = { bucket: "show", key: "sh010/.proxies/beauty_movie.mp4" }

let driver: Driver
afterEach(() => driver.close())

const regrouping: Beside = (ports, stopping) => runRetelling(REGROUP, ports, stopping)
/** Asked seldom, since hours pass here. */
const SEQUENCER = { ...sequencerGroup(sequencerPolicy(QUIET_MS)), tickMs: 20_000 }
const settling: Beside = (ports, stopping) => runWorkflow(SEQUENCER, ports, stopping)
const assembling: Beside = (ports, stopping) => runGroup(ASSEMBLER, ports, stopping)

const start = async (wrap: Wrap = {}): Promise<void> => {
  driver = await drive({ besides: [regrouping, settling, assembling], ...wrap })
}

const keyOf = (frame: number): string => `sh010/beauty.${frame}.exr`

async function arrive(frame: number, text = `frame ${frame}`): Promise<void> {
  await driver.puts(keyOf(frame), text)
  await driver.arrives({ key: keyOf(frame) })
}

const settled = async () => (await driver.facts("sequence-settled")).map(({ made, failed }) => [made, failed])
const told = async () => (await driver.facts("movie-made")).map(({ made, reused }) => [made, reused])
const stitchings = (): number =>
  driver.observed.filter((seen) => seen.kind === "step" && seen.step === "stitch-movie" && seen.ok).length

describe("what must not make a movie too early, twice, wrong or never", () => {
  it("a crash between the movie and its acknowledgement: the same id comes again, and finds it current", async () => {
    let isCrashing = true
    await start({
      store: (store) => ({
        ...store,
        put: async (ref, file, options) => {
          const put = await store.put(ref, file, options)
          if (isCrashing && ref.key === MOVIE.key) void driver.dies()
          return put
        },
      }),
    })
    await arrive(1)
    await arrive(2)
    await driver.passes(2 * QUIET_MS)
    expect(await told()).toEqual([])
    isCrashing = false
    driver.starts()
    await driver.passes(QUIET_MS)
    expect(await told()).toEqual([["1-2", true]])
    expect(stitchings()).toBe(1)
    expect(await settled()).toHaveLength(1)
  })

  it("hours of render backlog: the deadline is held until the last frame that arrived is finished", async () => {
    await start()
    for (const frame of [1, 2, 3]) await arrive(frame, frame === 2 ? `slow ${5 * HOUR_MS}` : `frame ${frame}`)
    await driver.passes(4 * HOUR_MS)
    expect(await settled()).toEqual([])
    await driver.passes(HOUR_MS + 2 * QUIET_MS)
    expect(await settled()).toEqual([["1-3", ""]])
    expect(await told()).toEqual([["1-3", false]])
  })

  it("a frame that never finishes: its sequence waits and says nothing, all others have their movies", async () => {
    await start()
    await arrive(1)
    await arrive(2, `slow ${1e12}`)
    for (const frame of [1, 2]) {
      await driver.puts(`sh020/beauty.${frame}.exr`, `frame ${frame}`)
      await driver.arrives({ key: `sh020/beauty.${frame}.exr` })
    }
    await driver.passes(24 * HOUR_MS)
    expect((await driver.facts("movie-made")).map(({ sequence: { folder } }) => folder)).toEqual(["sh020/"])
  })

  it("an outage of the log, and a replay of all behind it: nothing is settled meanwhile, and one revision afterwards", async () => {
    let isOut = false
    const out = failed(failure("log/unreachable", "The log is away."))
    await start({
      log: (log): EventLog => ({
        ...log,
        append: (records) => (isOut ? Promise.resolve(out) : log.append(records)),
        ends: (topics) => (isOut ? Promise.resolve(out) : log.ends(topics)),
        lag: (group) => (isOut ? Promise.resolve(out) : log.lag(group)),
      }),
    })
    await arrive(1)
    isOut = true
    await driver.puts(keyOf(2), "frame 2")
    await driver.passes(3 * HOUR_MS)
    isOut = false
    await driver.dies()
    driver.starts()
    await driver.arrives({ key: keyOf(2) })
    await driver.passes(QUIET_MS / 2)
    expect(await settled()).toEqual([])
    await driver.passes(2 * QUIET_MS)
    expect(await settled()).toEqual([["1-2", ""]])
  })

  it("regroup being down: the sequencer starves and settles nothing; when it is back, all of it", async () => {
    let isDown = false
    const mayRegroup: Beside = async (ports, stopping) => (isDown ? null : regrouping(ports, stopping))
    await start({ besides: [mayRegroup, settling, assembling] })
    await arrive(1)
    await driver.dies()
    isDown = true
    driver.starts()
    await arrive(2)
    await driver.passes(3 * HOUR_MS)
    expect(await settled()).toEqual([])
    await driver.dies()
    isDown = false
    driver.starts()
    await driver.passes(2 * QUIET_MS)
    expect(await settled()).toEqual([["1-2", ""]])
  })

  it("a lost notification: whoever finds the frame later adds it, and it makes the next revision", async () => {
    await start()
    await arrive(1)
    await driver.puts(keyOf(2), "frame 2")
    await arrive(3)
    await driver.passes(2 * QUIET_MS)
    await driver.arrives({ key: keyOf(2), trigger: "listing" })
    await driver.passes(2 * QUIET_MS)
    expect(await told()).toEqual([
      ["1,3", false],
      ["1-3", false],
    ])
  })

  it("a frame that fails for ever: it is settled as failed and its gap filled; a retry that goes well makes a revision", async () => {
    await start()
    await arrive(1)
    await arrive(2, "damaged")
    await arrive(3)
    await driver.passes(2 * QUIET_MS)
    await driver.puts(keyOf(2), "frame 2")
    await driver.arrives({ key: keyOf(2), trigger: "retry" })
    await driver.passes(2 * QUIET_MS)
    expect(await settled()).toEqual([
      ["1,3", "2"],
      ["1-3", ""],
    ])
    expect((await driver.facts("movie-made")).map(({ movie }) => [movie?.frames, movie?.held])).toEqual([
      [3, "2"],
      [3, ""],
    ])
    expect(unwrap(await driver.store.head(MOVIE)).metadata.revision).toBe(
      (await driver.facts("movie-made")).at(-1)?.revision,
    )
  })

  it("clocks of intakes that disagree by hours: what came last, by the store's clock, is what the movie shows", async () => {
    await start()
    const ahead = driver.store.nowMs() + 5 * HOUR_MS
    await arrive(1)
    await driver.puts(keyOf(2), "frame 2")
    await driver.arrives({ key: keyOf(2), arrivedAtMs: ahead })
    await driver.passes(1000)
    await arrive(2, "frame 2 anew")
    await driver.passes(2 * QUIET_MS)
    const bytes = unwrap(await driver.store.readRange(MOVIE, { start: 0, end: 1000 }))
    expect(Buffer.from(bytes).toString()).toBe("proxy of frame 1\nproxy of frame 2 anew")
  })
})
