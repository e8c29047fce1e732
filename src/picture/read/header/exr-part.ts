import type { Box, Channel, Tiles } from "../../../events/records.generated.ts"
import { refuse } from "./bytes.ts"
import { chunkCount } from "./exr-chunks.ts"
import { type HeaderLimits, windowProblem } from "./limits.ts"
import type { HeaderAttribute, HeaderPart, HeaderValue } from "./model.ts"

/** Flags of the version word, OpenEXR file layout. */
export type ExrFlags = {
  readonly tiled: boolean
  readonly longNames: boolean
  readonly nonImage: boolean
  readonly multiPart: boolean
}

type RawPart = { readonly attributes: readonly HeaderAttribute[]; readonly index: number; readonly flags: ExrFlags }
type Fields = { readonly [name: string]: HeaderValue }

/** A part of an EXR from its attributes. Ends the reading where a required one is missing, malformed or over a limit. */
export function exrPart({ attributes, index, flags }: RawPart, limits: HeaderLimits): HeaderPart {
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
