// A sequence as the contact sheet shows it: its movie, the bar of its frames, what is remarkable.

import type { SequenceRow } from "../../../table/sequence-rows.ts"
import { type Html, html, markup, nothing } from "../html-page.ts"
import { counted, humanBytes } from "../human.ts"
import { barCells, type Kind, kindSays } from "./bar.ts"
import { sequenceName } from "./table.ts"

/** A sequence and where its movie is, as addresses for the page; null for what is not there. Every text may be hostile. */
export type SequenceCard = {
  readonly row: SequenceRow
  readonly movieUrl: string | null
  readonly posterUrl: string | null
}

const FINDINGS = [
  ["two files", "frames_duplicate"],
  ["outside", "frames_outside"],
  ["differ", "frames_drifted"],
  ["timecode jumps", "frames_timecode_jump"],
  ["black", "frames_black"],
  ["nearly black", "frames_nearly_black"],
  ["frozen", "frames_frozen"],
  ["not finite", "frames_non_finite"],
] as const satisfies readonly (readonly [string, keyof SequenceRow])[]

const findingsOf = (row: SequenceRow): readonly (readonly [string, string])[] =>
  FINDINGS.flatMap(([title, column]) => (row[column] === "" ? [] : [[title, row[column]] as const]))

/** What the buttons of the page choose it by. */
export const sequenceStates = (row: SequenceRow): readonly string[] => [
  "sequence",
  ...(row.frames_missing === "" && row.frames_failed === "" ? [] : ["gaps"]),
  ...(row.frames_failed === "" && row.failure_code === null ? [] : ["failed"]),
  ...(findingsOf(row).length === 0 ? [] : ["warned"]),
]

/** The movie that plays, and beside it what is known of the sequence. */
export function sequenceCard(card: SequenceCard): Html {
  const { row } = card
  return html`<article class="sequence" data-states="${sequenceStates(row).join(" ")}"><div class="media">${player(card)}</div><div>
<h3><span class="bucket">${row.bucket}/</span>${sequenceName(row)}</h3>
${bar(row)}
<dl>${factsOf(row)}</dl></div></article>${markup("\n")}`
}

function player({ row, movieUrl, posterUrl }: SequenceCard): Html {
  if (movieUrl === null)
    return html`<div class="absent wide">${row.movie_key === null ? whyNone(row) : "no movie"}</div>`
  const poster = posterUrl === null ? nothing : html` poster="${posterUrl}"`
  return html`<video controls loop playsinline preload="none"${poster} aria-label="Movie of ${sequenceName(row)}" src="${movieUrl}"></video>`
}

const whyNone = ({ failure_code: code }: SequenceRow): string => (code === null ? "no movie yet" : code)

/** Most cells of a bar: about a pixel each. */
const MOST_CELLS = 480

/** Drawn by attributes, since the page's policy allows no style in the markup. */
function bar(row: SequenceRow): Html {
  const { frames_made: made, frames_failed: failed, frames_missing: missing } = row
  const remarkable = findingsOf(row).flatMap(([, ranges]) => ranges.split(/[;\s]+/))
  const drawn = barCells({ made, failed, missing, remarkable }, MOST_CELLS)
  if (drawn === null) return nothing
  const { first, last, cells } = drawn
  const kinds = [...new Set(cells)].flatMap((kind) => kind ?? [])
  const gap = cells.length > MOST_CELLS / 4 ? 0 : 0.12
  const cell = (kind: Kind | undefined, at: number): readonly Html[] =>
    kind === undefined ? [] : [html`<rect class="${kind}" x="${at}" y="0" width="${1 - gap}" height="1"/>`]
  return html`<div class="bar"><span>${first}</span><svg viewBox="0 0 ${cells.length} 1" preserveAspectRatio="none" role="img" aria-label="Frames ${first} to ${last}: ${kinds.map(kindSays).join(", ")}">${cells.flatMap(cell)}</svg><span>${last}</span></div>
<p class="key">${kinds.map((kind) => html`<span class="sign ${kind}">${kindSays(kind)}</span>`)}</p>`
}

const factRow = (name: string, value: string, isWarning = false): Html =>
  html`<dt>${name}</dt><dd>${isWarning ? html`<span class="warnings">${value}</span>` : value}</dd>`

function factsOf(row: SequenceRow): readonly Html[] {
  const { first_frame: first, first_frame_expected: expected } = row
  const warnings: readonly (readonly [string, string])[] = [
    ["missing", row.frames_missing],
    ["failed", row.frames_failed],
    ["another shown for", row.frames_held],
    ...findingsOf(row),
    ["first frame", expected === null || first === expected ? "" : `${first}, expected ${expected}`],
    ["no movie", row.failure_code === null ? "" : `${row.failure_code}: ${row.failure_says ?? ""}`],
  ]
  return [
    factRow("frames", row.frames_made),
    ...(row.movie_key === null ? [] : [factRow("movie", movieText(row))]),
    ...warnings.flatMap(([name, value]) => (value === "" ? [] : [factRow(name, value, true)])),
    ...(row.is_sound === null
      ? []
      : [factRow("report", row.is_sound === 1 ? "sound" : "not sound", row.is_sound === 0)]),
  ]
}

const movieText = (row: SequenceRow): string =>
  [
    counted(row.movie_frames, "frame"),
    `${row.frame_rate?.replace(/\/1$/, "") ?? "unknown"} frames/s`,
    ...[row.movie_resolution, row.timecode].flatMap((text) => text ?? []),
    humanBytes(row.movie_size_bytes),
  ].join(" · ")
