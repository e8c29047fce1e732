import { expect, it } from "vitest"
import { done } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import type { Extent } from "../../kafka/positions.ts"
import { partitionOf } from "../../kafka/producing.ts"
import type { ReadOptions } from "../index.ts"
import { cursorsOf } from "./replay-cursors.ts"

const positionsOf = (extents: readonly Extent[], since: ReadonlyMap<number, number> = new Map()) => ({
  extents: async () => done(extents),
  since: async () => done(since),
})

const fetched = (...offsets: number[]) =>
  offsets.map((offset) => ({
    offset,
    message: { key: null, value: null, timestamp: "0", attributes: 0, headers: {}, offset: String(offset) },
  }))

const AT = [
  { topic: "proxy-made", partition: 0 },
  { topic: "proxy-made", partition: 1 },
] as const

const EXTENTS = [
  { partition: 0, low: 5, high: 10 },
  { partition: 1, low: 0, high: 0 },
]

const cursors = async (options: ReadOptions = {}, positions = positionsOf(EXTENTS)) =>
  unwrap(await cursorsOf(positions, ["proxy-made"], options))

it("begins at the first record that is there, or later where it was told so", async () => {
  expect((await cursors()).all.map(({ position }) => position)).toEqual([5, 0])
  expect((await cursors({ from: 7 })).all[0]?.position).toBe(7)
  const since = positionsOf(EXTENTS, new Map([[0, 9]]))
  expect((await cursors({ sinceMs: 1 }, since)).all[0]?.position).toBe(9)
})

it("is over when each partition was read up to its end, and all of it was given", async () => {
  const { isOver, takeIn, take } = await cursors()
  expect(isOver()).toBe(false)
  takeIn(AT[0], fetched(5, 6, 9, 10, 11))
  expect(isOver()).toBe(false)
  expect([take(), take(), take()].map((next) => next?.message?.offset)).toEqual(["5", "6", "9"])
  expect([take(), isOver()]).toEqual([undefined, true])
})

it("gives records of all partitions in turn, each partition in order, and none twice", async () => {
  const extents = [0, 1].map((partition) => ({ partition, low: 0, high: 3 }))
  const { takeIn, take } = await cursors({}, positionsOf(extents))
  takeIn(AT[0], fetched(0, 1, 2))
  takeIn(AT[1], fetched(0, 1))
  takeIn(AT[1], fetched(0, 1, 2))
  const given = Array.from({ length: 7 }, take).map((next) => next && [next.at.partition, next.message?.offset])
  expect(given).toEqual([[0, "0"], [1, "0"], [0, "1"], [1, "1"], [0, "2"], [1, "2"], undefined])
})

it("is over at the end when the last offsets hold nothing for readers", async () => {
  const { isOver, takeIn, take } = await cursors({}, positionsOf([{ partition: 0, low: 0, high: 4 }]))
  takeIn(AT[0], [...fetched(0), { offset: 3, message: null }])
  take()
  take()
  expect(isOver()).toBe(true)
})

it("never is over when it follows", async () => {
  expect((await cursors({ follow: new AbortController().signal })).isOver()).toBe(false)
})

it("reads of one key its partition alone, and nothing where the times hold nothing of it", async () => {
  const extents = [0, 1, 2, 3].map((partition) => ({ partition, low: 0, high: 9 }))
  const key = "show/sh010/beauty.0001"
  const home = partitionOf(key, 4)
  const of = await cursors({ key }, positionsOf(extents))
  expect(of.all.flatMap(({ at, until }) => (until > 0 ? [[at.partition, until]] : []))).toEqual([[home, 9]])
  const elsewhen = positionsOf(extents, new Map([[home, 4]]))
  expect((await cursors({ key, sinceMs: 1, untilMs: 2 }, elsewhen)).isOver()).toBe(true)
})
