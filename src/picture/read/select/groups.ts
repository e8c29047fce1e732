import { attributeNamed, type HeaderPart } from "../header/model.ts"
import { type ChannelName, channelName } from "./layers.ts"

/** Channels of one layer in one view of one part. */
export type Group = {
  readonly part: HeaderPart
  /** Null for channels without a layer. */
  readonly layer: string | null
  readonly view: string | null
  readonly names: readonly ChannelName[]
}

/** The groups of a part, in file order; `views` are those of the file, hero first. */
export function groupsOf(part: HeaderPart, views: readonly string[]): readonly Group[] {
  const names = part.channels.map((channel) => channelName(channel.name, views))
  const byKey = Map.groupBy(names, ({ layer, view }) => JSON.stringify([layer, view]))
  return [...byKey.values()].map((group) => ({
    part,
    layer: group[0]?.layer ?? null,
    view: part.view ?? group[0]?.view ?? null,
    names: group,
  }))
}

/** Views that the file lists, hero first. */
export function multiView(parts: readonly HeaderPart[]): readonly string[] {
  const listed = parts.map((part) => attributeNamed(part, "multiView")?.value).find((value) => Array.isArray(value))
  return (listed ?? []).filter((view: unknown): view is string => typeof view === "string")
}

/**
 * What people call a group: its layer, or, for channels without one, the name of their part, as multi-part files have it;
 * without the view that the name may end with (`diffuse.left`, `rgba_right`). Null where nothing names it.
 */
export function layerName({ layer, part, view }: Group): string | null {
  if (layer !== null || part.name === null) return layer
  const end = view === null ? -1 : part.name.length - view.length - 1
  const namesView = end > 0 && part.name.endsWith(view ?? "") && /[._ -]/.test(part.name[end] ?? "")
  return namesView ? part.name.slice(0, end) : part.name
}
