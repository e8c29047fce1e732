import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createPartitionTracker } from "./partition-tracker.ts"

const tracking = (...offsets: number[]) => {
  const tracker = createPartitionTracker(100)
  for (const offset of offsets) tracker.track(offset)
  return tracker
}

describe("partition tracker", () => {
  it("has no watermark before the first delivery", () => {
    expect(tracking().watermark()).toBeNull()
  })

  it("stays at the first delivery that is not done", () => {
    const tracker = tracking(3, 4, 5)
    tracker.finish(4)
    tracker.finish(5)
    expect(tracker.watermark()).toBe(3)
    tracker.finish(3)
    expect(tracker.watermark()).toBe(6)
  })

  it("steps over offsets that were never delivered", () => {
    const tracker = tracking(10, 17, 40)
    tracker.finish(10)
    expect(tracker.watermark()).toBe(17)
    tracker.finish(17)
    tracker.finish(40)
    expect(tracker.watermark()).toBe(41)
  })

  it("falls back when a commit failed", () => {
    const tracker = tracking(0, 1, 2)
    tracker.finish(0)
    tracker.finish(1)
    expect(tracker.watermark()).toBe(2)
    tracker.reopen(0)
    expect(tracker.watermark()).toBe(0)
    tracker.finish(0)
    tracker.settle()
    expect([tracker.watermark(), tracker.pending()]).toEqual([2, 1])
  })

  it("takes no more than its capacity above the watermark", () => {
    const tracker = createPartitionTracker(3)
    expect([0, 1, 2, 3].map((offset) => tracker.track(offset))).toEqual([true, true, true, false])
    tracker.finish(1)
    tracker.settle()
    expect(tracker.track(3)).toBe(false)
    tracker.finish(0)
    tracker.settle()
    expect([tracker.track(3), tracker.pending()]).toEqual([true, 2])
  })

  it("agrees with the definition for any order of completion", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.nat()),
        (found, random) => {
          const offsets = found.sort((a, b) => a - b)
          const tracker = tracking(...offsets)
          const open = [...offsets]
          while (open.length > 0) {
            const [offset] = open.splice(Number(random.next().value) % open.length, 1)
            tracker.finish(offset as number)
            if (open.length % 3 === 0) tracker.settle()
            expect(tracker.watermark()).toBe(open[0] ?? (offsets.at(-1) as number) + 1)
          }
        },
      ),
    )
  })

  it("bears 100,000 pending deliveries, completed from the far end", () => {
    const count = 100_000
    const tracker = createPartitionTracker(count)
    for (let offset = 0; offset < count; offset++) tracker.track(offset)
    for (let offset = count - 1; offset >= 0; offset--) {
      tracker.finish(offset)
      tracker.watermark()
      tracker.settle()
    }
    expect([tracker.watermark(), tracker.pending()]).toEqual([count, 0])
  })

  it("keeps no trace of what is settled", () => {
    const tracker = createPartitionTracker(10)
    for (let offset = 0; offset < 100_000; offset++) {
      expect(tracker.track(offset)).toBe(true)
      tracker.finish(offset)
      tracker.settle()
    }
    expect(tracker.pending()).toBe(0)
  })
})
