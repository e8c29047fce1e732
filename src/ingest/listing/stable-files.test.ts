import { expect, it } from "vitest"
import type { ObjectEntry } from "../../store/index.ts"
import { openSettling } from "./stable-files.ts"

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
  const settling = openSettling(QUIET_MS, () => now)
  const looks = (entry: ObjectEntry): boolean => {
    settling.begin()
    return settling.isSettled(entry)
  }
  const passes = (ms: number): void => {
    now += ms
  }
  return { looks, passes, settling }
}

it("takes an old file at the first look", () => {
  const { looks } = watching(100_000)
  expect(looks(file("v1", 1000))).toBe(true)
})

it("waits for a file that was just written until it has been still", () => {
  const { looks, passes, settling } = watching(100_000)
  expect(looks(file("v1", 99_500))).toBe(false)
  expect(settling.waiting()).toBe(1)
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
