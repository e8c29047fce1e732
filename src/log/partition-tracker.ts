/**
 * Which deliveries of one partition are done, and up to where all are: the offset that may be committed. Offsets come in
 * rising order and may have holes (retention, compaction, transaction markers), so nothing is ever computed from
 * `offset + 1` but the end.
 */
export type PartitionTracker = {
  /** Notes a delivery. False, and nothing noted, when `capacity` deliveries stand above the watermark: wait for one. */
  track(offset: number): boolean
  /** Marks a delivery as done. Marking twice is marking once; an offset that is not tracked is a bug. */
  finish(offset: number): void
  /** Takes a mark back that {@link settle} has not yet made final: the commit behind it failed. */
  reopen(offset: number): void
  /** First offset that is not done; behind the last delivery when all are; null before the first delivery. */
  watermark(): number | null
  /** The watermark is committed: what is below it is forgotten. */
  settle(): void
  /** Deliveries at or above the settled watermark, done or not. */
  pending(): number
}

/** Forgotten entries are cut off once they are many, so that each costs a constant share of the copying. */
const CUT_AT = 1024

/** `capacity`: most deliveries tracked at once; it bounds what is delivered again after a crash, and memory. */
export function createPartitionTracker(capacity: number): PartitionTracker {
  let offsets: number[] = []
  let first = 0
  let next: number | null = null
  const finished = new Set<number>()

  const firstOpen = (): number => {
    let index = first
    while (index < offsets.length && finished.has(offsets[index] as number)) index++
    return index
  }
  const forget = (upTo: number): void => {
    for (; first < upTo; first++) finished.delete(offsets[first] as number)
    if (first < CUT_AT || first * 2 < offsets.length) return
    offsets = offsets.slice(first)
    first = 0
  }
  return {
    track: (offset) => {
      if (offsets.length - first >= capacity) return false
      if (next !== null && offset < next) throw new Error(`tracker: ${offset} comes after ${next - 1}`)
      offsets.push(offset)
      next = offset + 1
      return true
    },
    finish: (offset) => {
      finished.add(offset)
    },
    reopen: (offset) => {
      finished.delete(offset)
    },
    watermark: () => offsets[firstOpen()] ?? next,
    settle: () => forget(firstOpen()),
    pending: () => offsets.length - first,
  }
}
