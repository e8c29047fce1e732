import { from, lastValueFrom, Subject, toArray } from "rxjs"
import { describe, expect, it } from "vitest"
import { virtualClock } from "../../test/driver/virtual-clock.ts"
import { inBatches } from "./batches.ts"

/** Work that ends when the test says so, and the batches that it was given. */
function slowWork() {
  const batches: number[][] = []
  const ends: (() => void)[] = []
  const work = (batch: readonly number[]): Promise<number> => {
    batches.push([...batch])
    return new Promise((resolve) => ends.push(() => resolve(batch.length)))
  }
  const finishes = async (): Promise<void> => {
    ends.shift()?.()
    await turn()
  }
  return { batches, work, finishes }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Time, which passes only when a test says so. */
const clock = virtualClock(0)

const waited = async (): Promise<void> => {
  clock.wakeNext(clock.nowMs() + 1)
  await turn()
}

describe("work in batches", () => {
  it("waits for no company once none is to come", async () => {
    const { batches, work } = slowWork()
    const [source, last] = [new Subject<number>(), new AbortController()]
    source.pipe(inBatches(work, { most: 4, waitMs: 1, clock, last: last.signal })).subscribe()
    source.next(1)
    await turn()
    expect(batches).toEqual([])
    last.abort()
    await turn()
    expect(batches).toEqual([[1]])
  })

  it("takes together what arrives while a batch is under way, up to the limit, in order", async () => {
    const { batches, work, finishes } = slowWork()
    const source = new Subject<number>()
    const sizes = lastValueFrom(source.pipe(inBatches(work, { most: 4, waitMs: 1, clock }), toArray()))
    source.next(1)
    await turn()
    expect(batches).toEqual([])
    await waited()
    for (const value of [2, 3, 4, 5, 6, 7]) source.next(value)
    expect(batches).toEqual([[1]])
    await finishes()
    expect(batches).toEqual([[1], [2, 3, 4, 5]])
    source.complete()
    await finishes()
    await finishes()
    expect(batches).toEqual([[1], [2, 3, 4, 5], [6, 7]])
    expect(await sizes).toEqual([1, 4, 2])
  })

  it("begins at once with a full batch, and with what is left when the source ends", async () => {
    const batches: number[][] = []
    const work = async (batch: readonly number[]): Promise<void> => void batches.push([...batch])
    await lastValueFrom(from([1, 2, 3, 4, 5]).pipe(inBatches(work, { most: 2, waitMs: 3_600_000, clock }), toArray()))
    expect(batches.flat()).toEqual([1, 2, 3, 4, 5])
    expect(Math.max(...batches.map(({ length }) => length))).toBe(2)
  })

  it("ends without a batch when nothing came", async () => {
    const work = () => Promise.reject(new Error("there is nothing to work on"))
    expect(await lastValueFrom(from([]).pipe(inBatches(work, { most: 2, waitMs: 1, clock }), toArray()))).toEqual([])
  })

  it("lets a bug of the work out", async () => {
    const work = () => Promise.reject(new Error("a bug"))
    const all = lastValueFrom(from([1]).pipe(inBatches(work, { most: 2, waitMs: 1, clock }), toArray()))
    await expect(all).rejects.toThrow("a bug")
  })

  it("begins nothing more once nobody listens", async () => {
    const { batches, work, finishes } = slowWork()
    const source = new Subject<number>()
    const listening = source.pipe(inBatches(work, { most: 1, waitMs: 1, clock })).subscribe()
    source.next(1)
    source.next(2)
    await waited()
    listening.unsubscribe()
    await finishes()
    expect(batches).toEqual([[1]])
  })
})
