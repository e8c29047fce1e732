import { expect, it } from "vitest"
import type { ObjectEntry } from "../../store/index.ts"
import { openStableFiles } from "./stable-files.ts"

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

it("waits for a file that was just written until it has been still, and says when that will be", () => {
  const { looks, passes, stableFiles } = watching(100_000)
  expect(looks(file("v1", 99_500))).toBe(false)
  expect([stableFiles.due(), stableFiles.nextDueMs()]).toEqual([[], 103_000])
  passes(1000)
  expect(looks(file("v2", 100_500))).toBe(false)
  passes(2500)
  expect(looks(file("v2", 100_500))).toBe(false)
  expect([stableFiles.due(), stableFiles.nextDueMs()]).toEqual([[], 104_000])
  passes(1000)
  expect(stableFiles.due()).toEqual(["a.exr"])
  expect(looks(file("v2", 100_500))).toBe(true)
  expect([stableFiles.due(), stableFiles.nextDueMs()]).toEqual([[], Number.POSITIVE_INFINITY])
})

it("does not trust the time of a file that appears while it watches: a copy may keep an old one", () => {
  const { looks, passes } = watching(100_000)
  looks(file("other", 0))
  passes(1000)
  looks(file("other", 0))
  expect(looks({ ...file("v1", 0), key: "late.exr" })).toBe(false)
})

it("takes a file at one look after the last that was heard of it, though it was never looked at before", () => {
  const { looks, passes, stableFiles } = watching(100_000)
  looks({ ...file("v"), key: "other.exr" })
  for (let write = 0; write < 5; write++) {
    stableFiles.touched("a.exr")
    passes(1000)
  }
  expect(stableFiles.due()).toEqual([])
  passes(2000)
  expect(stableFiles.due()).toEqual(["a.exr"])
  expect(stableFiles.isStable(file("v5", 104_000))).toBe(true)
})

it("believes neither silence nor a clock that is ahead: such a file has to keep its version", () => {
  const { passes, stableFiles } = watching(100_000)
  stableFiles.touched("a.exr")
  passes(3000)
  expect(stableFiles.isStable(file("v1", 102_500))).toBe(false)
  passes(3000)
  expect(stableFiles.isStable(file("v1", 102_500))).toBe(true)
})

it("is not still once more is heard of it, whatever was known before", () => {
  const { looks, passes, stableFiles } = watching(100_000)
  looks(file("v1", 99_500))
  passes(2900)
  stableFiles.touched("a.exr")
  passes(200)
  expect(looks(file("v1", 99_500))).toBe(false)
})

it("forgets a file that is gone, and one that the last listing did not see", () => {
  const { looks, passes, stableFiles } = watching(100_000)
  looks(file("v1", 99_500))
  stableFiles.forget("a.exr")
  expect(stableFiles.nextDueMs()).toBe(Number.POSITIVE_INFINITY)
  looks(file("v1", 99_500))
  looks({ ...file("v", 99_500), key: "other.exr" })
  passes(5000)
  stableFiles.begin()
  expect(stableFiles.due()).toEqual(["other.exr"])
})
