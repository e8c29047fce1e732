import { expect, it } from "vitest"
import { virtualClock } from "../../test/driver/virtual-clock.ts"
import { besideSources } from "../element/output-places.ts"
import { done } from "../events/result.ts"
import { unwrap } from "../events/testing/results.ts"
import { openExpectedArrivals } from "../ingest/listing/expected.ts"
import { scan } from "../ingest/listing/scan.ts"
import type { RenderSettings } from "../picture/index.ts"
import { openMemoryStore } from "../store/memory.ts"
import { openForeground } from "../system/foreground.ts"
import { elementRow } from "../table/testing/rows.ts"
import { recorded } from "./testing/console.ts"
import { count, newCounters, startProgress } from "./views/progress.ts"

const BUCKET = "show"
const FILES = 100_000
const PLACES = 2
const RENDER_MS = 240
const MINUTE_MS = 60_000

const nameOf = (at: number): string => `frame.${String(at).padStart(6, "0")}.exr`

/** A store that lists frames as they are asked for, 4,000 a second: a hundred thousand of them cost nothing until then. */
const endless = (clock: ReturnType<typeof virtualClock>) => ({
  ...openMemoryStore({ clock, buckets: [BUCKET] }),
  async *list() {
    for (let at = 0; at < FILES; at++) {
      if (at % 32 === 0) await clock.sleep(8)
      yield done({ bucket: BUCKET, key: nameOf(at), etag: "e", sizeBytes: 1, lastModifiedMs: 0, sourceVersion: "v" })
    }
  },
  async *listKeys() {
    yield Array.from({ length: FILES }, (_, at) => nameOf(at))
  },
})

/** A minute of a run: the listing as it is, and renders that take as long as they do with two cores. `known` frames were queued before. */
async function afterAMinute(known: number) {
  const clock = virtualClock(0)
  const stderr = recorded()
  const counters = { ...newCounters(), found: known }
  const progress = startProgress({ stderr, clock, counters: () => counters })
  const foreground = openForeground(clock)
  const ports = { store: endless(clock), clock, foreground, outputsFor: besideSources }
  const expected = openExpectedArrivals(
    { ...ports, table: { countElements: async () => done(known) } },
    { bucket: BUCKET },
  )
  const stopping = new AbortController()
  const { signal } = stopping
  const working = [
    expected.count(signal),
    scan(
      {
        ...ports,
        append: async () => done(undefined),
        element: async (_, key) => done(key < nameOf(known) ? elementRow({ key, state: "queued" }) : null),
        picture: { recipe: 1, configHash: "0123456789abcdef" },
        settingsFor: () => ({}) as RenderSettings,
      },
      {
        bucket: BUCKET,
        signal,
        onDecision: (_, decision) => {
          expected.note(decision)
          if (decision.kind === "arrived") counters.found += 1
          counters.toCome = expected.toCome()
        },
      },
    ),
  ]
  const render = async (): Promise<void> => {
    while (!signal.aborted) {
      if (counters.found === counters.rendered) await clock.sleep(1, signal)
      else {
        const isOver = foreground.begin()
        await clock.sleep(RENDER_MS, signal)
        isOver()
        count(counters, { kind: "made", bucket: BUCKET, key: "", reused: false })
      }
    }
  }
  const rendering = Array.from({ length: PLACES }, render)
  do await new Promise(setImmediate)
  while (clock.wakeNext(MINUTE_MS))
  const { rendered, found } = counters
  const said = stderr.text().trimEnd().split("\n").at(-1) ?? ""
  stopping.abort()
  clock.wakeNext(Number.POSITIVE_INFINITY)
  for (const worked of await Promise.all(working)) unwrap<unknown>(worked)
  await Promise.all(rendering)
  progress.stop()
  return { said, rendered, found }
}

const LEFT = /^found (\d+) of 100000, .*; (?:(\d+):)?(\d+):(\d+) left$/

function secondsLeft(line: string): number {
  const [, , hours = 0, minutes, seconds] = LEFT.exec(line) ?? []
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

it.each([
  ["that is new", 0],
  ["of which a third was queued by an earlier run", 33_000],
])(
  "knows after a minute how long a folder of 100,000 frames %s will take, and lists it meanwhile",
  async (_, known) => {
    const { said, rendered, found } = await afterAMinute(known)
    const truth = ((FILES - rendered) * RENDER_MS) / PLACES / 1000
    expect(secondsLeft(said), said).toBeGreaterThan(truth / 2)
    expect(secondsLeft(said), said).toBeLessThan(truth * 2)
    expect(rendered).toBeGreaterThan((0.9 * MINUTE_MS * PLACES) / RENDER_MS)
    expect(found).toBeLessThan(FILES)
  },
)
