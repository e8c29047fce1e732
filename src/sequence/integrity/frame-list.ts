import { GREATEST_FRAME } from "../../element/frame-ranges.ts"
import type { FrameList } from "../../events/records.generated.ts"

export type FrameListBuilder = {
  /** Takes frames, or runs of frames, in ascending order; one that is told again counts once. */
  add(first: number, last?: number): void
  done(): FrameList
}

export function frameList(mostRuns: number): FrameListBuilder {
  const texts: string[] = []
  let [count, runs, run]: [number, number, { first: number; last: number } | null] = [0, 0, null]
  const close = (): void => {
    if (run === null) return
    runs++
    if (runs <= mostRuns) texts.push(run.first === run.last ? `${run.first}` : `${run.first}-${run.last}`)
  }
  return {
    add: (first, last = first) => {
      if (run !== null && last <= run.last) return
      count += last - first + 1
      if (run !== null && first === run.last + 1) run.last = last
      else {
        close()
        run = { first, last }
      }
    },
    done: () => {
      close()
      run = null
      // Of frames that lie as far apart as can be more are missing than a record can count.
      return { count: Math.min(count, GREATEST_FRAME), ranges: texts.join(","), more: runs - texts.length }
    },
  }
}
