import { afterEach, describe, expect, it } from "vitest"
import type { SequenceSettled } from "../../src/events/records.generated.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import { type Driver, drive, type Wrap } from "../../test/driver/index.ts"
import { runGroup } from "../flow/run-group.ts"
import { runRetelling } from "../flow/run-retelling.ts"
import { runWorkflow } from "../flow/run-workflow.ts"
import { ASSEMBLER, REGROUP } from "../graph.ts"
import { sequencerGroup } from "./settle.ts"
import { sequencerPolicy } from "./testing/policy.ts"

const QUIET_MS = 60_000

let driver: Driver
afterEach(() => driver.close())

const start = async (wrap: Wrap = {}): Promise<void> => {
  driver = await drive({
    besides: [
      (ports, stopping) => runRetelling(REGROUP, ports, stopping),
      (ports, stopping) => runWorkflow(sequencerGroup(sequencerPolicy(QUIET_MS)), ports, stopping),
      (ports, stopping) => runGroup(ASSEMBLER, ports, stopping),
    ],
    ...wrap,
  })
}

async function arriveAll(...frames: readonly number[]): Promise<void> {
  for (const frame of frames) {
    const key = `sh010/beauty.${String(frame).padStart(4, "0")}.exr`
    await driver.puts(key, `frame ${frame}`)
    await driver.arrives({ key })
  }
  await driver.passes(2 * QUIET_MS)
}

describe("the movie of a sequence", () => {
  it("has the sound of a WAV beside its frames, and is made anew when that is another one", async () => {
    await start()
    const [made, settle] = [
      async () => (await driver.facts("movie-made")).map(({ movie, reused }) => [movie?.sound?.channels, reused]),
      async () => {
        const settled = (await driver.facts("sequence-settled")).at(-1)
        await driver.log.append([{ topic: "sequence-settled", value: settled as SequenceSettled }])
        await driver.passes(1000)
      },
    ]
    await driver.puts("sh010/beauty.wav", "ab")
    await arriveAll(1, 2)
    const [first] = await driver.facts("movie-made")
    const head = unwrap(await driver.store.head({ bucket: "show", key: "sh010/beauty.wav" }))
    expect(first?.movie?.sound).toEqual({
      ...{ key: "sh010/beauty.wav", sourceVersion: head.sourceVersion, channels: 2, sampleRate: 48_000 },
    })
    await settle()
    await driver.puts("sh010/beauty.wav", "abcdef")
    await settle()
    await settle()
    const [, again] = await driver.facts("movie-made")
    expect(again).toEqual({ ...first, reused: true })
    expect(await made()).toEqual([
      [2, false],
      [2, true],
      [6, false],
      [6, true],
    ])
  })

  it.each<[string, Wrap, string, object]>([
    ["another name by rule", { soundFor: () => "mix.wav" }, "sh010/mix.wav", { sound: { key: "sh010/mix.wav" } }],
    ["none by rule", { soundFor: () => null }, "sh010/beauty.wav", { sound: null, warnings: [] }],
    [
      "none of a WAV beyond the limit",
      { policy: { mostSourceBytes: 100 } },
      "sh010/beauty.wav",
      { sound: null, warnings: ["No sound: it is larger than the limit of 100 bytes."] },
    ],
  ])("has the sound of %s", async (_, wrap, key, movie) => {
    await start(wrap)
    await driver.puts(key, "a".repeat(101))
    await arriveAll(1, 2)
    expect((await driver.facts("movie-made"))[0]?.movie).toMatchObject(movie)
  })
})
