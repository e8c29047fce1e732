import { describe, expect, it } from "vitest"
import { done, failed, failure } from "../../../events/result.ts"
import { elementCreated, elementFailed } from "../../../events/testing/facts.ts"
import { unwrap } from "../../../events/testing/results.ts"
import type { EventLog } from "../../../log/index.ts"
import { openMemoryLog } from "../../../log/memory.ts"
import { acknowledge, append, consume } from "../../../log/testing/harness.ts"
import { systemClock } from "../../../system/clock.ts"
import type { ElementRow } from "../../../table/rows.ts"
import { elementRow, sequenceRow } from "../../../table/testing/rows.ts"
import type { Call } from "../../command.ts"
import { recorded } from "../../testing/console.ts"
import { gather, type StatusSources, withOldest } from "./gather.ts"
import { warningsOf } from "./text.ts"

const BUCKET = "renders"

const queuedRow = (key: string): ElementRow => elementRow({ bucket: BUCKET, key, element_id: key, state: "queued" })

const tableOf = (...rows: readonly ElementRow[]) => ({
  async *elements() {
    for (const row of rows) yield done(row)
  },
  async *sequences() {
    yield done(sequenceRow({ bucket: BUCKET, head: "shot." }))
    yield done(sequenceRow({ bucket: "another" }))
    yield done(sequenceRow({ bucket: BUCKET, head: "still.", frames_made: "1", movie_key: null }))
  },
})

/** A call whose time passes twenty times as fast. */
function given(nowMs = systemClock.nowMs()) {
  const stderr = recorded()
  const clock = {
    ...systemClock,
    nowMs: () => nowMs,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 20, signal),
  }
  const call = { io: { stdout: recorded(), stderr, closed: new AbortController().signal }, clock } as unknown as Call
  return { call, stderr }
}

const sources = (log: EventLog, ...rows: readonly ElementRow[]): StatusSources => ({
  table: done(tableOf(...rows)),
  queue: done({ log, groups: async () => done([]) }),
  close: async () => undefined,
})

const away = failed(failure("table/unreachable", "Trino is away."))

describe("what a status is made of", () => {
  it("counts rows that say queued although the log holds neither their arrival nor an outcome of it", async () => {
    const log = openMemoryLog({ clock: systemClock })
    await append(log, elementCreated({ bucket: BUCKET, key: "waits.exr" }))
    await append(log, elementFailed({ bucket: BUCKET, key: "not-projected.exr" }))
    const rows = [queuedRow("waits.exr"), queuedRow("not-projected.exr"), queuedRow("lost.exr")]
    // The projector has begun; a group that nobody is a member of has no position in a memory log.
    for (const group of ["renderer", "projector"]) await consume(log, { group, topics: ["element-created"] }).take(1)
    const gathered = await gather(given().call, sources(log, ...rows), BUCKET)
    expect(gathered).toMatchObject({ missing: [], tally: { states: { queued: 3 }, unreachable: 1 } })
    expect(gathered.sequences?.map(({ head }) => head)).toEqual(["shot."])
    expect(warningsOf(gathered, false)[0]).toMatch(/^1 frame marked as queued.*`ingest BUCKET` or `reprocess`/)
    expect(warningsOf(gathered, true)[0]).toMatch(/`run` queues them again/)
  })

  it("is shown as far as it is there: positions without the table, rows without the brokers", async () => {
    const log = openMemoryLog({ clock: systemClock })
    await append(log, elementCreated({ bucket: BUCKET, key: "a.exr" }))
    await consume(log).take(1)
    const withoutTable = await gather(given().call, { ...sources(log), table: away }, BUCKET)
    expect(withoutTable).toMatchObject({
      tally: null,
      sequences: null,
      positions: { lag: [{ group: "renderer", lag: 1 }] },
      missing: [{ part: "table", code: "table/unreachable", says: "Trino is away." }],
    })
    const withoutBrokers = await gather(given().call, { ...sources(log, queuedRow("a.exr")), queue: away }, BUCKET)
    expect(withoutBrokers).toMatchObject({
      tally: { states: { queued: 1 }, unreachable: null },
      positions: null,
      missing: [{ part: "positions" }],
    })
  })

  it("says what it waits for, and gives it up after a while", async () => {
    const log = { ...openMemoryLog({ clock: systemClock }), lag: () => new Promise<never>(() => undefined) }
    const { call, stderr } = given()
    const gathered = await gather(call, sources(log, queuedRow("a.exr")), BUCKET)
    expect(gathered.missing).toMatchObject([{ part: "positions", code: "log/unreachable" }])
    expect(gathered.missing[0]?.says).toMatch(/Kafka \(KAFKA_BROKER\): no answer within 20 s/)
    expect(gathered.tally?.states).toMatchObject({ queued: 1 })
    expect(stderr.text()).toContain("waiting for positions of the groups, Kafka (KAFKA_BROKER), at most 20 s")
  })
})

describe("an offset that stands still", () => {
  const HOUR_MS = 3_600_000

  it("is told when records have waited long and no offset of the group moves between two looks", async () => {
    const log = openMemoryLog({ clock: systemClock })
    await append(log, elementCreated({ key: "a.exr" }))
    await consume(log).take(1)
    const gathered = await gather(given(systemClock.nowMs() + HOUR_MS).call, sources(log), BUCKET)
    expect(gathered.positions?.still).toEqual(["renderer"])
    expect(warningsOf(gathered, false)).toEqual([expect.stringMatching(/^Group renderer: no offset moved/)])
  })

  it("is not told of a group whose offset moves, nor of records that came a moment ago", async () => {
    const log = openMemoryLog({ clock: systemClock })
    await append(log, elementCreated({ key: "a.exr" }), elementCreated({ key: "b.exr" }))
    const [first] = await consume(log).take(1)
    const fresh = await gather(given().call, sources(log), BUCKET)
    expect(fresh.positions?.still).toEqual([])
    let looks = 0
    const moving: EventLog = {
      ...log,
      lag: async (group) => {
        looks += 1
        if (looks === 2) await acknowledge(first)
        return log.lag(group)
      },
    }
    const gathered = await gather(given(systemClock.nowMs() + HOUR_MS).call, sources(moving), BUCKET)
    expect(gathered.positions?.still).toEqual([])
  })
})

it("tells since when the first record of a group waits that is not done", async () => {
  let nowMs = 1_000
  const log = openMemoryLog({ clock: { ...systemClock, nowMs: () => nowMs } })
  for (const key of ["a.exr", "b.exr", "c.exr"]) {
    await append(log, elementCreated({ key }))
    nowMs += 1_000
  }
  const consumer = consume(log)
  const [first, second, third] = await consumer.take(3)
  await acknowledge(first)
  await acknowledge(third)
  const [behind] = unwrap(await withOldest(log, unwrap(await log.lag("renderer"))))
  expect(behind).toMatchObject({ lag: 2, oldestUnacknowledgedMs: 2_000 })
  await acknowledge(second)
  const [done] = unwrap(await withOldest(log, unwrap(await log.lag("renderer"))))
  expect(done).toMatchObject({ lag: 0, oldestUnacknowledgedMs: null })
})
