import { createHash } from "node:crypto"
import { counted } from "../format/human.ts"
import { frameCard, statesOf } from "./frame-card.ts"
import { type Html, html, htmlText, markup, nothing } from "./html.ts"
import { PAGE_SCRIPT } from "./page-script.ts"
import { PAGE_STYLE } from "./page-style.ts"
import type { Sheet, SheetFailure } from "./sheet.ts"

const hashSource = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** Only this page's own script and style run, whatever the names of objects hold. */
const POLICY = [
  "default-src 'none'",
  "img-src data:",
  "media-src 'self' file:",
  `style-src ${hashSource(PAGE_STYLE)}`,
  `script-src ${hashSource(PAGE_SCRIPT)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ")

const failureRow = ({ bucket, key, stage, code, kind, says, attempts }: SheetFailure): Html =>
  html`<tr data-states="failed"><td class="key"><span class="why">${bucket}/</span>${key}</td><td class="code">${code}</td><td>${says}</td><td>${stage}</td><td>${kind}, ${counted(attempts, "try", "tries")}</td></tr>${markup("\n")}`

const failureSection = (failures: readonly SheetFailure[]): Html =>
  failures.length === 0
    ? nothing
    : html`<section id="failures"><h2>${counted(failures.length, "failure")}</h2><table>
<thead><tr><th>object</th><th>code</th><th>what happened</th><th>stage</th><th>kind</th></tr></thead>
<tbody>${failures.map(failureRow)}</tbody></table></section>`

const frameSection = ({ frames, pageFolder }: Sheet): Html =>
  frames.length === 0
    ? html`<p class="empty">No frame has pictures.</p>`
    : html`<section id="frames"><h2>${counted(frames.length, "frame")}</h2><div class="frames">
${frames.map((frame) => frameCard(frame, pageFolder))}</div></section>`

type Choice = { readonly state: string; readonly label: string; readonly count: number }

function choicesOf({ frames, failures }: Sheet): readonly Choice[] {
  const inState = (state: string): number => frames.filter((frame) => statesOf(frame).includes(state)).length
  const some = [
    { state: "rendered", label: "rendered", count: inState("rendered") },
    { state: "reused", label: "already current", count: inState("reused") },
    { state: "warned", label: "with warnings", count: inState("warned") },
    { state: "failed", label: "failed", count: failures.length },
  ].filter(({ count }) => count > 0)
  return [{ state: "all", label: "all", count: frames.length + failures.length }, ...some]
}

const button = ({ state, label, count }: Choice): Html =>
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
export function contactSheet(sheet: Sheet): string {
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><title>${sheet.title}</title>
<style>${markup(PAGE_STYLE)}</style>`
  const body = html`${pageHeader(sheet)}
<main>${frameSection(sheet)}
${failureSection(sheet.failures)}</main>
<script>${markup(PAGE_SCRIPT)}</script>`
  return `<!doctype html>\n<html lang="en"><head>${htmlText(head)}</head>\n<body>${htmlText(body)}</body></html>\n`
}
