import { createHash } from "node:crypto"
import { visible } from "../../system/visible.ts"

const HTML = Symbol("html")

/** Text that is markup already. Only {@link html} and {@link markup} make it. */
export type Html = { readonly [HTML]: string }

type Part = Html | readonly Html[] | string | number

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

const escaped = (text: string): string => visible(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "")

const isHtml = (part: Part): part is Html => typeof part === "object" && HTML in part

function rendered(part: Part): string {
  if (typeof part === "string" || typeof part === "number") return escaped(String(part))
  return isHtml(part) ? part[HTML] : part.map((one) => one[HTML]).join("")
}

/** Takes text as markup. For text of our own only: never for data. */
export const markup = (text: string): Html => ({ [HTML]: text })

/** Template of markup. Values filled in are escaped as text unless they are markup themselves. */
export const html = (fixed: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  markup(fixed.map((text, index) => text + rendered(parts[index] ?? "")).join(""))

export const nothing = markup("")

/** Style of the contact sheet: dark, so that pictures are judged against a quiet ground. */
const PAGE_STYLE = `
:root { color-scheme: dark; --ground: #141619; --card: #1c1f24; --line: #2c3138; --text: #d9dde3; --dim: #98a1ad; --good: #7fc99b; --warn: #e5b567; --bad: #ef7e7e; --link: #8ab4f8; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 14px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
header { position: sticky; top: 0; z-index: 1; padding: 12px 24px; background: #101215f2; border-bottom: 1px solid var(--line); }
header .row { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; }
h1 { margin: 0; font-size: 18px; overflow-wrap: anywhere; }
h2 { margin: 28px 24px 12px; font-size: 16px; }
.made { color: var(--dim); }
.spring { flex: 1; }
input { width: 22em; max-width: 100%; padding: 6px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: var(--text); font: inherit; }
button { padding: 5px 12px; border: 1px solid var(--line); border-radius: 99px; background: var(--card); color: var(--dim); font: inherit; cursor: pointer; }
button[aria-pressed=true] { background: #2b3442; border-color: #4a5d78; color: var(--text); }
button:focus-visible, input:focus-visible, video:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
button b { font-weight: 600; color: var(--text); }
main { padding-bottom: 48px; }
.frames { display: grid; gap: 14px; margin: 0 24px; }
article { display: grid; grid-template-columns: auto minmax(20em, 1fr); gap: 16px 20px; padding: 14px; border: 1px solid var(--line); border-radius: 10px; background: var(--card); content-visibility: auto; contain-intrinsic-size: auto 290px; }
.media { display: flex; gap: 10px; }
.media img, .media .absent.square { width: 230px; height: 230px; }
.media video, .media .absent.wide { width: 409px; height: 230px; }
.media img, .media video, .absent { display: block; border-radius: 6px; background: #000; object-fit: contain; }
.shot { margin: 0 24px 14px; }
.shot .frames { margin: 8px 0 18px 24px; }
.sequence .media video, .sequence .media .absent.wide { width: 512px; height: 288px; }
summary { padding: 6px 2px; color: var(--dim); cursor: pointer; }
summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.bar { display: grid; grid-template-columns: max-content 1fr max-content; gap: 10px; align-items: center; font: 13px ui-monospace, "DejaVu Sans Mono", monospace; }
.bar svg { width: 100%; height: 18px; background: var(--ground); border-radius: 3px; }
rect.made { fill: var(--good); } rect.remarkable { fill: var(--warn); } rect.failed { fill: var(--bad); } rect.missing { fill: var(--line); }
.key { margin: 4px 0 10px; color: var(--dim); font-size: 12px; }
.sign { margin-right: 14px; } .sign::before { content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 2px; background: var(--good); }
.sign.remarkable::before { background: var(--warn); } .sign.failed::before { background: var(--bad); } .sign.missing::before { background: var(--line); }
.absent { display: grid; place-items: center; color: var(--dim); border: 1px dashed var(--line); background: none; }
h3 { margin: 0 0 6px; font: 600 14px/1.4 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
h3 .bucket { color: var(--dim); font-weight: 400; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 0; }
dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
.tag { display: inline-block; margin-right: 6px; padding: 0 8px; border: 1px solid currentColor; border-radius: 99px; font-size: 12px; }
.tag.warn { color: var(--warn); } .tag.dim { color: var(--dim); }
.why { color: var(--dim); }
.warnings { color: var(--warn); }
table { width: calc(100% - 48px); margin: 0 24px; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); }
th, td { padding: 7px 12px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--dim); font-weight: 500; }
td.key { font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; min-width: 16em; }
td.code { color: var(--bad); white-space: nowrap; }
.empty { margin: 0 24px; color: var(--dim); }
[hidden] { display: none !important; }
@media (max-width: 1080px) { article { grid-template-columns: 1fr; } .media { flex-wrap: wrap; } }
@media print { header { position: static; } article { break-inside: avoid; } }
`

/** Behaviour of the contact sheet: the filter, and each thumbnail as its movie's poster (once in the file, used twice). */
const PAGE_SCRIPT = `
const items = [...document.querySelectorAll("[data-states]")]
const texts = items.map((item) => item.textContent.toLowerCase())
const box = document.querySelector("#filter")
const buttons = [...document.querySelectorAll("button[data-show]")]
let wanted = "all"
function apply() {
  const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean)
  let shown = 0
  items.forEach((item, index) => {
    const state = wanted === "all" || item.dataset.states.split(" ").includes(wanted)
    item.hidden = !(state && words.every((word) => texts[index].includes(word)))
    shown += item.hidden ? 0 : 1
  })
  for (const part of document.querySelectorAll("section, details")) {
    part.hidden = !part.querySelector("[data-states]:not([hidden])")
  }
  const isChosen = wanted !== "all" || words.length > 0
  for (const folded of document.querySelectorAll("details")) if (isChosen) folded.open = true
  document.querySelector("#shown").textContent = shown === items.length ? "" : shown + " of " + items.length + " shown"
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.show === wanted))
}
box.addEventListener("input", apply)
for (const button of buttons) button.addEventListener("click", () => { wanted = button.dataset.show; apply() })
for (const video of document.querySelectorAll("video")) {
  const thumbnail = video.parentElement.querySelector("img")
  if (thumbnail && !video.poster) video.poster = thumbnail.src
}
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== box) { event.preventDefault(); box.focus() }
})
`

const hashSource = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** Only this page's own script and style run, whatever the names of objects hold. */
const POLICY = [
  "default-src 'none'",
  "img-src data: 'self' file:",
  "media-src 'self' file:",
  `style-src ${hashSource(PAGE_STYLE)}`,
  `script-src ${hashSource(PAGE_SCRIPT)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ")

/** A self-contained page of this title and body, with the style and the script of the contact sheet. */
export function htmlPage(title: string, body: Html): string {
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><title>${title}</title>
<style>${markup(PAGE_STYLE)}</style>`
  const end = html`
<script>${markup(PAGE_SCRIPT)}</script>`
  return `<!doctype html>\n<html lang="en"><head>${head[HTML]}</head>\n<body>${body[HTML]}${end[HTML]}</body></html>\n`
}
