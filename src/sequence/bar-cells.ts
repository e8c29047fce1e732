// The frames of a sequence as cells of a bar, each the worst of those that it stands for.

/** Frames that are of one kind, as ranges: `1001-1040,1045`. */
export type BarFrames = {
  readonly made: string
  readonly failed: string
  readonly missing: string
  /** Frames with a finding. */
  readonly remarkable: readonly string[]
}

/** What a cell shows where it stands for several frames: the first of these. */
const WORST_FIRST = ["missing", "failed", "remarkable", "made"] as const

export type Kind = (typeof WORST_FIRST)[number]

type Run = { readonly first: number; readonly last: number }

/** The runs of a text of ranges, which may be too many frames to count through. */
export const runsOf = (ranges: string): readonly Run[] =>
  ranges.split(",").flatMap((text) => {
    const [, first, last = first] = /^(-?\d+)(?:-(-?\d+))?$/.exec(text) ?? []
    return first === undefined ? [] : [{ first: Number(first), last: Number(last) }]
  })

/** From the first frame to the last; null where there is none. */
export const spanOf = (runs: readonly Run[]): Run | null =>
  runs.length === 0
    ? null
    : {
        first: runs.reduce((least, { first }) => Math.min(least, first), Number.POSITIVE_INFINITY),
        last: runs.reduce((most, { last }) => Math.max(most, last), Number.NEGATIVE_INFINITY),
      }

/** The frames from the first to the last, each cell the worst of those that it stands for; undefined where there is none. */
export type BarCells = {
  readonly first: number
  readonly last: number
  readonly cells: readonly (Kind | undefined)[]
  /** Frames that a cell stands for. */
  readonly each: number
}

/** As many cells as there are frames, at most so many; null where there are no frames. */
export function barCells(frames: BarFrames, mostCells: number): BarCells | null {
  const runs = runsByKind(frames)
  const span = spanOf([...runs.values()].flat())
  if (span === null) return null
  const { first, last } = span
  const count = last - first + 1
  const length = Math.min(mostCells, count)
  const each = count / length
  const cells: (Kind | undefined)[] = new Array(length).fill(undefined)
  for (const kind of WORST_FIRST.toReversed()) {
    for (const run of runs.get(kind) ?? []) {
      const to = Math.min(length - 1, Math.floor((run.last - first) / each))
      for (let cell = Math.floor((run.first - first) / each); cell <= to; cell++) cells[cell] = kind
    }
  }
  return { first, last, cells, each }
}

const runsByKind = ({ made, failed, missing, remarkable }: BarFrames): ReadonlyMap<Kind, readonly Run[]> =>
  new Map<Kind, readonly Run[]>([
    ["made", runsOf(made)],
    ["failed", runsOf(failed)],
    ["missing", runsOf(missing)],
    ["remarkable", remarkable.flatMap(runsOf)],
  ])
