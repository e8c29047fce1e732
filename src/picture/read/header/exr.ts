import type { Box, Channel, Tiles } from "../../../events/records.generated.ts"
import { attempt, type Cursor, type FileBytes, type HeaderOutcome, openCursor, refuse } from "./bytes.ts"
import { chunkCount, LONG_NAME_BYTES, readName, readValue } from "./exr-values.ts"
import { type HeaderLimits, windowProblem } from "./limits.ts"
import type { HeaderAttribute, HeaderPart, HeaderValue, PictureHeader } from "./model.ts"

const FLAG = { tiled: 0x200, longNames: 0x400, nonImage: 0x800, multiPart: 0x1000 } as const
const KNOWN_BITS = 0x1e00
const SHORT_NAME_BYTES = 31

/**
 * Header of an OpenEXR file: all parts, all attributes. The magic has been checked.
 * Fails: picture/damaged, picture/unsupported (a version or flag of the future), picture/over-limit.
 */
export const readExr = (file: FileBytes, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => exrHeader(openCursor(file, true), file.fileSizeBytes, limits))

function exrHeader(cursor: Cursor, fileSizeBytes: number, limits: HeaderLimits): PictureHeader {
  cursor.seek(4)
  const flags = exrFlags(cursor.u32())
  const parts: HeaderPart[] = []
  let items = 0
  for (;;) {
    const attributes = readAttributes(cursor, flags, { fileSizeBytes, limits })
    if (flags.multiPart && attributes.length === 0) break
    if (parts.length >= limits.parts) refuse("picture/over-limit", `The file has more than ${limits.parts} parts.`)
    const part = exrPart({ attributes, index: parts.length, flags }, limits)
    items += part.attributes.length + part.channels.length
    if (items > limits.items)
      refuse("picture/over-limit", `The file has more than ${limits.items} attributes and channels.`)
    parts.push(part)
    if (!flags.multiPart) break
  }
  if (parts.length === 0) refuse("picture/damaged", "The multi-part file has no parts.")
  checkOffsetTable(parts, cursor.position(), fileSizeBytes)
  const spans = [{ offset: 0, lengthBytes: cursor.position() }]
  return { format: "exr", parts, spans, warnings: parts.flatMap(chunkCountWarning) }
}

function exrFlags(word: number): ExrFlags {
  const version = word & 0xff
  if (version !== 2) return refuse("picture/unsupported", `The file is of OpenEXR version ${version}; 2 is read.`)
  const unknown = (word & ~0xff & ~KNOWN_BITS) >>> 0
  if (unknown !== 0)
    return refuse("picture/unsupported", `The file uses OpenEXR feature flags 0x${unknown.toString(16)}, unknown here.`)
  return {
    tiled: (word & FLAG.tiled) !== 0,
    longNames: (word & FLAG.longNames) !== 0,
    nonImage: (word & FLAG.nonImage) !== 0,
    multiPart: (word & FLAG.multiPart) !== 0,
  }
}

type Bounds = { readonly fileSizeBytes: number; readonly limits: HeaderLimits }

function readAttributes(cursor: Cursor, flags: ExrFlags, bounds: Bounds): readonly HeaderAttribute[] {
  const { fileSizeBytes, limits } = bounds
  const maxName = flags.longNames ? LONG_NAME_BYTES : SHORT_NAME_BYTES
  const attributes = new Map<string, HeaderAttribute>()
  for (let name = readName(cursor, maxName); name !== ""; name = readName(cursor, maxName)) {
    const type = readName(cursor, maxName)
    const sizeBytes = cursor.i32()
    checkSize(JSON.stringify(name), cursor.position() + sizeBytes, { sizeBytes, fileSizeBytes, limits })
    if (attributes.has(name)) refuse("picture/damaged", `The header has the attribute ${JSON.stringify(name)} twice.`)
    if (attributes.size >= limits.attributesPerPart)
      refuse("picture/over-limit", `A part has more than ${limits.attributesPerPart} attributes.`)
    attributes.set(name, readValue(cursor, name, { type, sizeBytes }, limits))
  }
  return [...attributes.values()]
}

function checkSize(
  name: string,
  end: number,
  { sizeBytes, fileSizeBytes, limits }: Bounds & { sizeBytes: number },
): void {
  if (sizeBytes < 0) refuse("picture/damaged", `The attribute ${name} has a size of ${sizeBytes} bytes.`)
  if (end > fileSizeBytes)
    refuse(
      "picture/damaged",
      `The attribute ${name} ends at byte ${end} of ${fileSizeBytes}: the file is truncated or inconsistent.`,
    )
  if (end > limits.headerBytes)
    refuse("picture/over-limit", `The header is longer than ${limits.headerBytes} bytes (at the attribute ${name}).`)
}

/** The offset table follows the headers, 8 bytes a chunk: a file too short for it is truncated, or its windows lie. */
function checkOffsetTable(parts: readonly HeaderPart[], headerBytes: number, fileSizeBytes: number): void {
  const chunks = parts.reduce((sum, part) => sum + Math.max(part.chunkCount ?? 0, chunkCount(part) ?? 0), 0)
  const tableEnd = headerBytes + chunks * 8
  if (tableEnd <= fileSizeBytes) return
  const says = `The header promises ${chunks} chunks, whose table would end at byte ${tableEnd} of ${fileSizeBytes}`
  refuse("picture/damaged", `${says}: the file is truncated or inconsistent.`)
}

function chunkCountWarning(part: HeaderPart): readonly string[] {
  const computed = chunkCount(part)
  if (computed === null || part.chunkCount === null || computed === part.chunkCount) return []
  return [`Part ${part.index} states ${part.chunkCount} chunks, but its windows need ${computed}.`]
}

/** Flags of the version word, OpenEXR file layout. */
type ExrFlags = {
  readonly tiled: boolean
  readonly longNames: boolean
  readonly nonImage: boolean
  readonly multiPart: boolean
}

type RawPart = { readonly attributes: readonly HeaderAttribute[]; readonly index: number; readonly flags: ExrFlags }
type Fields = { readonly [name: string]: HeaderValue }

/** A part of an EXR from its attributes. Ends the reading where a required one is missing, malformed or over a limit. */
function exrPart({ attributes, index, flags }: RawPart, limits: HeaderLimits): HeaderPart {
  const find = finder(attributes, index)
  const kind = partKind(find, flags)
  const compression = find.required("compression", "compression")
  const part = {
    index,
    name: find.text("name"),
    view: find.text("view"),
    kind,
    deep: kind.startsWith("deep"),
    compression: String(compression),
    lineOrder: String(find.optional("lineOrder", "lineOrder") ?? "increasing"),
    dataWindow: checkedWindow("data", find.required("dataWindow", "box2i"), limits),
    displayWindow: checkedWindow("display", find.required("displayWindow", "box2i"), limits),
    pixelAspect: Number(find.required("pixelAspectRatio", "float")),
    tiles: kind.endsWith("tile") || kind === "tiledimage" ? tiles(find.required("tiles", "tiledesc"), limits) : null,
    channels: channels(find.required("channels", "chlist"), index),
    attributes,
  }
  const stated = find.optional("chunkCount", "int")
  return { ...part, chunkCount: typeof stated === "number" && stated > 0 ? stated : chunkCount(part) }
}

type Finder = {
  optional(name: string, type: string): HeaderValue | undefined
  required(name: string, type: string): HeaderValue
  text(name: string): string | null
}

function finder(attributes: readonly HeaderAttribute[], index: number): Finder {
  const named = new Map(attributes.map((attribute) => [attribute.name, attribute]))
  const optional = (name: string, type: string): HeaderValue | undefined => {
    const found = named.get(name)
    return found?.type === type && !isHex(found.value) ? found.value : undefined
  }
  return {
    optional,
    required: (name, type) =>
      optional(name, type) ??
      refuse("picture/damaged", `Part ${index} has no valid attribute ${name} of type ${type}, which every EXR needs.`),
    text: (name) => {
      const value = optional(name, "string")
      return typeof value === "string" && value !== "" ? value : null
    },
  }
}

const isHex = (value: HeaderValue): boolean => typeof value === "object" && "hex" in value

const KINDS: ReadonlySet<string> = new Set(["scanlineimage", "tiledimage", "deepscanline", "deeptile"])

/** The flag decides for a single flat part (old writers leave a wrong or no type), the attribute for everything else. */
function partKind(find: Finder, flags: ExrFlags): string {
  if (!flags.multiPart && !flags.nonImage) return flags.tiled ? "tiledimage" : "scanlineimage"
  const type = String(find.required("type", "string"))
  return KINDS.has(type) ? type : refuse("picture/unsupported", `The part type ${JSON.stringify(type)} is not known.`)
}

function checkedWindow(name: string, value: HeaderValue, limits: HeaderLimits): Box {
  const { xMin, yMin, xMax, yMax } = value as Fields
  const box: Box = { xMin: Number(xMin), yMin: Number(yMin), xMax: Number(xMax), yMax: Number(yMax) }
  const problem = windowProblem(name, box, limits)
  return problem === null ? box : refuse(problem.code, problem.says)
}

function tiles(value: HeaderValue, limits: HeaderLimits): Tiles {
  const fields = value as Fields
  const [width, height] = [Number(fields.width), Number(fields.height)]
  if (width < 1 || height < 1) return refuse("picture/damaged", `The tiles are ${width}x${height} pixels.`)
  if (width * height > limits.areaPixels)
    return refuse("picture/over-limit", `The tiles are ${width}x${height} pixels.`)
  const [levelMode, roundingMode] = [String(fields.levelMode), String(fields.roundingMode)]
  if (`${levelMode}${roundingMode}`.includes("unknown"))
    return refuse("picture/damaged", "The tile description holds an unknown level or rounding mode.")
  return { width, height, levelMode, roundingMode }
}

function channels(value: HeaderValue, index: number): readonly Channel[] {
  const list = (value as readonly Fields[]).map((fields) => ({
    name: String(fields.name),
    pixelType: String(fields.pixelType),
    xSampling: Number(fields.xSampling),
    ySampling: Number(fields.ySampling),
    perceptuallyLinear: fields.perceptuallyLinear === 1,
  }))
  const broken = list.find((one) => one.xSampling < 1 || one.ySampling < 1 || one.pixelType.startsWith("unknown"))
  if (broken !== undefined)
    return refuse(
      "picture/damaged",
      `The channel ${JSON.stringify(broken.name)} of part ${index} has an impossible type or sampling.`,
    )
  if (new Set(list.map((one) => one.name)).size < list.length)
    return refuse("picture/damaged", `Part ${index} lists a channel twice.`)
  if (list.length === 0) return refuse("picture/no-displayable-channels", `Part ${index} has no channels.`)
  return list
}
