import { failure } from "../../events/failure.ts"
import { failed, type Result } from "../../events/result.ts"
import { attributeNamed, type HeaderPart, type PictureHeader } from "../header/model.ts"
import { type Candidate, candidates, isNamedLikeData } from "./candidates.ts"
import { chromaProblem, ownChromaProblem } from "./chroma.ts"
import { isBeautyName, isShareName } from "./layers.ts"
import type { Shown } from "./shown.ts"

/**
 * The part, view, layer and channels of an EXR that are its picture: the hero view; what is not called like data; then
 * R,G,B / RED,GREEN,BLUE / X,Y,Z / beauty layers / other colour layers / shares of the light / Y / the one channel left.
 * `ownReaders`: readers of our own show subsampled channels, and Y, RY, BY as colour.
 * Fails: picture/no-displayable-channels; picture/unsupported for unknown compression, and for subsampled or
 * luminance-chroma pictures that are not read.
 */
export function shownInExr({ parts }: PictureHeader, ownReaders = false): Result<Shown> {
  const views = multiView(parts)
  const all = parts.flatMap((part) => candidates(part, views))
  const hero = heroView(parts, views, all)
  const best = all.toSorted(
    (a, b) => a.standing - b.standing || otherView(a, hero) - otherView(b, hero) || preference(a, b),
  )[0]
  if (best === undefined) return failed(failure("picture/no-displayable-channels", noneSays(parts)))
  const problem = undecodable(best, ownReaders)
  if (problem !== null) return failed(failure("picture/unsupported", problem))
  const { part, view, layer, channels } = best
  return {
    ok: true,
    value: { part, view, layer, channels, reason: reason(best, hero), orientation: 1, warnings: remarks(best) },
  }
}

const otherView = ({ view }: Candidate, hero: string | null): number => (view === null || view === hero ? 0 : 1)

/** A picture that is called like data may be data: whoever sees it should know. */
function remarks(shown: Candidate): readonly string[] {
  if (!isNamedLikeData(shown)) return []
  const name = JSON.stringify(shown.layer ?? shown.part.name ?? shown.channels[0])
  return [`What is shown is called ${name}, which sounds like data; the file holds nothing else that can be shown.`]
}

/** Views that the file lists, hero first. */
function multiView(parts: readonly HeaderPart[]): readonly string[] {
  const listed = parts.map((part) => attributeNamed(part, "multiView")?.value).find((value) => Array.isArray(value))
  return (listed ?? []).filter((view: unknown): view is string => typeof view === "string")
}

/** The first of multiView, else the view of the first part in file order that shows colour. */
function heroView(parts: readonly HeaderPart[], views: readonly string[], all: readonly Candidate[]): string | null {
  const colour = all
    .filter(({ channels, part }) => channels[0] !== channels[1] && part.view !== null)
    .toSorted((a, b) => a.standing - b.standing)[0]
  return views[0] ?? colour?.view ?? parts.find((part) => part.view !== null)?.view ?? null
}

/** Better first: rank, then a part named like a picture, then flat before deep; equal ones stay in file order. */
function preference(a: Candidate, b: Candidate): number {
  const weight = ({ part }: Candidate): number =>
    (part.name === null || isBeautyName(part.name) ? 0 : isShareName(part.name) ? 4 : 2) + (part.deep ? 1 : 0)
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
  return (ownReaders ? ownChromaProblem : chromaProblem)(part, channels)
}
