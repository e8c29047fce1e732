import type { Attribute, Part } from "../../../events/records.generated.ts"
import { visible } from "../../../system/visible.ts"
import { clipped, listed, numberText } from "./layout.ts"

/** Attributes that other lines of the text show already, or that tell a person nothing. */
const TOLD: ReadonlySet<string> = new Set([
  ...["channels", "chunkCount", "compression", "dataWindow", "displayWindow", "lineOrder", "name", "view", "type"],
  ...["pixelAspectRatio", "tiles", "framesPerSecond", "timeCode", "version"],
  ...["imageOffset", "width", "height", "elementCount", "dataOffset", "genericSize", "industrySize", "userSize"],
  ...["fileSize", "bitDepth", "pixelAspectHorizontal", "pixelAspectVertical", "filmFrameRate", "televisionFrameRate"],
  ...["ImageWidth", "ImageLength", "StripOffsets", "StripByteCounts", "TileOffsets", "TileByteCounts", "RowsPerStrip"],
  ...["BitsPerSample", "SamplesPerPixel", "Compression", "TileWidth", "TileLength"],
])

/** A DPX field whose bits are all set was never filled in. */
const UNSET = 0xffffffff

type HeaderAttributes = { readonly format: string; readonly parts: readonly Pick<Part, "index" | "attributes">[] }

/** The other attributes, a line each: first those that all parts share, then those of each part. */
export function attributeLines({ format, parts }: HeaderAttributes, columns: number): readonly string[] {
  const lists = parts.map(({ index, attributes }) => ({
    index,
    attributes: attributes.filter((attribute) => !TOLD.has(attribute.name) && !isUnset(attribute, format)),
  }))
  const [first] = lists
  if (first === undefined) return []
  const counts = Map.groupBy(
    lists.flatMap(({ attributes }) => attributes),
    sameText,
  )
  const isShared = (attribute: Attribute): boolean => counts.get(sameText(attribute))?.length === lists.length
  const rows = [
    ...first.attributes.filter(isShared).map((attribute) => ["", attribute] as const),
    ...lists.flatMap(({ index, attributes }) =>
      attributes.filter((one) => !isShared(one)).map((one) => [String(index), one] as const),
    ),
  ]
  return listed(rowLines(rows, columns))
}

const sameText = ({ name, type, valueJson }: Attribute): string => JSON.stringify([name, type, valueJson])

function rowLines(rows: readonly (readonly [part: string, Attribute])[], columns: number): readonly string[] {
  const named = rows.map(([part, attribute]) => ({ part, name: clipped(visible(attribute.name), 32), attribute }))
  const [widestPart, widestName] = [
    Math.max(0, ...named.map(({ part }) => part.length)),
    Math.max(0, ...named.map(({ name }) => name.length)),
  ]
  return named.map(({ part, name, attribute }) => {
    const index = widestPart === 0 ? "" : `${part.padEnd(widestPart)}  `
    return clipped(`${index}${name.padEnd(widestName)}  ${visible(valueText(attribute))}`, columns)
  })
}

/** A DPX has every field, filled in or not. */
function isUnset({ valueJson, valueText: text, valueInt, valueFloat }: Attribute, format: string): boolean {
  if (text !== null) return text === ""
  if (format === "dpx" && (valueInt === 0 || valueFloat === 0)) return true
  return valueInt === UNSET || valueJson === '"NaN"'
}

function valueText({ type, valueJson, valueText: text, truncated, sizeBytes }: Attribute): string {
  const value = text ?? (type === "chromaticities" ? primaries(JSON.parse(valueJson)) : spoken(JSON.parse(valueJson)))
  return truncated ? `${value} (${sizeBytes} bytes)` : value
}

function spoken(value: unknown): string {
  if (typeof value === "number") return numberText(value)
  if (Array.isArray(value)) return `(${value.map(spoken).join(", ")})`
  if (typeof value !== "object" || value === null) return value === null ? "" : String(value)
  return Object.entries(value)
    .map(([name, one]) => `${name} ${spoken(one)}`)
    .join(", ")
}

function primaries(value: Readonly<Record<string, unknown>> | null): string {
  if (value === null || !("redX" in value)) return spoken(value)
  return ["red", "green", "blue", "white"]
    .map((name) => `${name} (${rounded(value[`${name}X`])}, ${rounded(value[`${name}Y`])})`)
    .join(", ")
}

const rounded = (value: unknown): string =>
  typeof value === "number" ? String(Number(value.toFixed(4))) : spoken(value)
