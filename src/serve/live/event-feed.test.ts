import { expect, it, onTestFinished } from "vitest"
import { virtualClock } from "../../../test/driver/virtual-clock.ts"
import { elementCreated, elementFailed, proxyMade } from "../../events/testing/facts.ts"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import { TOPICS, type Topic } from "../../log/index.ts"
import { openMemoryLog } from "../../log/memory.ts"
import { systemClock } from "../../system/clock.ts"
import type { EventFilter } from "./event.ts"
import { type EventFeed, openEventFeed } from "./event-feed.ts"
import { readPositions } from "./positions.ts"
import { BATCH_BYTES, type RecentLimits } from "./recent-events.ts"

const ALL: EventFilter = { topics: TOPICS, bucket: null, prefix: null }

/** What a browser makes of a stream. */
function browser() {
  let text = ""
  const state = { takes: true, isOver: false }
  const messages = () =>
    text.split("\n\n").map((block) => ({
      id: /^id: (.*)$/m.exec(block)?.[1] ?? null,
      event: /^event: (.*)$/m.exec(block)?.[1] ?? null,
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null"),
    }))
  return {
    state,
    bytes: () => text.length,
    events: () => messages().flatMap(({ event }) => event ?? []),
    keys: () => messages().flatMap(({ data }) => data?.fact?.element.key ?? []),
    lastId: () => messages().findLast(({ id }) => id !== null)?.id ?? "",
    sink: {
      write: (bytes: Buffer) => {
        text += bytes.toString()
        return state.takes
      },
      end: () => {
        state.isOver = true
      },
    },
  }
}

function feedOver(limits?: RecentLimits) {
  const bugs: unknown[] = []
  const log = openMemoryLog({ clock: systemClock })
  let reads: (readonly Topic[])[] = []
  const counting = {
    ...log,
    read: (topics: Topic | readonly Topic[], options = {}) => {
      reads = [...reads, [topics].flat() as Topic[]]
      return log.read(topics, options)
    },
  }
  const ports = { log: counting, clock: systemClock, note: () => undefined, broken: (bug: unknown) => bugs.push(bug) }
  const feed = openEventFeed({ ...ports, ...(limits === undefined ? {} : { limits }) })
  onTestFinished(async () => {
    await feed.close()
    expect(bugs).toEqual([])
  })
  return { log, feed, reads: () => reads }
}

const names = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, index) => `sh010/a.${1001 + from + index}.exr`)

const arrivals = (keys: readonly string[]) => keys.map((key) => elementCreated({ key }))

async function opened(feed: EventFeed, lastId: string | null = null, filter = ALL) {
  const page = browser()
  const from = lastId === null ? null : readPositions(lastId)
  const stream = unwrap(await feed.join({ filter, from, sink: page.sink }))
  return { ...page, stream }
}

it("gives every stream what comes after it, by one read of the log for all, and nothing from before", async () => {
  const { log, feed, reads } = feedOver()
  unwrap(await log.append(arrivals(names(0, 5))))
  const pages = await Promise.all(Array.from({ length: 20 }, () => opened(feed)))
  unwrap(await log.append(arrivals(names(5, 9))))
  for (const { keys } of pages) await expect.poll(keys).toEqual(names(5, 9))
  expect(reads()).toEqual([TOPICS])
})

it("tells topic, place and time of each event, with its fact as the schema names it", async () => {
  const { log, feed } = feedOver()
  const page = await opened(feed)
  unwrap(await log.append([elementFailed({ key: "a\nb.exr" })]))
  await expect.poll(page.events).toEqual(["element-failed"])
  expect(page.keys()).toEqual(["a\nb.exr"])
})

it("gives a stream the topics, the bucket and the keys that it asks for", async () => {
  const { log, feed } = feedOver()
  const of = async (filter: Partial<EventFilter>) => opened(feed, null, { ...ALL, ...filter })
  const [failures, show, shot] = [
    await of({ topics: ["element-failed"] }),
    await of({ bucket: "show" }),
    await of({ prefix: "sh010/" }),
  ]
  const facts = [
    elementCreated({ bucket: "show", key: "sh020/a.exr" }),
    elementFailed({ bucket: "show", key: "sh010/a.exr" }),
    elementCreated({ bucket: "other", key: "sh010/b.exr" }),
  ]
  unwrap(await log.append(facts))
  await expect.poll(failures.keys).toEqual(["sh010/a.exr"])
  await expect.poll(show.keys).toEqual(["sh020/a.exr", "sh010/a.exr"])
  await expect.poll(() => shot.keys().toSorted()).toEqual(["sh010/a.exr", "sh010/b.exr"])
})

it("goes on behind the last event that a browser had, misses none and repeats none", async () => {
  const { log, feed } = feedOver()
  const first = await opened(feed)
  unwrap(await log.append(arrivals(names(0, 3))))
  await expect.poll(first.keys).toEqual(names(0, 3))
  feed.leave(first.stream)
  unwrap(await log.append([...arrivals(names(3, 6)), proxyMade({ key: "made.exr" })]))
  const second = await opened(feed, first.lastId())
  unwrap(await log.append(arrivals(names(6, 8))))
  await expect.poll(() => second.keys().length).toBe(6)
  expect(second.keys().toSorted()).toEqual(["made.exr", ...names(3, 8)])
})

it("reads from the log what the recent events do not reach back to, also in another process", async () => {
  const { log, feed } = feedOver({ events: 4, bytes: 1_000_000 })
  const first = await opened(feed)
  unwrap(await log.append(arrivals(names(0, 1))))
  await expect.poll(first.keys).toEqual(names(0, 1))
  feed.leave(first.stream)
  unwrap(await log.append(arrivals(names(1, 40))))
  const other = openEventFeed({ log, clock: systemClock, note: () => undefined, broken: () => undefined })
  onTestFinished(() => other.close())
  for (const one of [feed, other]) {
    const page = await opened(one, first.lastId())
    await expect.poll(page.keys).toEqual(names(1, 40))
    expect(page.events()).not.toContain("gap")
    feed.leave(page.stream)
  }
})

it("holds nothing for a reader that takes nothing, tells it of the gap, and goes on with what comes then", async () => {
  const { log, feed } = feedOver({ events: 16, bytes: 1_000_000 })
  const [slow, quick] = [await opened(feed), await opened(feed)]
  slow.state.takes = false
  for (let at = 0; at < 400; at += 20) unwrap(await log.append(arrivals(names(at, at + 20))))
  await expect.poll(() => quick.keys().at(-1)).toBe(names(399, 400)[0])
  const held = slow.bytes()
  expect(held).toBeLessThan(2 * BATCH_BYTES)
  expect(slow.keys().length).toBeLessThanOrEqual(20)
  slow.state.takes = true
  slow.stream.drained()
  slow.stream.pump()
  expect(slow.events().at(-1)).toBe("gap")
  unwrap(await log.append(arrivals(["sh010/later.exr"])))
  await expect.poll(() => slow.keys().at(-1)).toBe("sh010/later.exr")
})

it("lets a reader go that takes nothing for several signs of life, and follows the log for nobody", async () => {
  const clock = virtualClock(0)
  const log = openMemoryLog({ clock })
  let isFollowed = false
  const read: typeof log.read = async function* (topics, options) {
    isFollowed = true
    yield* log.read(topics, options)
    isFollowed = false
  }
  const feed = openEventFeed({ log: { ...log, read }, clock, note: () => undefined, broken: () => undefined })
  const page = await opened(feed)
  page.state.takes = false
  const pass = async () => {
    clock.wakeNext(Number.POSITIVE_INFINITY)
    await new Promise(setImmediate)
  }
  await pass()
  for (let beats = 0; beats < 5; beats++) {
    expect(page.state.isOver).toBe(false)
    await pass()
  }
  expect([page.state.isOver, feed.streams(), isFollowed]).toEqual([true, 0, true])
  for (let beats = 0; beats < 4; beats++) await pass()
  expect(isFollowed).toBe(false)
  const next = await opened(feed)
  unwrap(await log.append(arrivals(["sh010/later.exr"])))
  await new Promise(setImmediate)
  await pass()
  expect(next.keys()).toEqual(["sh010/later.exr"])
  await feed.close()
})

it("tells of the gap where too much came meanwhile, and where the log is another one", async () => {
  const { log, feed } = feedOver()
  unwrap(await log.append(Array.from({ length: 10_300 }, () => elementCreated({ key: "a.exr" }))))
  const far = await opened(feed, "1")
  expect(far.events()).toEqual(["gap"])
  const foreign = await opened(feed, "1Azzzz")
  expect(foreign.events()).toEqual(["gap"])
  unwrap(await log.append(arrivals(["now.exr"])))
  await expect.poll(far.keys).toEqual(["now.exr"])
  await expect.poll(foreign.keys).toEqual(["now.exr"])
})

it("ends every stream when it is closed, and takes no more", async () => {
  const { feed } = feedOver()
  const pages = [await opened(feed), await opened(feed)]
  await feed.close()
  expect(pages.map(({ state }) => state.isOver)).toEqual([true, true])
  expect(failureOf(await feed.join({ filter: ALL, from: null, sink: browser().sink })).code).toBe("stopped")
})

it("ends the streams where the log cannot be read any more, and begins anew with the next one", async () => {
  const failure = { code: "log/unreachable", kind: "outage", says: "away" } as const
  const log = openMemoryLog({ clock: systemClock })
  const noted: string[] = []
  let isAway = true
  const read: typeof log.read = (topics, options) =>
    isAway
      ? (async function* () {
          yield { ok: false as const, failure }
        })()
      : log.read(topics, options)
  const feed = openEventFeed({
    ...{ log: { ...log, read }, clock: systemClock, broken: () => undefined },
    note: ({ code }) => noted.push(code),
  })
  const first = browser()
  await feed.join({ filter: ALL, from: null, sink: first.sink })
  await expect.poll(() => first.state.isOver).toBe(true)
  expect(noted).toEqual(["log/unreachable"])
  isAway = false
  const next = await opened(feed)
  unwrap(await log.append(arrivals(["now.exr"])))
  await expect.poll(next.keys).toEqual(["now.exr"])
  await feed.close()
})
