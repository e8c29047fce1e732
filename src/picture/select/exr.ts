import { failure } from "../../events/failure.ts"
import { failed, type Result } from "../../events/result.ts"
import { attributeNamed, type HeaderPart, type PictureHeader } from "../header/model.ts"
import { type Candidate, candidates } from "./candidates.ts"
import { chromaProblem, ownChromaProblem } from "./chroma.ts"
import { isBeautyName } from "./layers.ts"
import type { Shown } from "./shown.ts"

/**
 * The part, view, layer and channels of an EXR that are its picture: data parts and layers dropped, the hero view,
 * then R,G,B / RED,GREEN,BLUE / X,Y,Z / beauty layers / other colour layers / Y / the one channel left. `ownReaders`:
 * readers of our own show subsampled channels, and Y, RY, BY as colour.
 * Fails: picture/no-displayable-channels; picture/unsupported for unknown compression, and for subsampled or
 * luminance-chroma pictures that are not read.
 */
export function shownInExr({ parts }: PictureHeader, ownReaders = false): Result<Shown> {
  const views = multiView(parts)
  const all = parts.flatMap((part) => candidates(part, views))
  const hero = heroView(parts, views, all)
  const ofHero = all.filter(({ view }) => view === null || view === hero)
  const best = (ofHero.length > 0 ? ofHero : all).toSorted(preference)[0]
  if (best === undefined) return failed(failure("picture/no-displayable-channels", noneSays(parts)))
  const problem = undecodable(best, ownReaders)
  if (problem !== null) return failed(failure("picture/unsupported", problem))
  const { part, view, layer, channels } = best
  return { ok: true, value: { part, view, layer, channels, reason: reason(best, hero), orientation: 1, warnings: [] } }
}

/** Views that the file lists, hero first. */
function multiView(parts: readonly HeaderPart[]): readonly string[] {
  const listed = parts.map((part) => attributeNamed(part, "multiView")?.value).find((value) => Array.isArray(value))
  return (listed ?? []).filter((view: unknown): view is string => typeof view === "string")
}

/** The first of multiView, else the view of the first part in file order that shows colour. */
function heroView(parts: readonly HeaderPart[], views: readonly string[], all: readonly Candidate[]): string | null {
  const colour = all.find(({ channels, part }) => channels[0] !== channels[1] && part.view !== null)
  return views[0] ?? colour?.view ?? parts.find((part) => part.view !== null)?.view ?? null
}

/** Better first: rank, then a part named like a picture, then flat before deep; equal ones stay in file order. */
function preference(a: Candidate, b: Candidate): number {
  const weight = ({ part }: Candidate): number =>
    (part.name !== null && !isBeautyName(part.name) ? 2 : 0) + (part.deep ? 1 : 0)
  return a.rank - b.rank || weight(a) - weight(b) || a.part.index - b.part.index
}

function reason({ part, view, layer, channels, what }: Candidate, hero: string | null): string {
  const where = part.name === null ? `part ${part.index}` : `part ${part.index} (${JSON.stringify(part.name)})`
  const ofLayer = layer === null ? "" : ` of layer ${JSON.stringify(layer)}`
  const ofView = view === null ? "" : ` in the ${view === hero ? "hero view" : "view"} ${JSON.stringify(view)}`
  const shown = channels[0] === channels[1] ? channels[0] : channels.join(", ")
  return `Shows ${shown} (${what})${ofLayer} of ${where}${ofView}.`
}

function noneSays(parts: readonly HeaderPart[]): string {
  const names = parts.flatMap((part) => part.channels.map(({ name }) => name))
  const listed = names.slice(0, 12).join(", ") + (names.length > 12 ? ", ..." : "")
  return `No channel can be shown as a picture; the file has ${listed}, which are data or incomplete.`
}

/** What about the chosen picture no decoder of ours reads, or null. */
function undecodable({ part, channels }: Candidate, ownReaders: boolean): string | null {
  if (part.compression.startsWith("unknown")) return `Unsupported compression: ${part.compression}.`
  const problem = (ownReaders ? ownChromaProblem : chromaProblem)(part, channels)
  if (problem !== null) return problem
  const odd = channels.find((name) => !/^[^,=\s\p{C}\uFFFD][^,=\p{C}\uFFFD]*$/u.test(name) || /^\d+$/.test(name))
  return odd === undefined ? null : `The channel name ${JSON.stringify(odd)} cannot be passed to a decoder.`
}
