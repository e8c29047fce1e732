import { visible } from "../../../system/visible.ts"

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

/** Markup with holes: whatever is filled in is text, escaped, unless it is markup itself. */
export const html = (fixed: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  markup(fixed.map((text, index) => text + rendered(parts[index] ?? "")).join(""))

export const nothing = markup("")

export const htmlText = (value: Html): string => value[HTML]
