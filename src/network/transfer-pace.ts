import type { Clock } from "../system/clock.ts"
import { unattended } from "../system/unattended.ts"

/** How much a transfer has to move, so that whoever sends nothing holds nothing. */
export type LeastPace = {
  /** Least throughput, bytes a second; 0 sets no least. */
  readonly leastBytesPerSecond: number
  /** Over which time it is measured, milliseconds: a transfer may rest for nearly as long. */
  readonly windowMs: number
}

export type PaceWatch = {
  /** So many bytes more have come. */
  moved(bytes: number): void
  /** The transfer is over, however it ended. */
  stop(): void
}

/** Who hears of it. */
export type PaceEnd = {
  /** A whole window has brought fewer bytes than the least. */
  readonly tooSlow: () => void
  /** A bug keeps the transfer from being watched: it must not be waited for. */
  readonly broken: (bug: unknown) => void
}

/** Calls one of the two once, and none after `stop`. */
export function watchPace(
  { clock, leastBytesPerSecond, windowMs }: LeastPace & { readonly clock: Pick<Clock, "sleep"> },
  { tooSlow, broken }: PaceEnd,
): PaceWatch {
  const over = new AbortController()
  const leastBytes = (leastBytesPerSecond * windowMs) / 1000
  let bytes = 0
  const watch = async (): Promise<void> => {
    for (let before = 0; ; before = bytes) {
      await clock.sleep(windowMs, over.signal)
      if (over.signal.aborted) return
      if (bytes - before < leastBytes) return tooSlow()
    }
  }
  if (leastBytes > 0) unattended(watch, broken)
  return {
    moved: (more) => {
      bytes += more
    },
    stop: () => over.abort(),
  }
}
