import { relative, sep } from "node:path"
import type { Box, Rational } from "../../../events/records.generated.ts"
import { counted, humanBytes, humanDuration } from "../format/human.ts"
import { type Html, html, markup, nothing } from "./html.ts"
import type { SheetFile, SheetFrame } from "./sheet.ts"

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
export const statesOf = ({ warnings, allBlack, reused }: SheetFrame): readonly string[] => [
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

const fact = (name: string, value: string | Html): Html => html`<dt>${name}</dt><dd>${value}</dd>`

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
  fact(name, html`<a href="${relativeUrl(pageFolder, file)}">${width}×${height}</a> ${humanBytes(sizeBytes)}`)

function facts(frame: SheetFrame, pageFolder: string): readonly Html[] {
  const { colourSpace, look, colourRule, colourEvidence, format, compression, warnings } = frame
  const timings = timingsText(frame)
  return [
    fact("colour", html`<b>${colourSpace}</b> → ${look} <span class="why">(${colourRule}) ${colourEvidence}</span>`),
    fact(
      "picture",
      html`${format}${compression === null ? "" : `, ${compression}`} <span class="why">${frame.selectionReason}</span>`,
    ),
    fact("windows", windowsText(frame)),
    fact("time", timeText(frame)),
    fact("sizes", sizesText(frame)),
    ...frame.furtherFiles.map((file) => linkTo(file, pageFolder)),
    ...(timings === "" ? [] : [fact("took", timings)]),
    ...warnings.map((warning) => fact("warning", html`<span class="warnings">${warning}</span>`)),
  ]
}

/** One frame: its pictures on the left, what is known of it on the right. */
export const frameCard = (frame: SheetFrame, pageFolder: string): Html =>
  html`<article data-states="${statesOf(frame).join(" ")}">${media(frame, pageFolder)}<div>
<h3><span class="bucket">${frame.bucket}/</span>${frame.key}</h3>${tags(frame)}
<dl>${facts(frame, pageFolder)}</dl></div></article>${markup("\n")}`
