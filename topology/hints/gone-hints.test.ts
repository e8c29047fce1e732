import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { element as anElement } from "../../src/events/testing/facts.ts"
import { hintFact } from "../../src/ingest/listing/listing.ts"
import { type Driver, drive, type Wrap } from "../../test/driver/index.ts"
import { runGroup } from "../flow/run-group.ts"
import { runRetelling } from "../flow/run-retelling.ts"
import { runWorkflow } from "../flow/run-workflow.ts"
import { ASSEMBLER, HINTS, REGROUP } from "../graph.ts"
import { sequencerGroup } from "../sequence/settle.ts"
import { sequencerPolicy } from "../sequence/testing/policy.ts"

const QUIET_MS = 60_000

let driver: Driver
const start = async (wrap: Wrap = {}): Promise<void> => {
  driver = await drive({
    besides: [
      (ports, stopping) => runRetelling(REGROUP, ports, stopping),
      (ports, stopping) => runGroup(HINTS, ports, stopping),
      (ports, stopping) => runWorkflow(sequencerGroup(sequencerPolicy(QUIET_MS)), ports, stopping),
      (ports, stopping) => runGroup(ASSEMBLER, ports, stopping),
    ],
    ...wrap,
  })
}
beforeEach(() => start())
afterEach(() => driver.close())

async function arrive(...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await driver.puts(key, `picture of ${key}`)
    await driver.arrives({ key })
  }
  await driver.passes(2 * QUIET_MS)
}

let hints = 0
async function hint(key: string, by: string, gone = false): Promise<void> {
  const element = anElement({ elementId: `hint ${++hints}`, bucket: "show", key, arrivedAtMs: driver.store.nowMs() })
  await driver.log.append([hintFact(element, { causationId: element.elementId, by, gone })])
  await driver.passes(5_000)
}

async function put(key: string, text: string, by: string): Promise<void> {
  await driver.puts(key, text)
  await hint(key, by)
}

async function remove(key: string, by: string): Promise<void> {
  driver.store.erase({ bucket: "show", key })
  await hint(key, by, true)
}

const movies = async () =>
  (await driver.facts("movie-made")).map(({ stated, missing, movie }) => [stated, missing, movie?.frames])
const remarks = () => driver.observed.flatMap((one) => (one.kind === "remark" ? [one.says] : []))

/** A timeline with a clip of three frames of each of these sequences. */
function timeline(...heads: readonly string[]): string {
  const time = (value: number) => ({ OTIO_SCHEMA: "RationalTime.1", rate: 24, value })
  const clips = heads.map((head) => ({
    OTIO_SCHEMA: "Clip.2",
    ...{ name: head, source_range: null, active_media_reference_key: "DEFAULT_MEDIA" },
    media_references: {
      DEFAULT_MEDIA: {
        OTIO_SCHEMA: "ImageSequenceReference.1",
        available_range: { OTIO_SCHEMA: "TimeRange.1", start_time: time(0), duration: time(3) },
        ...{ target_url_base: "", name_prefix: `${head}.`, name_suffix: ".exr", start_frame: 1, frame_step: 1 },
        ...{ rate: 24, frame_zero_padding: 1, missing_frame_policy: "hold" },
      },
    },
  }))
  const track = { OTIO_SCHEMA: "Track.1", kind: "Video", children: clips }
  return JSON.stringify({ OTIO_SCHEMA: "Timeline.1", tracks: { OTIO_SCHEMA: "Stack.1", children: [track] } })
}

describe("what an object states", () => {
  it("is taken back when it is gone: the movie is made of the frames that there are", async () => {
    await arrive("a/x.1.exr", "a/x.2.exr", "a/y.1.exr", "a/y.2.exr")
    await put("a/x.ready", "1-4", "ready")
    await remove("a/x.ready", "ready")
    expect((await movies()).slice(2)).toEqual([
      ["1-4", "3-4", 4],
      ["", "", 2],
    ])
    expect(remarks()).toEqual([])
  })

  it("stands again as another one says that is there", async () => {
    await arrive("a/x.1.exr", "a/x.2.exr")
    await put("a/.ready", "1-3", "ready")
    await put("a/x.ready", "1-4", "ready")
    await remove("a/x.ready", "ready")
    expect((await movies()).map(([stated]) => stated)).toEqual(["", "1-3", "1-4", "1-3"])
  })

  it("is taken back from sequences without frames, too, so that it is not believed when they come again", async () => {
    await arrive("a/x.1.exr", "a/x.2.exr")
    await put("a/x.ready", "1-4", "ready")
    for (const key of ["a/x.1.exr", "a/x.2.exr"]) {
      driver.store.erase({ bucket: "show", key })
      await driver.arrives({ key })
    }
    await driver.passes(2 * QUIET_MS)
    await remove("a/x.ready", "ready")
    await arrive("a/x.1.exr", "a/x.2.exr")
    expect((await movies()).at(-1)).toEqual(["", "", 2])
  })

  it("is taken back by a timeline that was changed, from the shots that are not in it any more", async () => {
    await arrive("a/x.1.exr", "a/x.2.exr", "a/y.1.exr", "a/y.2.exr")
    await put("a/edit.otio", timeline("x", "y"), "otio")
    await put("a/edit.otio", timeline("y"), "otio")
    await put("a/edit.otio", "{", "otio")
    const stated = async (head: string) =>
      (await driver.facts("movie-made")).filter(({ sequence }) => sequence.head === head).map(({ stated }) => stated)
    expect([await stated("x."), await stated("y.")]).toEqual([
      ["", "1-3", ""],
      ["", "1-3"],
    ])
    await put("a/edit.otio", timeline(), "otio")
    expect(await stated("y.")).toEqual(["", "1-3", ""])
  })

  it("stays as it is where another one is gone, or nothing is gone at all", async () => {
    await arrive("a/x.1.exr", "a/x.2.exr")
    await put("a/x.ready", "1-3", "ready")
    await remove("a/.ready", "ready")
    await remove("a/edit.otio", "otio")
    await hint("a/x.ready", "ready", true)
    expect((await movies()).map(([stated]) => stated)).toEqual(["", "1-3"])
  })

  it("is taken back of a hash list, of which the generation before counts again where it is there", async () => {
    const list = (...paths: readonly string[]) =>
      `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes>${paths
        .map((path) => `<hash><path>${path}</path></hash>`)
        .join("")}</hashes></hashlist>`
    await arrive("a/x.1.exr", "a/x.2.exr", "a/b/y.1.exr", "a/b/y.2.exr")
    await put("a/ascmhl/0001_a.mhl", list("x.1.exr", "x.2.exr", "x.3.exr"), "mhl")
    await put("a/ascmhl/0002_a.mhl", list("x.1.exr", "x.2.exr", "x.4.exr", "b/y.3.exr"), "mhl")
    await remove("a/ascmhl/0002_a.mhl", "mhl")
    await remove("a/ascmhl/0001_a.mhl", "mhl")
    const stated = async (folder: string) =>
      (await driver.facts("movie-made"))
        .filter(({ sequence }) => sequence.folder === folder)
        .map(({ stated }) => stated)
    expect(await stated("a/")).toEqual(["", "1-3", "1-2,4", "1-3", ""])
    expect(await stated("a/b/")).toEqual(["", "3", ""])
  })
})

describe("a WAV", () => {
  const sounds = async () =>
    (await driver.facts("movie-made")).map(({ sequence, movie, reused }) => [
      ...[sequence.head, movie?.sound?.channels ?? null, reused],
    ])

  it("that comes when the movie is made, is replaced or goes makes it anew, and that of no other sequence", async () => {
    await arrive("a/x.1.exr", "a/x.2.exr", "a/y.1.exr", "a/y.2.exr")
    await put("a/x.wav", "ab", "sound")
    await put("a/x.wav", "abcdef", "sound")
    await remove("a/x.wav", "sound")
    expect((await sounds()).slice(2)).toEqual([
      ["x.", 2, false],
      ["x.", 6, false],
      ["x.", null, false],
    ])
    expect(new Set((await driver.facts("movie-made")).slice(2).map(({ revision }) => revision)).size).toBe(1)
  })

  it("that the movie has already makes none", async () => {
    await driver.puts("a/x.wav", "ab")
    await arrive("a/x.1.exr", "a/x.2.exr")
    await hint("a/x.wav", "sound")
    await hint("a/y.wav", "sound", true)
    expect(await sounds()).toEqual([["x.", 2, false]])
  })

  it("of a frame that is unfinished waits for it", async () => {
    await arrive("a/x.1.exr", "a/x.2.exr")
    await driver.puts("a/x.3.exr", `slow ${5 * QUIET_MS}`)
    await driver.arrives({ key: "a/x.3.exr" })
    await put("a/x.wav", "ab", "sound")
    expect(await sounds()).toHaveLength(1)
    await driver.passes(10 * QUIET_MS)
    expect((await sounds()).slice(1)).toEqual([["x.", 2, false]])
  })

  it("has nothing looked at but what its name begins with", async () => {
    await driver.close()
    const listed: (string | undefined)[] = []
    await start({
      store: (store) => ({
        ...store,
        list: (bucket, options) => {
          listed.push(options?.prefix)
          return store.list(bucket, options)
        },
      }),
    })
    await arrive("a/x.1.exr", "a/x.2.exr")
    await put("a/x.wav", "ab", "sound")
    expect([listed, (await sounds()).at(-1)]).toEqual([["a/x"], ["x.", 2, false]])
  })

  it("of the name that a rule says is heard of, too", async () => {
    await driver.close()
    await start({ soundFor: () => "mix.wav", soundsByRule: new Set(["mix.wav"]) })
    await arrive("a/x.1.exr", "a/x.2.exr")
    await put("a/x.wav", "abc", "sound")
    await put("a/mix.wav", "ab", "sound")
    expect(await sounds()).toEqual([
      ["x.", null, false],
      ["x.", 2, false],
    ])
  })
})
