import { expect, it } from "vitest"
import { done } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import type { Extent, Positions } from "./positions.ts"
import { isOver, nextOn, takeOnto, tracksOf } from "./tracks.ts"

const positionsOf = (extents: readonly Extent[], since: ReadonlyMap<number, number> = new Map()): Positions => ({
  extents: async () => done(extents),
  since: async () => done(since),
  ends: async () => done([]),
  lag: async () => done([]),
})

const fetched = (...offsets: number[]) => offsets.map((offset) => ({ offset, message: null }))

const EXTENTS = [
  { partition: 0, low: 5, high: 10 },
  { partition: 1, low: 0, high: 0 },
]

it("begins at the first record that is there, or later where it was told so", async () => {
  expect(unwrap(await tracksOf(positionsOf(EXTENTS), "proxy-made", {})).map(({ position }) => position)).toEqual([5, 0])
  expect(unwrap(await tracksOf(positionsOf(EXTENTS), "proxy-made", { from: 7 }))[0]?.position).toBe(7)
  const since = positionsOf(EXTENTS, new Map([[0, 9]]))
  expect(unwrap(await tracksOf(since, "proxy-made", { sinceMs: 1 }))[0]?.position).toBe(9)
})

it("is over when each partition was read up to its end, and all of it was given", async () => {
  const tracks = unwrap(await tracksOf(positionsOf(EXTENTS), "proxy-made", {}))
  const [track] = tracks
  if (track === undefined) throw new Error("no track")
  expect(isOver(tracks)).toBe(false)
  takeOnto(track, fetched(5, 6, 9, 10, 11))
  expect(isOver(tracks)).toBe(false)
  const given = [nextOn(tracks, 0), nextOn(tracks, 1), nextOn(tracks, 2)].map((next) => next?.fetched.offset)
  expect(given).toEqual([5, 6, 9])
  expect([nextOn(tracks, 0), isOver(tracks)]).toEqual([null, true])
})

it("is over at the end when the last offsets hold nothing for readers", async () => {
  const tracks = unwrap(await tracksOf(positionsOf([{ partition: 0, low: 0, high: 4 }]), "proxy-made", {}))
  const [track] = tracks
  if (track === undefined) throw new Error("no track")
  takeOnto(track, fetched(0, 3))
  nextOn(tracks, 0)
  nextOn(tracks, 0)
  expect(isOver(tracks)).toBe(true)
})

it("never is over when it follows", async () => {
  const follow = new AbortController().signal
  const tracks = unwrap(await tracksOf(positionsOf(EXTENTS), "proxy-made", { follow }))
  expect(isOver(tracks)).toBe(false)
})
