import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { virtualClock } from "../../test/driver/virtual-clock.ts"
import { type Failure, failed, failure } from "../events/result.ts"
import { elementRemoved, proxyMade } from "../events/testing/facts.ts"
import type { EventLog } from "../log/index.ts"
import { openMemoryLog } from "../log/memory.ts"
import { openState } from "../state/index.ts"
import { systemClock } from "../system/clock.ts"
import { knownOutputsContract } from "./contract.ts"
import { type FollowingLog, knownOutputsFromLog, openMemoryKnownOutputs } from "./memory.ts"
import { openSqliteKnownOutputs } from "./sqlite.ts"

knownOutputsContract("memory", async () => ({ known: openMemoryKnownOutputs(), dispose: () => Promise.resolve() }))

async function openOnDisk() {
  const folder = await mkdtemp(join(tmpdir(), "known-outputs-"))
  const state = await openState({ folder, mode: "own", clock: systemClock })
  if (!state.ok) throw new Error(state.failure.says)
  const known = await openSqliteKnownOutputs({ state: state.value })
  if (!known.ok) throw new Error(known.failure.says)
  const dispose = async (): Promise<void> => {
    state.value.close()
    await rm(folder, { recursive: true })
  }
  return { known: known.value, dispose }
}

knownOutputsContract("sqlite", openOnDisk)

it("in memory forgets the oldest names where there are too many", async () => {
  const known = openMemoryKnownOutputs({ mostRemembered: 2 })
  for (const name of ["a", "b", "c"]) await known.remember(name, { bucket: "show", stem: name })
  const places = await Promise.all(["a", "b", "c"].map((pictureKey) => known.find(pictureKey)))
  expect(places.map((found) => found.ok && found.value.length)).toEqual([0, 1, 1])
})

/** A worker's memory beside a log that lives on. */
function following(log: FollowingLog["log"], options: Partial<FollowingLog> = {}) {
  const stop = new AbortController()
  const waits: Failure[] = []
  const { known, follow } = knownOutputsFromLog({
    log,
    clock: systemClock,
    known: openMemoryKnownOutputs(),
    ...options,
  })
  const followed = follow(stop.signal, (why) => waits.push(why))
  const ends = async (): Promise<void> => {
    stop.abort()
    await followed
  }
  onTestFinished(ends)
  const places = async (pictureKey: string) => {
    const found = await known.find(pictureKey)
    return found.ok ? found.value.map(({ bucket, stem }) => `${bucket}/${stem}`) : found.failure.code
  }
  return { known, ends, places, waits }
}

const made = (key: string, pictureKey: string | null) => proxyMade({ key, elementId: key }, { pictureKey })
const STEM = made("", "").value.thumbnail.key.replace("_thumb.jpg", "")

async function logOf(...facts: Parameters<EventLog["append"]>[0]): Promise<EventLog> {
  const log = openMemoryLog({ clock: systemClock })
  expect(await log.append(facts)).toMatchObject({ ok: true })
  return log
}

knownOutputsContract("from the log", async () => {
  const { known, ends } = following(await logOf())
  return { known, dispose: ends }
})

describe("outputs that the log tells of", () => {
  it("are known, whoever made them: those before the worker began, and each new one as it comes", async () => {
    const log = await logOf(made("a.exr", "p1"), elementRemoved(), made("old.exr", null))
    const { places } = following(log)
    expect(await places("p1")).toEqual([`show/${STEM}`])
    const elsewhere = { bucket: "proxies", key: "sh010/b_thumb.jpg" }
    const value = { ...made("b.exr", "p2").value }
    await log.append([{ topic: "proxy-made", value: { ...value, thumbnail: { ...value.thumbnail, ...elsewhere } } }])
    await expect.poll(() => places("p2"), { timeout: 60_000 }).toEqual(["proxies/sh010/b"])
  })

  it("are the newest: a long history is not read whole", async () => {
    const of = (number: number) => {
      const { topic, value } = made(`${number}.exr`, `p${number}`)
      return { topic, value: { ...value, thumbnail: { ...value.thumbnail, key: `${number}_thumb.jpg` } } }
    }
    const { places } = following(await logOf(...Array.from({ length: 10 }, (_, n) => of(n))), { newest: 3 })
    expect(await places("p9")).toEqual(["show/9"])
    expect(await places("p7")).toEqual(["show/7"])
    expect(await places("p6")).toEqual([])
  })

  it("are waited for by a search at the start, for a minute at most", async () => {
    const clock = virtualClock(0)
    const log = await logOf(made("a.exr", "p1"))
    const never = { ...log, ends: () => new Promise<never>(() => undefined) }
    const { known, follow } = knownOutputsFromLog({
      ...{ log: never, clock, known: openMemoryKnownOutputs() },
    })
    void follow(new AbortController().signal, () => undefined)
    const found = known.find("p1")
    expect(await Promise.race([found, Promise.resolve("still waiting")])).toBe("still waiting")
    expect(clock.wakeNext(60_000)).toBe(true)
    expect(await found).toEqual({ ok: true, value: [] })
  })

  it("are read again when the log was away, which ends no worker and is said", async () => {
    const clock = virtualClock(0)
    const log = await logOf(made("a.exr", "p1"))
    const away = failure("log/unreachable", "The brokers are away.")
    let isAway = true
    const ends: EventLog["ends"] = async (topics) => (isAway ? failed(away) : log.ends(topics))
    const { places, waits } = following({ ...log, ends }, { clock })
    await expect.poll(() => waits, { timeout: 60_000 }).toEqual([away])
    isAway = false
    expect(clock.wakeNext(10_000)).toBe(true)
    expect(await places("p1")).toEqual([`show/${STEM}`])
  })
})
