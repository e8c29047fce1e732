import type { Drift } from "../../events/records.generated.ts"
import { type FrameColumns, frameOf, traitOf, UNKNOWN } from "./frame-columns.ts"
import { TRAITS, type Trait } from "./frame-facts.ts"
import { type FrameListBuilder, frameList } from "./frame-list.ts"

// Frames that differ from most of their sequence.

/** Other values of which a report tells, those of most frames first. */
export const MOST_VALUES = 5

/** A value is one line in a report: EXRs may have a thousand channels. */
const MOST_LETTERS = 200

/**
 * Renderers crop a data window to what is in the picture, which is no defect. Where so many frames of a sequence have one
 * window, it is not cropped like that.
 */
const FIXED_WINDOW = 0.9

export type Drifts = {
  readonly drifts: readonly Drift[]
  readonly usual: Readonly<Partial<Record<Trait, string | null>>>
}

/** `rows` are the frames in order. The majority wins; of two values of equally many frames the one that comes first. */
export function driftOf(all: FrameColumns, rows: Uint32Array, mostRuns: number): Drifts {
  const found = new Map<Trait, number>(TRAITS.map((trait, index) => [trait, usualOf(all, rows, index)]))
  const size = TRAITS.indexOf("size")
  const isOfUsualSize = (row: number): boolean => traitOf(all, row, size) === (found.get("size") ?? UNKNOWN)
  const drifts = TRAITS.flatMap((trait, index) => {
    // Another size is another window in any case.
    const judged = trait === "displayWindow" || trait === "dataWindow" ? rows.filter(isOfUsualSize) : rows
    const usual = judged === rows ? (found.get(trait) ?? UNKNOWN) : usualOf(all, judged, index)
    const drift = driftIn(all, judged, { trait, index, usual }, mostRuns)
    return drift === null || (trait === "dataWindow" && !isFixed(drift, judged)) ? [] : [drift]
  })
  const usual = [...found].map(([trait, number]) => [trait, all.values.texts[number] ?? null])
  return { drifts, usual: Object.fromEntries(usual) }
}

const isFixed = (drift: Drift, judged: Uint32Array): boolean =>
  judged.length - drift.frames.count >= FIXED_WINDOW * judged.length

/** Number of the value that most rows have; unknown values have no vote. */
function usualOf(all: FrameColumns, rows: Uint32Array, index: number): number {
  const counts = new Map<number, number>()
  for (const row of rows) {
    const value = traitOf(all, row, index)
    if (value !== UNKNOWN) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  let [usual, most] = [UNKNOWN, 0]
  for (const [value, count] of counts) if (count > most) [usual, most] = [value, count]
  return usual
}

type Judged = { readonly trait: Trait; readonly index: number; readonly usual: number }

function driftIn(
  all: FrameColumns,
  rows: Uint32Array,
  { trait, index, usual }: Judged,
  mostRuns: number,
): Drift | null {
  const frames = frameList(mostRuns)
  const lists = new Map<number, FrameListBuilder>()
  for (const row of rows) {
    const value = traitOf(all, row, index)
    if (value === UNKNOWN || value === usual) continue
    frames.add(frameOf(all, row))
    const list = lists.get(value) ?? frameList(mostRuns)
    lists.set(value, list)
    list.add(frameOf(all, row))
  }
  if (lists.size === 0) return null
  const textOf = (value: number): string | null => shortened(all.values.texts[value] ?? null)
  const others = [...lists].map(([value, list]) => ({ value: textOf(value), frames: list.done() }))
  const byCount = others.sort((a, b) => b.frames.count - a.frames.count).slice(0, MOST_VALUES)
  return { trait, usual: textOf(usual), others: byCount, frames: frames.done() }
}

const shortened = (text: string | null): string | null =>
  text === null || text.length <= MOST_LETTERS ? text : `${text.slice(0, MOST_LETTERS)}…`
