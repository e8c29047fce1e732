import { afterEach, describe, expect, it } from "vitest"
import { frameNameOf } from "../../src/element/frame-name.ts"
import { framesOfText } from "../../src/element/frame-ranges.ts"
import { element, removalReported } from "../../src/events/testing/facts.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import { hintFact } from "../../src/ingest/listing/listing.ts"
import { runGroup } from "../../topology/flow/run-group.ts"
import { runRetelling } from "../../topology/flow/run-retelling.ts"
import { runWorkflow } from "../../topology/flow/run-workflow.ts"
import { ASSEMBLER, HINTS, REGROUP } from "../../topology/graph.ts"
import { sequencerGroup } from "../../topology/sequence/settle.ts"
import { sequencerPolicy } from "../../topology/sequence/testing/policy.ts"
import { type Driver, drive } from "../driver/index.ts"
import { seeded } from "./seeded.ts"

/** Shows that are killed again and again, each with a seed of its own; `make test-crash` has more. */
const SHOWS = Number(process.env.CRASH_SEQUENCES ?? 4)
const SEED = Number(process.env.CRASH_SEED ?? 1)
const KILLS = 5
const QUIET_MS = 60_000
const HOUR_MS = 3_600_000
const SEQUENCER = { ...sequencerGroup(sequencerPolicy(QUIET_MS)), tickMs: 20_000 }

let driver: Driver
afterEach(() => driver.close())

const keyOf = (frame: number): string => `sh010/beauty.${frame}.exr`

const READY = "sh010/.ready"
/** What is stated at times: more than there ever is. */
const STATED = { first: 0, last: 8 }

/** What is there, by frame, which frames were ever removed, and whether an object states their range. */
type Show = { readonly there: Map<number, string>; readonly removed: Set<number>; isStated: boolean }

async function hints(turn: number, gone: boolean): Promise<void> {
  const known = { elementId: `hint at ${turn}`, bucket: "show", key: READY, arrivedAtMs: driver.store.nowMs() }
  unwrap(await driver.log.append([hintFact(element(known), { causationId: known.elementId, by: "ready", gone })]))
}

const CHANGES: Readonly<Record<string, (frame: number, show: Show, turn: number) => Promise<void>>> = {
  arrives: async (frame, { there }, turn) => {
    const text = `frame ${frame} at ${turn}`
    there.set(frame, text)
    await driver.puts(keyOf(frame), text)
    await driver.arrives({ key: keyOf(frame) })
  },
  "is slow": async (frame, { there }, turn) => {
    const text = `slow ${2 * HOUR_MS + turn}`
    there.set(frame, text)
    await driver.puts(keyOf(frame), text)
    await driver.arrives({ key: keyOf(frame) })
  },
  "is told of twice": async (frame, show, turn) => {
    await CHANGES.arrives?.(frame, show, turn)
    await driver.arrives({ key: keyOf(frame) })
  },
  "is told of late": async (frame, { there }, turn) => {
    const text = `frame ${frame} at ${turn}`
    there.set(frame, text)
    await driver.puts(keyOf(frame), text)
    await driver.passes(HOUR_MS)
    await driver.arrives({ key: keyOf(frame), trigger: "listing" })
  },
  "is removed": async (frame, { there, removed }, turn) => {
    there.delete(frame)
    removed.add(frame)
    driver.store.erase({ bucket: "show", key: keyOf(frame) })
    const report = { elementId: `removal at ${turn}`, key: keyOf(frame), arrivedAtMs: driver.store.nowMs() }
    unwrap(await driver.log.append([removalReported(report)]))
  },
  "is one of a range that is stated": async (_, show, turn) => {
    show.isStated = true
    await driver.puts(READY, `${STATED.first}-${STATED.last}`)
    await hints(turn, false)
  },
  "is of no range any more": async (_, show, turn) => {
    // To sequences of which nothing is there nobody can say it.
    if (show.there.size === 0) return
    show.isStated = false
    driver.store.erase({ bucket: "show", key: READY })
    await hints(turn, true)
  },
}

/** However many slow frames stand in each other's way. */
async function untilRendered(): Promise<void> {
  await driver.passes(HOUR_MS)
  for (let hours = 1; hours < 100 && (await driver.lag("renderer")) > 0; hours++) await driver.passes(HOUR_MS)
}

/** Every settlement knows all that arrived a quiet time before it. */
async function expectNoneTooEarly({ removed }: Show): Promise<void> {
  const arrivals = (await driver.facts("element-created")).map(({ element, recordedAtMs }) => ({
    frame: frameNameOf(element.key)?.frame ?? 0,
    recordedAtMs,
  }))
  for (const { recordedAtMs, made, failed } of await driver.facts("sequence-settled")) {
    const known = new Set([made, failed].flatMap((ranges) => [...(framesOfText(ranges) ?? [])]))
    const before = arrivals.filter((arrival) => arrival.recordedAtMs + QUIET_MS <= recordedAtMs)
    const lacking = before.filter(({ frame }) => !known.has(frame) && !removed.has(frame))
    expect(lacking).toEqual([])
  }
}

/** The bytes of a run in one go: its frames in order, the one before in the place of each that is missing. */
function wholeMovie({ there, isStated }: Show): string {
  const frames = [...there.keys()].sort((one, other) => one - other)
  const { first, last } = isStated ? STATED : { first: frames[0] ?? 0, last: frames.at(-1) ?? 0 }
  let shown = there.get(frames[0] ?? 0) ?? ""
  return Array.from({ length: last - first + 1 }, (_, at) => {
    shown = there.get(first + at) ?? shown
    return `proxy of ${shown}`
  }).join("\n")
}

describe("a show whose process is killed at any moment, while frames come shuffled, doubled, late, slow, and go, and ranges are stated and taken back", () => {
  it.each(Array.from({ length: SHOWS }, (_, at) => SEED + at))("has its one right movie: seed %i", async (seed) => {
    const random = seeded(seed)
    const any = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T
    driver = await drive({
      besides: [
        (ports, stopping) => runRetelling(REGROUP, ports, stopping),
        (ports, stopping) => runGroup(HINTS, ports, stopping),
        (ports, stopping) => runWorkflow(SEQUENCER, ports, stopping),
        (ports, stopping) => runGroup(ASSEMBLER, ports, stopping),
      ],
    })
    const show: Show = { there: new Map(), removed: new Set(), isStated: false }
    for (let kills = 0, turn = 0; kills < KILLS; turn++) {
      await any(Object.values(CHANGES))(1 + Math.floor(random() * 6), show, turn)
      if (random() < 0.5) {
        await driver.dies()
        await driver.passes(Math.floor(random() * 2 * QUIET_MS))
        driver.starts()
        kills++
      }
      await driver.passes(Math.floor(random() * 1.5 * QUIET_MS))
    }
    for (const frame of [2, 5]) await CHANGES.arrives?.(frame, show, 1000)
    await untilRendered()
    await driver.passes(3 * QUIET_MS)
    await expectNoneTooEarly(show)
    expect(await driver.lag("assembler")).toBe(0)
    const movie = await driver.store.readRange(
      { bucket: "show", key: "sh010/.proxies/beauty_movie.mp4" },
      { start: 0, end: 100_000 },
    )
    expect(Buffer.from(unwrap(movie)).toString()).toBe(wholeMovie(show))
    const settled = await driver.facts("sequence-settled")
    expect((await driver.facts("movie-made")).at(-1)).toMatchObject({
      revision: settled.at(-1)?.revision,
      failure: null,
    })
  })
})
