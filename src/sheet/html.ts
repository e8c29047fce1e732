// The page of a sheet as one HTML file.

import { createHash } from "node:crypto"
import { visible } from "../system/visible.ts"
import type { Sheet } from "./index.ts"
import { textOfSheet } from "./page-data.ts"

/** The page's own script and style, as they were built. */
export type PageParts = { readonly script: string; readonly style: string }

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

const escaped = (text: string): string => visible(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "")

const hashSource = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** Only this page's own script and style run, and nothing is loaded but pictures and movies from where the sheet has them. */
function policyOf(sheet: Sheet, { script, style }: PageParts): string {
  const places = placesIn(sheet).join(" ")
  return [
    "default-src 'none'",
    `img-src ${places}`,
    `media-src ${places}`,
    `style-src ${hashSource(style)}`,
    `script-src ${hashSource(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ")
}

/** Where the sheet's pictures and movies come from: beside the page, within it, or certain servers. */
function placesIn({ shots, frames }: Sheet): readonly string[] {
  const urls = [
    ...shots.flatMap(({ movie, poster, thumbnail, sprites }) => [movie, poster, thumbnail, sprites?.url ?? null]),
    ...frames.flatMap(({ thumbnail, proxy }) => [thumbnail, proxy]),
  ]
  const places = new Set(urls.flatMap((url) => (url === null ? [] : placesOf(url))))
  return places.size === 0 ? ["'none'"] : [...places]
}

function placesOf(url: string): readonly string[] {
  if (url.startsWith("./")) return ["'self'", "file:"]
  return [url.startsWith("data:") ? "data:" : new URL(url).origin]
}

/** One self-contained file: script, style and data are inside it. */
export function sheetHtml(sheet: Sheet, parts: PageParts): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escaped(policyOf(sheet, parts))}">
<meta name="referrer" content="no-referrer"><title>${escaped(sheet.title)}</title>
<style>${parts.style}</style></head>
<body><div id="app"></div><noscript>This sheet needs JavaScript.</noscript>
<script type="application/json" id="sheet">${textOfSheet(sheet)}</script>
<script>${parts.script}</script></body></html>
`
}
