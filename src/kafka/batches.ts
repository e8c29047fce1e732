/** Anything with a size on the wire. */
type Sized = { readonly sizeBytes: number }

/**
 * Cuts a list into runs of at most `mostBytes`, in order; one item that is larger than that is a run of its own. The
 * broker's limit holds per batch of a partition, and the client sends one batch per partition and request, so a request
 * within the limit holds no batch above it.
 */
export function splitByBytes<T extends Sized>(items: readonly T[], mostBytes: number): readonly (readonly T[])[] {
  const runs: T[][] = []
  let room = 0
  for (const item of items) {
    const run = runs.at(-1)
    if (run !== undefined && item.sizeBytes <= room) run.push(item)
    else {
      runs.push([item])
      room = mostBytes
    }
    room -= item.sizeBytes
  }
  return runs
}
