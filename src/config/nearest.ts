/** Edit distance (insert, delete, replace, swap of neighbours), case ignored. */
function distance(left: string, right: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      const best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      )
      current.push(swapped ? Math.min(best, (beforeLast[column - 2] ?? best) + 1) : best)
    }
    beforeLast = last
    last = current
  }
  return last[right.length] ?? 0
}

const folded = (name: string): string => name.toLowerCase().replaceAll(/[-_ ]/g, "")

/** The known name that a mistyped one most likely means; null when none is near (over two fifths of it would change). */
export function nearest(mistyped: string, known: readonly string[]): string | null {
  const ranked = known
    .map((name) => ({ name, away: distance(folded(mistyped), folded(name)) }))
    .sort((one, other) => one.away - other.away)
  const best = ranked[0]
  return best !== undefined && best.away <= Math.max(2, mistyped.length * 0.4) ? best.name : null
}

/** ` Did you mean "x"?`, or nothing when no known name is near. */
export function didYouMean(mistyped: string, known: readonly string[]): string {
  const near = nearest(mistyped, known)
  return near === null ? "" : ` Did you mean "${near}"?`
}
