import { done, failed, failure, type Result } from "../../../events/result.ts"
import type { PictureChoice } from "../../model.ts"
import { isLeftToTool } from "../../samples/exr/compression/unpack.ts"
import { samplingProblem } from "../../samples/exr/luminance-chroma.ts"
import { partProblem } from "../../samples/exr/planes/planes.ts"
import { type HeaderPart, type PictureHeader, pixelTypeOf } from "../header/model.ts"
import { type Candidate, candidates, isNamedLikeData, type ShownPicture } from "./candidates.ts"
import { chosenChannels, chosenGroups, chosenSays, isChoice, tripled } from "./choice.ts"
import { type Group, groupsOf, isBeautyName, isShareName, multiView } from "./layers.ts"
import { type PassCandidate, passesOf, passOfChannels, placeSays, shownPass } from "./passes.ts"

type ExrRequest = {
  /** Whether readers of our own show subsampled channels, and Y, RY, BY as colour. */
  readonly ownReaders: boolean
  readonly choice: PictureChoice
}

/**
 * The part, view, layer and channels of an EXR that are its picture: what was chosen; of that the hero view; what is not
 * called like data; then R,G,B / RED,GREEN,BLUE / X,Y,Z / beauty layers / other colour layers / shares of the light / Y /
 * the one channel left; and where there is no picture a pass of data. Fails: picture/no-displayable-channels;
 * picture/choice-missing; picture/unsupported for unknown compression, and for subsampled or luminance-chroma pictures that
 * are not read.
 */
export function shownInExr({ parts }: PictureHeader, { ownReaders, choice }: ExrRequest): Result<ShownPicture> {
  const views = multiView(parts)
  const groups = parts.flatMap((part) => groupsOf(part, views))
  const hero = heroView(parts, views, ranked(groups))
  const chosen = chosenGroups(groups, choice)
  if (!chosen.ok) return chosen
  const found =
    choice.channels === undefined ? done(best(chosen.value, hero, choice)) : ofChannels(chosen.value, { hero, choice })
  if (!found.ok) return found
  const { pass, picture } = found.value
  if (pass !== undefined) return shownPass(pass, hero, choice)
  if (picture === undefined)
    return failed(failure("picture/no-displayable-channels", noneSays(chosen.value, isChoice(choice))))
  const problem = undecodable(picture, ownReaders)
  if (problem !== null) return failed(failure("picture/unsupported", problem))
  const { part, view, layer, channels } = picture
  const warnings = isChoice(choice) ? [] : remarks(picture)
  const shown = { part, view, layer, channels, reason: reason(picture, hero, choice), orientation: 1, warnings }
  return done(isInteger(picture) ? { ...shown, pass: { kind: "uint", channels: [...new Set(channels)] } } : shown)
}

/** What is shown: the pass where there is one, else the picture. */
type PictureOrPass = { readonly picture?: Candidate | undefined; readonly pass?: PassCandidate | undefined }

/** A pass where there is no picture; and where a part or layer was chosen whose name says that it holds data. */
function best(groups: readonly Group[], hero: string | null, choice: PictureChoice): PictureOrPass {
  const [picture] = ranked(groups).toSorted(preferring(hero))
  const [pass] = passesOf(groups).toSorted((a, b) => otherView(a, hero) - otherView(b, hero))
  const isChosen = choice.part !== undefined || choice.layer !== undefined
  const isMeant = isChosen && choice.asColour === undefined && picture?.standing !== 0
  return picture === undefined || isMeant ? { picture, pass } : { picture }
}

const isInteger = ({ part, channels }: Candidate): boolean =>
  channels.every((name) => pixelTypeOf(part, name) === "uint")

const ranked = (groups: readonly Group[]): readonly Candidate[] =>
  [...Map.groupBy(groups, ({ part }) => part)].flatMap(([part, ofPart]) => candidates(part, ofPart))

/** What stands out is shown of what is left: the whole picture before layers, one view before the other. */
const preferring =
  (hero: string | null) =>
  (a: Candidate, b: Candidate): number =>
    a.standing - b.standing || otherView(a, hero) - otherView(b, hero) || preference(a, b)

/** Channels by their names, of the part that would be shown if it has them. */
function ofChannels(
  groups: readonly Group[],
  { hero, choice }: { readonly hero: string | null; readonly choice: PictureChoice },
): Result<PictureOrPass> {
  const places = ranked(groups)
    .toSorted(preferring(hero))
    .map(({ part }) => part)
  const place = ({ part }: Group): number => (places.includes(part) ? places.indexOf(part) : places.length + part.index)
  const found = chosenChannels(
    groups.toSorted((a, b) => place(a) - place(b)),
    choice,
  )
  if (!found.ok) return found
  const pass = choice.asColour ? null : passOfChannels(found.value.groups, found.value.channels)
  if (pass !== null) return done({ pass })
  const channels = tripled(found.value.channels)
  if (!channels.ok) return channels
  const [group, ...others] = found.value.groups
  const { part } = found.value
  const [view, layer] = others.length > 0 || group === undefined ? [part.view, null] : [group.view, group.layer]
  return done({
    picture: { part, view, layer, channels: channels.value, standing: 0, rank: 0, what: "the chosen channels" },
  })
}

const otherView = ({ view }: Pick<Candidate, "view">, hero: string | null): number =>
  view === null || view === hero ? 0 : 1

/** A picture that is called like data may be data: whoever sees it should know. */
function remarks(shown: Candidate): readonly string[] {
  if (!isNamedLikeData(shown)) return []
  const name = JSON.stringify(shown.layer ?? shown.part.name ?? shown.channels[0])
  return [`What is shown is called ${name}, which sounds like data; the file holds nothing else that can be shown.`]
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

function reason({ channels, what, ...place }: Candidate, hero: string | null, choice: PictureChoice): string {
  const shown = channels[0] === channels[1] ? channels[0] : channels.join(", ")
  return `Shows ${shown} (${what})${placeSays(place, hero)}${chosenSays(choice)}.`
}

function noneSays(groups: readonly Group[], isChosen: boolean): string {
  const names = groups.flatMap((group) => group.names.map(({ full }) => full))
  const listed = names.slice(0, 12).join(", ") + (names.length > 12 ? ", ..." : "")
  const whole = isChosen ? "what was chosen" : "the file"
  return `No channel can be shown as a picture; ${whole} has ${listed}, which are data or incomplete. The setting channels shows any of them.`
}

/** What about the chosen picture no decoder of ours reads, or null. */
function undecodable({ part, channels }: Candidate, ownReaders: boolean): string | null {
  if (part.compression.startsWith("unknown")) return `Unsupported compression: ${part.compression}.`
  return (ownReaders ? ownChromaProblem : chromaProblem)(part, channels)
}

const CONVERT = "Convert it to R, G, B."

/** Whether the shown channels are luminance and chroma: Y, RY and BY of one layer, in this order. */
export const isLuminanceChroma = (channels: readonly string[]): boolean =>
  channels.map((name) => name.slice(name.lastIndexOf(".") + 1).toLowerCase()).join() === "y,ry,by"

/** Why oiiotool alone cannot show this part (it has subsampled channels, or chroma), or null. */
export function chromaProblem(part: HeaderPart, channels: readonly string[]): string | null {
  const subsampled = part.channels.find(({ xSampling, ySampling }) => xSampling !== 1 || ySampling !== 1)
  if (subsampled !== undefined) {
    const { name, xSampling, ySampling } = subsampled
    return `The channel ${name} is subsampled ${xSampling}x${ySampling}; luminance-chroma pictures are not decoded. ${CONVERT}`
  }
  if (!isLuminanceChroma(channels)) return null
  return `The picture is stored as luminance and chroma (Y, RY, BY), which is not decoded. ${CONVERT}`
}

/** Why such a part cannot be shown where our own readers read it, or null: oiiotool is no way out, it cannot read it either. */
export function ownChromaProblem(part: HeaderPart, channels: readonly string[]): string | null {
  if (chromaProblem(part, channels) === null) return null
  const problem =
    partProblem(part)?.says ?? (isLuminanceChroma(channels) ? samplingProblem(part.channels, channels) : null)
  return problem === null ? null : `The picture has chroma or subsampled channels. ${problem} ${CONVERT}`
}

/**
 * Whether our own EXR readers read these channels of a part. They read all that they can; of compressions that are left to
 * oiiotool, only what it cannot read. They also report damage that the header already shows.
 */
export function isOwnExr(part: HeaderPart, channels: readonly string[]): boolean {
  if (partProblem(part)?.code === "picture/unsupported") return false
  return !isLeftToTool(part.compression) || chromaProblem(part, channels) !== null
}
