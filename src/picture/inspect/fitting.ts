import type { Attribute, Channel, Part } from "../../events/records.generated.ts"
import type { FileBytes } from "../read/header/bytes.ts"
import type { HeaderPart } from "../read/header/model.ts"
import { attributeBytes, toldAttribute } from "./attribute.ts"
import { sizeOf } from "./values.ts"

/** What of a header went into a fact. */
export type Fitted = {
  readonly parts: readonly Part[]
  readonly attributesDropped: number
  readonly channelsDropped: number
  readonly partsDropped: number
}

/** How much JSON of a value is kept: all is told with the first that makes everything fit. */
const VALUE_BYTES = [16 * 1024, 2048, 256, 4]

/** A part without its attributes, and where they are. */
export type BarePart = { readonly part: Omit<Part, "attributes">; readonly header: HeaderPart }

/**
 * Parts as a fact of at most `mostBytes` can tell them: first long values are cut ever shorter, their length and hash
 * kept; where names alone are too many, attributes are left out, then channels, then parts, the last ones first.
 */
export function fitted(file: FileBytes, bare: readonly BarePart[], mostBytes: number): Fitted {
  const skeleton = keepWithin(bare, mostBytes, ({ part }) => partBytes(part))
  const channels = keepLists(
    skeleton.kept.map(({ part }) => part.channels),
    mostBytes - skeleton.bytes,
    channelBytes,
  )
  const room = mostBytes - skeleton.bytes - channels.bytes
  const told = tellAttributes(file, skeleton.kept, room)
  const attributes = keepLists(told, room, attributeBytes)
  return {
    parts: skeleton.kept.map(({ part }, index) => ({
      ...part,
      channels: channels.kept[index] ?? [],
      attributes: attributes.kept[index] ?? [],
    })),
    attributesDropped: attributes.dropped + lost(bare.slice(skeleton.kept.length), ({ header }) => header.attributes),
    channelsDropped: channels.dropped + lost(bare.slice(skeleton.kept.length), ({ part }) => part.channels),
    partsDropped: bare.length - skeleton.kept.length,
  }
}

const lost = <T>(items: readonly T[], listOf: (item: T) => readonly unknown[]): number =>
  items.reduce((sum, item) => sum + listOf(item).length, 0)

function tellAttributes(file: FileBytes, parts: readonly BarePart[], room: number): readonly (readonly Attribute[])[] {
  let told: readonly (readonly Attribute[])[] = []
  for (const valueBytes of VALUE_BYTES) {
    told = parts.map(({ header }) => header.attributes.map((one) => toldAttribute(file, one, valueBytes)))
    const bytes = told.flat().reduce((sum, attribute) => sum + attributeBytes(attribute), 0)
    if (bytes <= room) return told
  }
  return told
}

type Kept<T> = { readonly kept: readonly T[]; readonly bytes: number; readonly dropped: number }

/** The items from the first on that fit together. */
function keepWithin<T>(items: readonly T[], mostBytes: number, bytesOf: (item: T) => number): Kept<T> {
  let bytes = 0
  const end = items.findIndex((item) => {
    const next = bytesOf(item)
    if (bytes + next > mostBytes) return true
    bytes += next
    return false
  })
  const kept = end < 0 ? items : items.slice(0, end)
  return { kept, bytes, dropped: items.length - kept.length }
}

/** The same over several lists, one after the other. */
function keepLists<T>(
  lists: readonly (readonly T[])[],
  mostBytes: number,
  bytesOf: (item: T) => number,
): Kept<readonly T[]> {
  let bytes = 0
  let dropped = 0
  const kept = lists.map((list) => {
    const one = keepWithin(list, dropped > 0 ? 0 : mostBytes - bytes, bytesOf)
    bytes += one.bytes
    dropped += one.dropped
    return one.kept
  })
  return { kept, bytes, dropped }
}

/** Most bytes that a part takes in a fact besides its lists: two windows, tiles and numbers at their longest. */
const partBytes = ({ name, view, kind, compression, lineOrder, colorSpace }: BarePart["part"]): number =>
  [name, view, kind, compression, lineOrder, colorSpace].reduce((sum, text) => sum + sizeOf(text ?? ""), 160)

const channelBytes = ({ name, pixelType }: Channel): number => sizeOf(name) + sizeOf(pixelType) + 24
