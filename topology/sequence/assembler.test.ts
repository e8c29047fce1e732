import { afterEach, describe, expect, it } from "vitest"
import type { GapPolicy } from "../../src/element/frame-ranges.ts"
import type { SequenceSettled } from "../../src/events/records.generated.ts"
import { failed, failure } from "../../src/events/result.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import { type Beside, type Driver, drive, type Wrap } from "../../test/driver/index.ts"
import { runGroup } from "../flow/run-group.ts"
import { runRetelling } from "../flow/run-retelling.ts"
import { runWorkflow } from "../flow/run-workflow.ts"
import { ASSEMBLER, REGROUP } from "../graph.ts"
import { sequencerGroup } from "./settle.ts"
import { sequencerPolicy } from "./testing/policy.ts"

const QUIET_MS = 60_000

let driver: Driver
afterEach(() => driver.close())

const sequences = (gaps: GapPolicy = "hold"): readonly Beside[] => [
  (ports, stopping) => runRetelling(REGROUP, ports, stopping),
  (ports, stopping) => runWorkflow(sequencerGroup(sequencerPolicy(QUIET_MS, { gaps })), ports, stopping),
  (ports, stopping) => runGroup(ASSEMBLER, ports, stopping),
]

const start = async (wrap: Wrap = {}, gaps?: GapPolicy): Promise<void> => {
  driver = await drive({ besides: sequences(gaps), ...wrap })
}

const keyOf = (frame: number, ending = "exr"): string => `sh010/beauty.${String(frame).padStart(4, "0")}.${ending}`

async function arrive(frame: number, text = `frame ${frame}`): Promise<void> {
  await driver.puts(keyOf(frame), text)
  await driver.arrives({ key: keyOf(frame) })
}

async function arriveAll(...frames: readonly number[]): Promise<void> {
  for (const frame of frames) await arrive(frame)
  await driver.passes(2 * QUIET_MS)
}

async function textAt(key: string): Promise<string> {
  const bytes = await driver.store.readRange({ bucket: "show", key }, { start: 0, end: 100_000 })
  return Buffer.from(unwrap(bytes)).toString()
}

const shown = async (key = "sh010/.proxies/beauty_movie.mp4"): Promise<readonly string[]> =>
  (await textAt(key)).split("\n").map((line) => line.replace("proxy of ", ""))

const outcomes = async () =>
  (await driver.facts("movie-made")).map(({ made, movie, failure }) => [made, movie?.frames ?? failure?.code])

const putsOf = () => driver.observed.filter((seen) => seen.kind === "step" && seen.step === "stitch-movie").length

describe("a settled sequence", () => {
  it("becomes a movie of its proxies, beside its frames, with a manifest of all that it is made of", async () => {
    await start()
    await arriveAll(3, 1, 2)
    expect(await shown()).toEqual(["frame 1", "frame 2", "frame 3"])
    const [fact] = await driver.facts("movie-made")
    expect(fact).toMatchObject({
      ...{ made: "1-3", failed: "", missing: "", gaps: "hold", reused: false, failure: null },
      movie: { key: "sh010/.proxies/beauty_movie.mp4", frames: 3, held: "", frameRate: { num: 24, den: 1 } },
    })
    const manifest = JSON.parse(await textAt(fact?.movie?.manifestKey ?? "")) as { frames: object[] }
    const proxies = await driver.facts("proxy-made")
    expect(manifest).toMatchObject({ revision: fact?.revision, made: "1-3" })
    expect(manifest.frames).toHaveLength(3)
    expect(fact?.movie?.beside.map(({ name, key }) => [name, key])).toEqual([
      ["poster", "sh010/.proxies/beauty_poster.jpg"],
      ["sprites", "sh010/.proxies/beauty_sprites.jpg"],
      ["sprites_vtt", "sh010/.proxies/beauty_sprites.vtt"],
    ])
    expect(await textAt("sh010/.proxies/beauty_poster.jpg")).toBe("middle of 3: proxy of frame 2")
    expect((await textAt("sh010/.proxies/beauty_sprites.jpg")).split("\n")).toEqual(
      [1, 2, 3].map((frame) => `thumbnail of frame ${frame}`),
    )
    const [, , last] = manifest.frames
    const made = proxies.find(({ element }) => element.key === keyOf(3))
    expect(last).toMatchObject({
      ...{ frame: 3, key: keyOf(3), renderKey: made?.renderKey, sourceVersion: made?.source.sourceVersion },
      proxy: { key: made?.proxy.key },
    })
  })

  it.each<[GapPolicy, readonly string[] | string]>([
    ["hold", ["frame 1", "frame 1", "frame 1", "frame 4"]],
    ["skip", ["frame 1", "frame 4"]],
    ["error", "sequence/incomplete"],
  ])("shows in the place of frames that are not there what the setting says: %s", async (gaps, wanted) => {
    await start({}, gaps)
    await arrive(2, "damaged")
    await arriveAll(1, 4)
    const [fact] = await driver.facts("movie-made")
    expect(fact).toMatchObject({ failed: "2", missing: "3" })
    if (typeof wanted === "string") expect(fact).toMatchObject({ movie: null, failure: { code: wanted } })
    else expect(await shown()).toEqual(wanted)
    if (gaps === "hold") expect(fact?.movie?.held).toBe("2-3")
  })

  it("is made anew for a frame that was replaced, and gives what a run in one go gives", async () => {
    await start()
    await arriveAll(1, 2, 3)
    await arrive(2, "frame 2 anew")
    await driver.passes(2 * QUIET_MS)
    expect(await shown()).toEqual(["frame 1", "frame 2 anew", "frame 3"])
    expect(await outcomes()).toEqual([
      ["1-3", 3],
      ["1-3", 3],
    ])
  })

  it("has no movie of one frame, nor of none", async () => {
    await start()
    await arriveAll(1)
    expect(await outcomes()).toEqual([])
    expect(await driver.facts("sequence-settled")).toHaveLength(1)
    expect(await driver.lag("assembler")).toBe(0)
  })

  it("that is settled again as its movie is has nothing stitched, and is told of once more", async () => {
    await start()
    await arriveAll(1, 2)
    const [settled] = await driver.facts("sequence-settled")
    const again = { topic: "sequence-settled", value: settled as SequenceSettled } as const
    await driver.log.append([again])
    await driver.passes(1000)
    const [first, second] = await driver.facts("movie-made")
    expect(second).toEqual({ ...first, reused: true })
    expect(putsOf()).toBe(1)
  })

  it("that comes behind a later revision is passed over", async () => {
    await start()
    await arriveAll(1, 2)
    const [settled] = await driver.facts("sequence-settled")
    await arriveAll(3)
    await driver.log.append([{ topic: "sequence-settled", value: settled as SequenceSettled }])
    await driver.passes(1000)
    expect(await shown()).toEqual(["frame 1", "frame 2", "frame 3"])
    expect(await outcomes()).toEqual([
      ["1-2", 2],
      ["1-3", 3],
    ])
  })

  it("whose frame is replaced before its movie is made is superseded, not failed", async () => {
    let isHeld = true
    const assemble: Beside = async (ports, stopping) => {
      if (isHeld) return null
      return runGroup(ASSEMBLER, ports, stopping)
    }
    await start({ besides: [...sequences().slice(0, 2), assemble] })
    await arriveAll(1, 2)
    await arrive(2, "frame 2 anew")
    await driver.dies()
    isHeld = false
    driver.starts()
    await driver.passes(10_000)
    expect(await outcomes()).toEqual([])
    await driver.passes(2 * QUIET_MS)
    expect(await outcomes()).toEqual([["1-2", 2]])
    expect(await shown()).toEqual(["frame 1", "frame 2 anew"])
  })

  it("whose proxy is gone behind our back says which frame's", async () => {
    let isGone = true
    const gone = "sh010/.proxies/beauty.0002_proxy.mp4"
    await start({
      store: (store) => ({
        ...store,
        head: (ref) =>
          isGone && ref.key === gone && isAssembling()
            ? Promise.resolve(failed(failure("store/missing", "Nothing is there.")))
            : store.head(ref),
      }),
    })
    const isAssembling = (): boolean =>
      driver.observed.some((seen) => seen.kind === "step" && seen.step === "locate-movie")
    await arriveAll(1, 2, 3)
    const [fact] = await driver.facts("movie-made")
    expect(fact).toMatchObject({
      movie: null,
      failure: { code: "sequence/proxy-missing", says: expect.stringContaining("frames 2 ") },
    })
    isGone = false
    expect(await driver.lag("assembler")).toBe(0)
  })

  it("is made anew where something that belongs to it is gone", async () => {
    await start()
    await arriveAll(1, 2)
    const poster = { bucket: "show", key: "sh010/.proxies/beauty_poster.jpg" }
    const { etag } = unwrap(await driver.store.head(poster))
    unwrap(await driver.store.delete(poster, { ifMatch: etag }))
    const [settled] = await driver.facts("sequence-settled")
    await driver.log.append([{ topic: "sequence-settled", value: settled as SequenceSettled }])
    await driver.passes(1000)
    expect(await textAt(poster.key)).toBe("middle of 2: proxy of frame 2")
    expect((await driver.facts("movie-made")).map(({ reused }) => reused)).toEqual([false, false])
  })

  it("does not take the name of another's movie", async () => {
    await start()
    await arriveAll(1, 2)
    for (const frame of [1, 2]) {
      await driver.puts(keyOf(frame, "dpx"), `plate ${frame}`)
      await driver.arrives({ key: keyOf(frame, "dpx") })
    }
    await driver.passes(2 * QUIET_MS)
    const keys = (await driver.facts("movie-made")).map(({ movie }) => movie?.key)
    expect(keys).toEqual(["sh010/.proxies/beauty_movie.mp4", "sh010/.proxies/beauty.dpx_movie.mp4"])
    expect(await shown()).toEqual(["frame 1", "frame 2"])
    expect(await shown("sh010/.proxies/beauty.dpx_movie.mp4")).toEqual(["plate 1", "plate 2"])
  })
})

describe("killed at any moment", () => {
  it.each([1, 2, 3, 4, 5, 6])("all comes to the same movie in the end: seed %i", async (seed) => {
    let state = seed
    const random = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31
      return state / 2 ** 31
    }
    await start()
    for (const frame of [1, 2, 3, 4, 5, 2].sort(() => random() - 0.5)) {
      await arrive(frame)
      if (random() < 0.5) {
        await driver.dies()
        await driver.passes(Math.floor(random() * 2 * QUIET_MS))
        driver.starts()
      }
      await driver.passes(Math.floor(random() * 1.5 * QUIET_MS))
    }
    await driver.passes(3 * QUIET_MS)
    expect(await shown()).toEqual([1, 2, 3, 4, 5].map((frame) => `frame ${frame}`))
    expect((await outcomes()).at(-1)).toEqual(["1-5", 5])
  })
})
