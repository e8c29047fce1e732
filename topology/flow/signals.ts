/**
 * The signal of whatever aborts first, `abort` or what is asked for; made once for each that is asked for. Elements come
 * by the thousand, the partitions whose loss aborts them do not.
 */
export function orAborted(abort: AbortSignal): (other: AbortSignal) => AbortSignal {
  const made = new WeakMap<AbortSignal, AbortSignal>()
  return (other) => {
    const either = made.get(other) ?? AbortSignal.any([abort, other])
    made.set(other, either)
    return either
  }
}
