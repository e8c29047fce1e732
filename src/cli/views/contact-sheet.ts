import { relative, sep } from "node:path"
import type { Box, Rational } from "../../events/records.generated.ts"
import { type Html, html, htmlPage, markup, nothing } from "./html-page.ts"
import { counted, humanBytes, humanDuration } from "./human.ts"
import { type SequenceCard, sequenceCard, sequenceStates } from "./sequence/card.ts"

/** An output that the page links to; `file` is its absolute path, sizes are pixels and bytes. */
export type SheetFile = {
  readonly name: string
  readonly file: string
  readonly width: number
  readonly height: number
  readonly sizeBytes: number
}

/** One frame with its pictures, as the contact sheet shows it. Every text may be hostile. */
export type SheetFrame = {
  readonly bucket: string
  readonly key: string
  /** The thumbnail's bytes; null when it is not there any more. */
  readonly thumbnailJpeg: Uint8Array | null
  /** Absolute path of the proxy; null when it is not there any more. */
  readonly proxyFile: string | null
  /** Further outputs that exist. */
  readonly furtherFiles: readonly SheetFile[]
  /** Format and compression of the source, such as exr and zip. */
  readonly format: string
  readonly compression: string | null
  readonly colourSpace: string
  /** Which rule decided, and what was found. */
  readonly colourRule: string
  readonly colourEvidence: string
  readonly look: string
  /** Why this part and these channels. */
  readonly selectionReason: string
  readonly displayWindow: Box
  readonly dataWindow: Box
  readonly pixelAspect: number
  readonly frameRate: Rational | null
  readonly timecode: string | null
  readonly warnings: readonly string[]
  readonly allBlack: boolean
  /** Outputs were current already; nothing was rendered for this element. */
  readonly reused: boolean
  readonly sourceSizeBytes: number
  readonly thumbnailSizeBytes: number
  readonly proxySizeBytes: number
  /** Wall time per stage, milliseconds, in the order of the stages. */
  readonly timingsMs: Readonly<Record<string, number>>
}

/** One element that failed. */
export type SheetFailure = {
  readonly bucket: string
  readonly key: string
  readonly stage: string
  readonly code: string
  readonly kind: string
  readonly says: string
  readonly attempts: number
}

/** A sequence with the frames of it that have pictures. */
export type SheetSequence = Pick<SequenceCard, "row"> & {
  /** Absolute paths; null for what is not there. */
  readonly movieFile: string | null
  readonly posterFile: string | null
  readonly frames: readonly SheetFrame[]
}

/** Everything a contact sheet shows. */
export type Sheet = {
  readonly title: string
  /** When the page was made, epoch milliseconds. */
  readonly madeAtMs: number
  readonly generatorVersion: string
  /** Absolute path of the folder that the page is written to: proxies are linked relative to it. */
  readonly pageFolder: string
  readonly sequences: readonly SheetSequence[]
  /** Of no sequence. */
  readonly frames: readonly SheetFrame[]
  readonly failures: readonly SheetFailure[]
}

/** Relative, percent-encoded address of a file for a page in `pageFolder`; "./" keeps a name such as "a:b" from being a scheme. */
export function relativeUrl(pageFolder: string, file: string): string {
  const steps = relative(pageFolder, file.toWellFormed()).split(sep).map(encodeURIComponent)
  return `./${steps.join("/")}`
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")

/** 400×300, with the offset where there is one. */
export function boxText({ xMin, yMin, xMax, yMax }: Box): string {
  const extent = `${xMax - xMin + 1}×${yMax - yMin + 1}`
  return xMin === 0 && yMin === 0 ? extent : `${extent} at (${xMin}, ${yMin})`
}

/** 24 frames/s, or 24000/1001 (23.976) frames/s. */
export function rateText({ num, den }: Rational): string {
  return den === 1 ? `${num} frames/s` : `${num}/${den} (${(num / den).toFixed(3)}) frames/s`
}

/** States that the buttons of the page choose by. */
const statesOf = ({ warnings, allBlack, reused }: SheetFrame): readonly string[] => [
  "frame",
  ...(warnings.length > 0 || allBlack ? ["warned"] : []),
  ...(reused ? ["reused"] : ["rendered"]),
]

function media({ thumbnailJpeg, proxyFile, key }: SheetFrame, pageFolder: string): Html {
  const thumbnail =
    thumbnailJpeg === null
      ? html`<div class="absent square">no thumbnail</div>`
      : html`<img width="256" height="256" alt="Thumbnail of ${key}" src="data:image/jpeg;base64,${base64(thumbnailJpeg)}">`
  const proxy =
    proxyFile === null
      ? html`<div class="absent wide">no proxy</div>`
      : html`<video controls loop playsinline preload="none" aria-label="Proxy of ${key}" src="${relativeUrl(pageFolder, proxyFile)}"></video>`
  return html`<div class="media">${thumbnail}${proxy}</div>`
}

const factRow = (name: string, value: string | Html): Html => html`<dt>${name}</dt><dd>${value}</dd>`

const tag = (kind: "warn" | "dim", text: string): Html => html`<span class="tag ${kind}">${text}</span>`

function tags({ warnings, allBlack, reused }: SheetFrame): Html {
  const all = [
    ...(allBlack ? [tag("warn", "all black")] : []),
    ...(warnings.length > 0 ? [tag("warn", counted(warnings.length, "warning"))] : []),
    ...(reused ? [tag("dim", "already current")] : []),
  ]
  return all.length === 0 ? nothing : html`<p>${all}</p>`
}

const windowsText = ({ displayWindow, dataWindow, pixelAspect }: SheetFrame): string =>
  [
    `shown ${boxText(displayWindow)}`,
    `data ${boxText(dataWindow)}`,
    ...(pixelAspect === 1 ? [] : [`pixel aspect ${Number(pixelAspect.toFixed(4))}`]),
  ].join(" · ")

const timeText = ({ frameRate, timecode }: SheetFrame): string =>
  [frameRate === null ? "no frame rate in the header" : rateText(frameRate), timecode ?? "no timecode"].join(" · ")

const sizesText = (frame: SheetFrame): string =>
  `source ${humanBytes(frame.sourceSizeBytes)} · thumbnail ${humanBytes(frame.thumbnailSizeBytes)} · proxy ${humanBytes(frame.proxySizeBytes)}`

const timingsText = ({ timingsMs }: SheetFrame): string =>
  Object.entries(timingsMs)
    .map(([stage, ms]) => `${stage} ${humanDuration(ms)}`)
    .join(" · ")

const linkTo = ({ name, file, width, height, sizeBytes }: SheetFile, pageFolder: string): Html =>
  factRow(name, html`<a href="${relativeUrl(pageFolder, file)}">${width}×${height}</a> ${humanBytes(sizeBytes)}`)

function facts(frame: SheetFrame, pageFolder: string): readonly Html[] {
  const { colourSpace, look, colourRule, colourEvidence, format, compression, warnings } = frame
  const timings = timingsText(frame)
  return [
    factRow("colour", html`<b>${colourSpace}</b> → ${look} <span class="why">(${colourRule}) ${colourEvidence}</span>`),
    factRow(
      "picture",
      html`${format}${compression === null ? "" : `, ${compression}`} <span class="why">${frame.selectionReason}</span>`,
    ),
    factRow("windows", windowsText(frame)),
    factRow("time", timeText(frame)),
    factRow("sizes", sizesText(frame)),
    ...frame.furtherFiles.map((file) => linkTo(file, pageFolder)),
    ...(timings === "" ? [] : [factRow("took", timings)]),
    ...warnings.map((warning) => factRow("warning", html`<span class="warnings">${warning}</span>`)),
  ]
}

/** One frame: its pictures on the left, what is known of it on the right. */
const frameCard = (frame: SheetFrame, pageFolder: string): Html =>
  html`<article data-states="${statesOf(frame).join(" ")}">${media(frame, pageFolder)}<div>
<h3><span class="bucket">${frame.bucket}/</span>${frame.key}</h3>${tags(frame)}
<dl>${facts(frame, pageFolder)}</dl></div></article>${markup("\n")}`

const failureRow = ({ bucket, key, stage, code, kind, says, attempts }: SheetFailure): Html =>
  html`<tr data-states="failed"><td class="key"><span class="why">${bucket}/</span>${key}</td><td class="code">${code}</td><td>${says}</td><td>${stage}</td><td>${kind}, ${counted(attempts, "try", "tries")}</td></tr>${markup("\n")}`

const failureSection = (failures: readonly SheetFailure[]): Html =>
  failures.length === 0
    ? nothing
    : html`<section id="failures"><h2>${counted(failures.length, "failure")}</h2><table>
<thead><tr><th>object</th><th>code</th><th>what happened</th><th>stage</th><th>kind</th></tr></thead>
<tbody>${failures.map(failureRow)}</tbody></table></section>`

const cardsOf = (frames: readonly SheetFrame[], pageFolder: string): Html =>
  html`<div class="frames">
${frames.map((frame) => frameCard(frame, pageFolder))}</div>`

/** The frames of a sequence are folded away below its movie. */
function sequenceSection({ row, movieFile, posterFile, frames }: SheetSequence, pageFolder: string): Html {
  const url = (file: string | null): string | null => (file === null ? null : relativeUrl(pageFolder, file))
  const card = sequenceCard({ row, movieUrl: url(movieFile), posterUrl: url(posterFile) })
  const folded = html`<details><summary>${counted(frames.length, "frame")}</summary>${cardsOf(frames, pageFolder)}</details>`
  return html`<section class="shot">${card}${frames.length === 0 ? nothing : folded}</section>`
}

function sequencesSection({ sequences, pageFolder }: Sheet): Html {
  if (sequences.length === 0) return nothing
  return html`<section id="sequences"><h2>${counted(sequences.length, "sequence")}</h2>
${sequences.map((sequence) => sequenceSection(sequence, pageFolder))}</section>`
}

function frameSection({ frames, sequences, pageFolder }: Sheet): Html {
  if (frames.length === 0) return sequences.length === 0 ? html`<p class="empty">No frame has pictures.</p>` : nothing
  const heading = counted(frames.length, sequences.length === 0 ? "frame" : "single frame")
  return html`<section id="frames"><h2>${heading}</h2>${cardsOf(frames, pageFolder)}</section>`
}

/** A button that shows the frames of one state. */
type StateChoice = { readonly state: string; readonly label: string; readonly count: number }

function choicesOf({ frames: single, sequences, failures }: Sheet): readonly StateChoice[] {
  const frames = [...sequences.flatMap((sequence) => sequence.frames), ...single]
  const states = [
    ...frames.map(statesOf),
    ...sequences.map(({ row }) => sequenceStates(row)),
    ...failures.map(() => ["failed"]),
  ]
  const inState = (state: string): number => states.filter((of) => of.includes(state)).length
  const some = [
    { state: "sequence", label: "sequences", count: inState("sequence") },
    { state: "gaps", label: "with gaps", count: inState("gaps") },
    { state: "rendered", label: "rendered", count: inState("rendered") },
    { state: "reused", label: "already current", count: inState("reused") },
    { state: "warned", label: "with warnings", count: inState("warned") },
    { state: "failed", label: "failed", count: inState("failed") },
  ].filter(({ count }) => count > 0)
  return [{ state: "all", label: "all", count: states.length }, ...some]
}

const button = ({ state, label, count }: StateChoice): Html =>
  html`<button type="button" data-show="${state}" aria-pressed="${String(state === "all")}"><b>${count}</b> ${label}</button>`

function pageHeader(sheet: Sheet): Html {
  const madeAt = `${new Date(sheet.madeAtMs).toISOString().slice(0, 16).replace("T", " ")} UTC`
  return html`<header><div class="row"><h1>${sheet.title}</h1><span class="made">${madeAt} · oiio-proxy-generator ${sheet.generatorVersion}</span>
<span class="spring"></span><span class="made" id="shown" role="status"></span>
<input id="filter" type="search" placeholder="Filter: name, colour space, code … ( / )" aria-label="Filter by text"></div>
<div class="row">${choicesOf(sheet).map(button)}</div></header>`
}

/**
 * The contact sheet: one self-contained HTML page with the thumbnails inside and the proxies linked beside it. Pure; every
 * text of the sheet is escaped, control characters spelled out.
 */
export const contactSheet = (sheet: Sheet): string =>
  htmlPage(
    sheet.title,
    html`${pageHeader(sheet)}
<main>${sequencesSection(sheet)}
${frameSection(sheet)}
${failureSection(sheet.failures)}</main>`,
  )
