import { done, type Failure, failed, failure, type Result } from "../../../events/result.ts"
import type { PictureChoice } from "../../model.ts"
import type { HeaderPart } from "../header/model.ts"
import { cryptomatteNames, isCryptomatte } from "./candidates.ts"
import { type Group, layerName } from "./layers.ts"

/** Nobody chose: the header alone decides what is shown. */
export const NO_CHOICE: PictureChoice = {}

/** Whether somebody said what is to be shown. */
export const isChoice = ({ part, view, layer, channels }: PictureChoice): boolean =>
  [part, view, layer, channels].some((one) => one !== undefined)

/** The groups that a choice of part, view and layer leaves. Fails: picture/choice-missing, with what there is. */
export function chosenGroups(groups: readonly Group[], choice: PictureChoice): Result<readonly Group[]> {
  const ofPart = narrowed(groups, choice.part, PART)
  if (!ofPart.ok) return ofPart
  const ofView = narrowed(ofPart.value, choice.view, VIEW)
  return ofView.ok ? narrowed(ofView.value, choice.layer, LAYER) : ofView
}

/** One way in which groups differ, and its names. */
type Axis = { readonly what: string; readonly isIt: (group: Group, wanted: string | number) => boolean } & {
  readonly nameOf: (group: Group) => string | null
}

const PART: Axis = {
  what: "part",
  isIt: ({ part }, wanted) => (typeof wanted === "number" ? part.index === wanted : part.name === wanted),
  nameOf: ({ part }) => (part.name === null ? String(part.index) : `${part.index} (${quoted(part.name)})`),
}
const VIEW: Axis = { what: "view", isIt: ({ view }, wanted) => view === wanted, nameOf: ({ view }) => view }
const LAYER: Axis = {
  what: "layer",
  isIt: (group, wanted) => layerName(group) === wanted || rankOf(group) === wanted,
  nameOf: (group) => rankOf(group) ?? layerName(group),
}

/** The cryptomatte that a layer is ranks of: of `crypto_object00` and `crypto_object01` it is `crypto_object`. */
function rankOf({ part, layer }: Group): string | null {
  if (layer === null || !/\d\d$/.test(layer) || !isCryptomatte(layer, cryptomatteNames(part))) return null
  return layer.slice(0, -2)
}

function narrowed(
  groups: readonly Group[],
  wanted: string | number | undefined,
  { what, isIt, nameOf }: Axis,
): Result<readonly Group[]> {
  if (wanted === undefined) return done(groups)
  const found = groups.filter((group) => isIt(group, wanted))
  if (found.length > 0) return done(found)
  const names = [...new Set(groups.flatMap((group) => nameOf(group) ?? []))]
  return failed(missing(`${what} ${typeof wanted === "number" ? wanted : quoted(wanted)}`, what, { wanted, names }))
}

const quoted = (name: string): string => JSON.stringify(name)

type NamesInFile = { readonly wanted: string | number; readonly names: readonly string[] }

/** Names that a message lists before it only counts. */
const MOST_LISTED = 24

function missing(wantedText: string, what: string, { wanted, names }: NamesInFile): Failure {
  const some = names.slice(0, MOST_LISTED).join(", ")
  const rest = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : ""
  const has = names.length === 0 ? `names no ${what} there` : `has: ${some}${rest}`
  const other = names.find((name) => name.toLowerCase() === String(wanted).toLowerCase())
  const help = other === undefined ? "" : ` Upper and lower case matter: did you mean ${quoted(other)}?`
  const says = `The settings choose the ${wantedText}, which the file has not; it ${has}.${help}`
  return failure("picture/choice-missing", says)
}

/**
 * The channels that a choice names, by their full names, all of one part: of the first one that has them. Within a chosen
 * layer the names of its components are enough. Fails: picture/choice-missing.
 */
export function chosenChannels(
  groups: readonly Group[],
  { channels = [], layer }: PictureChoice,
): Result<{ readonly part: HeaderPart; readonly channels: readonly string[]; readonly groups: readonly Group[] }> {
  for (const ofPart of Map.groupBy(groups, ({ part }) => part).values()) {
    const found = channels.map((wanted) => channelIn(ofPart, wanted, layer !== undefined))
    const [first] = ofPart
    if (first === undefined || !found.every((one) => one !== null)) continue
    return done({
      part: first.part,
      channels: found.map(({ full }) => full),
      groups: [...new Set(found.map(({ group }) => group))],
    })
  }
  const names = groups.flatMap((group) => group.names.map(({ full }) => full))
  const wanted = channels.find((name) => !names.includes(name)) ?? channels.join(",")
  const what = channels.length === 1 ? `channel ${channels[0]}` : `channels ${channels.join(", ")}`
  return failed(missing(what, "channel", { wanted, names }))
}

function channelIn(
  groups: readonly Group[],
  wanted: string,
  byComponent: boolean,
): { readonly full: string; readonly group: Group } | null {
  for (const group of groups) {
    const found = group.names.find(({ full, component }) => full === wanted || (byComponent && component === wanted))
    if (found !== undefined) return { full: found.full, group }
  }
  return null
}

/**
 * Channels of a format without layers, where some are chosen: those, if the shown image has them; the usual ones otherwise.
 * Fails: picture/choice-missing for views and layers, and for channels that are not `there`.
 */
export function plainChannels(
  { view, layer, channels }: PictureChoice,
  { what, there }: { readonly what: string; readonly there: readonly string[] },
): Result<readonly [string, string, string] | null> {
  const strange = view === undefined ? layer : view
  if (strange !== undefined) {
    const kind = view === undefined ? "layer" : "view"
    const says = `The settings choose the ${kind} ${quoted(strange)}; ${what} has none, but the channels ${there.join(", ")}.`
    return failed(failure("picture/choice-missing", says))
  }
  if (channels === undefined) return done(null)
  const absent = channels.find((name) => !there.includes(name))
  if (absent !== undefined) return failed(missing(`channel ${absent}`, "channel", { wanted: absent, names: there }))
  return tripled(channels)
}

/** A part, image element or directory that is not there. */
export const elementMissing = (what: string, wanted: string | number, names: readonly string[]): Failure =>
  missing(`${what} ${typeof wanted === "number" ? wanted : quoted(wanted)}`, what, { wanted, names })

/** Three channels for red, green and blue; one is grey. Fails: picture/choice-missing. */
export function tripled(channels: readonly string[]): Result<readonly [string, string, string]> {
  const [red, green, blue] = channels
  if (channels.length === 1 && red !== undefined) return done([red, red, red])
  if (channels.length === 3 && red !== undefined && green !== undefined && blue !== undefined)
    return done([red, green, blue])
  const says = `The settings choose ${channels.length} channels (${channels.join(", ")}): one is shown as grey, three as red, green and blue.`
  return failed(failure("picture/choice-missing", says))
}

/** Which choices led there; nothing where the header alone decided. */
export function chosenSays({ part, view, layer, channels }: PictureChoice): string {
  const said = Object.entries({ part, view, layer, channels: channels?.join(",") }).filter(
    ([, value]) => value !== undefined,
  )
  return said.length === 0
    ? ""
    : `, as the settings choose (${said.map(([name, value]) => `${name} ${value}`).join(", ")})`
}
