import { createHash } from "node:crypto"
import type { StoredSamples } from "../../model.ts"
import type { HeaderPart } from "../header/model.ts"

/** Letters of all names that are told whole: outputs say them of themselves, in some 2 KB of metadata. */
const MOST_LETTERS = 120

/** How a file holds its samples. Readers of DPX and TIFF may name the shown channels otherwise: then their type is not known. */
export function storedSamples(
  parts: readonly HeaderPart[],
  { part, shown }: { readonly part: HeaderPart; readonly shown: readonly string[] },
): StoredSamples {
  const types = part.channels.flatMap(({ name, pixelType }) => (shown.includes(name) ? [pixelType] : []))
  const all = parts.flatMap(({ channels }, index) =>
    channels.map(({ name }) => (index === 0 ? name : `${index}:${name}`)),
  )
  return {
    depth: types.length === 0 ? null : [...new Set(types)].sort().join(","),
    allChannels: all.length === 0 ? null : shortened(all.sort().join(",")),
  }
}

function shortened(names: string): string {
  if (names.length <= MOST_LETTERS) return names
  return `${names.slice(0, MOST_LETTERS)}... ${createHash("sha256").update(names).digest("hex").slice(0, 8)}`
}
