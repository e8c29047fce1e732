// The frames of a sequence as a line of signs.

/** Frames that are of one kind, as ranges: `1001-1040,1045`. */
export type BarFrames = {
  readonly made: string
  readonly failed: string
  readonly missing: string
  /** Frames with a finding. */
  readonly remarkable: readonly string[]
}

/** A terminal: its width, and whether its locale has more than ASCII. */
export type Screen = { readonly columns: number; readonly characters: "unicode" | "ascii" }

/** What a column shows where it stands for several frames: the worst of them. */
const SIGNS = [
  { kind: "missing", unicode: "·", ascii: ".", says: "missing" },
  { kind: "failed", unicode: "x", ascii: "x", says: "failed" },
  { kind: "remarkable", unicode: "!", ascii: "!", says: "see below" },
  { kind: "made", unicode: "━", ascii: "=", says: "made" },
] as const

export type Kind = (typeof SIGNS)[number]["kind"]

type Run = { readonly first: number; readonly last: number }

/** The runs of a text of ranges, which may be too many frames to count through. */
export const runsOf = (ranges: string): readonly Run[] =>
  ranges.split(",").flatMap((text) => {
    const [, first, last = first] = /^(-?\d+)(?:-(-?\d+))?$/.exec(text) ?? []
    return first === undefined ? [] : [{ first: Number(first), last: Number(last) }]
  })

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
  const all = [...runs.values()].flat()
  if (all.length === 0) return null
  const first = all.reduce((least, run) => Math.min(least, run.first), Number.POSITIVE_INFINITY)
  const last = all.reduce((most, run) => Math.max(most, run.last), Number.NEGATIVE_INFINITY)
  const count = last - first + 1
  const length = Math.min(mostCells, count)
  const each = count / length
  const cells: (Kind | undefined)[] = new Array(length).fill(undefined)
  for (const { kind } of [...SIGNS].reverse()) {
    for (const run of runs.get(kind) ?? []) {
      const to = Math.min(length - 1, Math.floor((run.last - first) / each))
      for (let cell = Math.floor((run.first - first) / each); cell <= to; cell++) cells[cell] = kind
    }
  }
  return { first, last, cells, each }
}

/** What the kinds of cells mean. */
export const kindSays = (kind: Kind): string => SIGNS.find((sign) => sign.kind === kind)?.says ?? kind

/**
 * Two lines: the bar between the numbers of the first and the last frame, and what its signs mean. A column stands for a frame, or for as many of them as make the bar fit.
 */
export function barText(frames: BarFrames, { columns, characters }: Screen): string {
  const ends = barCells(frames, 1)
  if (ends === null) return "no frames\n"
  const room = Math.max(MOST_NARROW, columns - `${ends.first}`.length - `${ends.last}`.length - 2)
  const { first, last, cells, each } = barCells(frames, room) ?? ends
  const shown = SIGNS.filter(({ kind }) => cells.includes(kind)).reverse()
  const bar = cells.map((kind) => SIGNS.find((one) => one.kind === kind)?.[characters] ?? " ").join("")
  const scale = each === 1 ? "" : `, about ${Math.round(each).toLocaleString("en-GB")} frames a sign`
  return `${first} ${bar} ${last}\n${shown.map(({ says, ...sign }) => `${sign[characters]} ${says}`).join("  ")}${scale}\n`
}

const MOST_NARROW = 10

const runsByKind = ({ made, failed, missing, remarkable }: BarFrames): ReadonlyMap<Kind, readonly Run[]> =>
  new Map<Kind, readonly Run[]>([
    ["made", runsOf(made)],
    ["failed", runsOf(failed)],
    ["missing", runsOf(missing)],
    ["remarkable", remarkable.flatMap(runsOf)],
  ])
