import { afterEach, describe, expect, it } from "vitest"
import { done, failed, failure } from "../../src/events/result.ts"
import { element as anElement } from "../../src/events/testing/facts.ts"
import { hintFact } from "../../src/ingest/listing/listing.ts"
import { type Beside, type Driver, drive, type Wrap } from "../../test/driver/index.ts"
import { runGroup } from "../flow/run-group.ts"
import { runRetelling } from "../flow/run-retelling.ts"
import { runWorkflow } from "../flow/run-workflow.ts"
import { HINTS, REGROUP } from "../graph.ts"
import { sequencerGroup } from "../sequence/settle.ts"
import { sequencerPolicy } from "../sequence/testing/policy.ts"

const QUIET_MS = 3_600_000
const SETTLING = sequencerGroup(sequencerPolicy(QUIET_MS))

let driver: Driver
afterEach(() => driver.close())

const besides: readonly Beside[] = [
  (ports, stopping) => runRetelling(REGROUP, ports, stopping),
  (ports, stopping) => runGroup(HINTS, ports, stopping),
  (ports, stopping) => runWorkflow(SETTLING, ports, stopping),
]
const start = async (wrap: Wrap = {}): Promise<void> => {
  driver = await drive({ besides, ...wrap })
}

async function arrive(...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await driver.puts(key, `picture of ${key}`)
    await driver.arrives({ key })
  }
}

let hints = 0
async function hint(key: string, by: string): Promise<void> {
  const arrivedAtMs = driver.store.nowMs()
  const element = anElement({ elementId: `hint ${++hints}`, bucket: "show", key, arrivedAtMs })
  await driver.log.append([hintFact(element, { causationId: element.elementId, by })])
  await driver.passes(2_000)
}

async function put(key: string, text: string | Uint8Array, by = "ready"): Promise<void> {
  await driver.puts(key, text)
  await hint(key, by)
}

const settled = async () =>
  (await driver.facts("sequence-settled")).map(({ sequence, made, stated }) => [
    `${sequence.folder}${sequence.head}`,
    made,
    stated,
  ])
const stated = async () =>
  (await driver.facts("sequence-stated")).map(({ sequence, by, frames, object }) => [
    ...[`${sequence.folder}${sequence.head}`, by, frames, object],
  ])
const remarks = () => driver.observed.flatMap((one) => (one.kind === "remark" ? [`${one.key}: ${one.says}`] : []))

describe("an object .ready", () => {
  it("settles at once the sequences of its folder, and of no folder above, below or beside it", async () => {
    await start()
    await arrive("a/x.1.exr", "a/y_1.exr", "a/b/x.1.exr", "ab/x.1.exr", "x.1.exr", "a/.proxies/z.1.exr")
    await put("a/.ready", "")
    expect(await settled()).toEqual([
      ["a/x.", "1", ""],
      ["a/y_", "1", ""],
    ])
  })

  it("settles none whose frame is unfinished, until it is finished", async () => {
    await start()
    await arrive("a/x.1.exr")
    await driver.puts("a/x.2.exr", "slow 60000")
    await driver.arrives({ key: "a/x.2.exr" })
    await put("a/.ready", "")
    expect(await settled()).toEqual([])
    await driver.passes(120_000)
    expect(await settled()).toEqual([["a/x.", "1-2", ""]])
  })

  it("states frames of the one that it is called after, which is settled when they are there", async () => {
    await start()
    await arrive("a/x.1.exr", "a/y.1.exr")
    await put("a/x.ready", "1-2")
    expect(await settled()).toEqual([])
    await arrive("a/x.2.exr")
    await driver.passes(2_000)
    expect(await settled()).toEqual([["a/x.", "1-2", "1-2"]])
  })

  it("that was there before any frame waits for them, and does no harm", async () => {
    await start()
    await put("a/.ready", "1-2")
    expect(await stated()).toEqual([])
    await arrive("a/x.1.exr", "a/x.2.exr")
    await driver.passes(2_000)
    expect(await stated()).toEqual([["a/x.", "ready", "1-2", "a/.ready"]])
    expect(await settled()).toEqual([["a/x.", "1-2", "1-2"]])
  })

  it.each([
    ["words", "all done!", /^a\/\.ready: It states nothing: it names no frames/],
    ["more than anybody writes", "1".repeat(70_000), /^a\/\.ready: It states nothing: it is larger/],
  ])("that holds %s is warned of by its name, and believed in nothing", async (_, text, warning) => {
    await start()
    await arrive("a/x.1.exr")
    await put("a/.ready", text)
    expect([await stated(), remarks().filter((one) => warning.test(one)).length]).toEqual([[], 1])
  })

  it("that is gone before it is read is warned of", async () => {
    await start()
    await hint("a/.ready", "ready")
    expect(remarks()).toEqual([expect.stringMatching(/^a\/\.ready: Nothing is known of what it states: /)])
  })

  it("is read when the store is there again", async () => {
    let isAway = true
    await start({
      store: (store) => ({
        ...store,
        head: (ref) =>
          isAway && ref.key === "a/.ready"
            ? Promise.resolve(failed(failure("store/unreachable", "The store is away.")))
            : store.head(ref),
      }),
    })
    await driver.puts("a/x.1.exr", "picture")
    await put("a/.ready", "1")
    expect(await stated()).toEqual([])
    isAway = false
    await driver.passes(120_000)
    expect(await stated()).toEqual([["a/x.", "ready", "1", "a/.ready"]])
  })
})

it.each([
  ["an OpenTimelineIO file", "a/edit.otio", "otio", 65 * 2 ** 20],
  ["an object .ready", "a/.ready", "ready", 65 * 2 ** 10],
])("%s that is huge is not fetched, states nothing, and is warned of", async (_, key, by, sizeBytes) => {
  const read: string[] = []
  await start({
    store: (store) => ({
      ...store,
      head: async (ref) => {
        const head = await store.head(ref)
        return head.ok && ref.key === key ? done({ ...head.value, sizeBytes }) : head
      },
      readRange: (ref, options) => {
        read.push(ref.key)
        return store.readRange(ref, options)
      },
    }),
  })
  await arrive("a/x.1.exr")
  await put(key, "{}", by)
  expect([await stated(), read.includes(key)]).toEqual([[], false])
  expect(remarks()).toEqual([`${key}: It states nothing: it is larger than any such file.`])
})

it.each(["opencue", "ready"])(
  "what %s says where there is no sequence is told to none, and nothing fails",
  async (by) => {
    await start()
    await put("b/.ready", "1-10", by)
    await hint("nowhere/", by)
    expect([await stated(), await settled(), await driver.lag("hints")]).toEqual([[], [], 0])
    expect(driver.observed.filter(({ kind }) => kind === "failed")).toEqual([])
  },
)

describe("a hash list", () => {
  const list = (...paths: readonly string[]) =>
    `<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes>${paths
      .map((path) => `<hash><path>${path}</path></hash>`)
      .join("")}</hashes></hashlist>`

  it("states the frames of its folder and of those below, before they are there", async () => {
    await start()
    await put("a/ascmhl/0001_a.mhl", list("x.1.exr", "x.2.exr", "b/y.7.exr", "notes.txt"), "mhl")
    expect(await stated()).toEqual([
      ["a/x.", "mhl", "1-2", "a/ascmhl/0001_a.mhl"],
      ["a/b/y.", "mhl", "7", "a/ascmhl/0001_a.mhl"],
    ])
    await arrive("a/x.1.exr", "a/x.2.exr")
    await driver.passes(2_000)
    expect(await settled()).toEqual([["a/x.", "1-2", "1-2"]])
  })

  it("counts in its newest generation alone, whichever is told of", async () => {
    await start()
    await driver.puts("a/ascmhl/0002_a.mhl", list("x.1.exr"))
    await put("a/ascmhl/0001_a.mhl", list("x.1.exr", "x.2.exr"), "mhl")
    expect(await stated()).toEqual([["a/x.", "mhl", "1", "a/ascmhl/0002_a.mhl"]])
  })

  it("that breaks off states nothing, and is warned of", async () => {
    await start()
    await put("a/ascmhl/0001_a.mhl", list("x.1.exr").slice(0, -10), "mhl")
    expect(await stated()).toEqual([])
    expect(remarks()).toEqual([expect.stringMatching(/^a\/ascmhl\/0001_a\.mhl: It states nothing: it is no XML/)])
  })
})

it("what a farm says is told to all sequences below its prefix", async () => {
  await start()
  await arrive("a/x.1.exr", "a/b/y.1.exr", "b/x.1.exr")
  await hint("a/", "opencue")
  expect(await stated()).toEqual([
    ["a/b/y.", "opencue", null, null],
    ["a/x.", "opencue", null, null],
  ])
  expect((await settled()).toSorted()).toEqual([
    ["a/b/y.", "1", ""],
    ["a/x.", "1", ""],
  ])
})

it("a hint that is told again, also by another process, is the same", async () => {
  await start()
  await arrive("a/x.1.exr")
  await put("a/.ready", "1")
  const [told] = await driver.facts("hint-reported").then((facts) => facts.slice(-1))
  if (told === undefined) throw new Error("nothing was reported")
  await driver.dies()
  driver.starts()
  await driver.log.append([{ topic: "hint-reported", value: told }])
  await driver.passes(5_000)
  const ids = (await driver.facts("sequence-stated")).map(({ factId }) => factId)
  expect([ids.length > 1, new Set(ids).size]).toEqual([true, 1])
  expect(await settled()).toEqual([["a/x.", "1", "1"]])
})
