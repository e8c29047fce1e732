import { EventEmitter } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { virtualClock } from "../../../test/driver/virtual-clock.ts"
import { BUG, leavesNoPromiseUnhandled, rejecting, throwing } from "../../events/testing/unhandled.ts"
import type { ObjectEntry } from "../../store/index.ts"
import { systemClock } from "../../system/clock.ts"
import { type OpenWatcher, openStableFiles, watchFolder } from "./watch.ts"

const QUIET_MS = 3000

const file = (sourceVersion: string, lastModifiedMs = 0): ObjectEntry => ({
  bucket: "show",
  key: "a.exr",
  etag: sourceVersion,
  sizeBytes: 1,
  lastModifiedMs,
  sourceVersion,
})

function watching(startMs: number) {
  let now = startMs
  const stableFiles = openStableFiles(QUIET_MS, () => now)
  const looks = (entry: ObjectEntry): boolean => {
    stableFiles.begin()
    return stableFiles.isStable(entry)
  }
  const passes = (ms: number): void => {
    now += ms
  }
  return { looks, passes, stableFiles }
}

it("takes an old file at the first look", () => {
  const { looks } = watching(100_000)
  expect(looks(file("v1", 1000))).toBe(true)
})

it("waits for a file that was just written until it has been still", () => {
  const { looks, passes, stableFiles } = watching(100_000)
  expect(looks(file("v1", 99_500))).toBe(false)
  expect(stableFiles.waiting()).toBe(1)
  passes(1000)
  expect(looks(file("v2", 100_500))).toBe(false)
  passes(2500)
  expect(looks(file("v2", 100_500))).toBe(false)
  passes(1000)
  expect(looks(file("v2", 100_500))).toBe(true)
})

it("does not trust the time of a file that appears while it watches: a copy may keep an old one", () => {
  const { looks, passes } = watching(100_000)
  looks(file("other", 0))
  passes(1000)
  looks(file("other", 0))
  expect(looks({ ...file("v1", 0), key: "late.exr" })).toBe(false)
})

leavesNoPromiseUnhandled()

const STOP = new AbortController().signal

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "watching-"))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** The system's watches, which the test speaks for. */
function watcher() {
  let isClosed = false
  const close = (): void => {
    isClosed = true
  }
  const events = Object.assign(new EventEmitter(), { close })
  let changes = (): void => undefined
  const open: OpenWatcher = (_, changed) => {
    changes = changed
    return events as unknown as ReturnType<OpenWatcher>
  }
  return { events, open, changes: () => changes(), isClosed: () => isClosed }
}

it("a folder is looked at again as soon as something changes in it", async () => {
  const { open, changes } = watcher()
  const clock = virtualClock(0)
  const watching = await watchFolder(folder(), clock, open)
  const next = watching.next({ atLeastMs: 1_000, atMostMs: 30_000 }, STOP)
  expect(clock.wakeNext(1_000)).toBe(true)
  changes()
  await next
  expect(clock.nowMs()).toBe(1_000)
})

it("a folder for which the system has no watches left is looked at by the clock", async () => {
  const noneLeft = Object.assign(new Error("no space left"), { code: "ENOSPC", syscall: "inotify_add_watch" })
  const clock = virtualClock(0)
  const watching = await watchFolder(folder(), clock, () => {
    throw noneLeft
  })
  expect(watching.notices).toBe(false)
  const next = watching.next({ atLeastMs: 1_000, atMostMs: 30_000 }, STOP)
  expect(clock.wakeNext(1_000)).toBe(true)
  await next
  watching.close()
})

it("a folder whose watches end later is looked at by the clock from then on", async () => {
  const { events, open, isClosed } = watcher()
  const clock = virtualClock(0)
  const watching = await watchFolder(folder(), clock, open)
  events.emit("error", new Error("gone"))
  expect(isClosed()).toBe(true)
  const next = watching.next({ atLeastMs: 1_000, atMostMs: 30_000 }, STOP)
  for (const untilMs of [1_000, 30_000]) await expect.poll(() => clock.wakeNext(untilMs)).toBe(true)
  await next
})

it.each([
  ["throws", throwing],
  ["rejects", rejecting],
])("a bug of the timer, which %s, ends the wait for the next look", async (_, sleep) => {
  const watching = await watchFolder(folder(), { ...systemClock, sleep }, watcher().open)
  await expect(watching.next({ atLeastMs: 1, atMostMs: 2 }, STOP)).rejects.toBe(BUG)
})

it("a bug in the opening of the watches ends the command", async () => {
  await expect(watchFolder(folder(), systemClock, throwing)).rejects.toBe(BUG)
})
