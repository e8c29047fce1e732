/** What `{stem}_metadata.json` says of a frame: its header in the form that SpaceHarbor's panels read. */
import type { Attribute, Box, Colorspace, Element, Part, Selection, Source } from "../../events/records.generated.ts"
import { timestampText } from "../../events/time.ts"
import type { Inspected } from "../model.ts"
import { type Aov, aovsOf, channelType } from "./aovs.ts"
import { cameraBlock, colorBlock, productionBlock, softwareOf, timecodeBlock } from "./blocks.ts"

/** What is known of a frame when its metadata file is written. */
export type FrameFacts = {
  readonly element: Pick<Element, "bucket" | "key">
  readonly source: Pick<Source, "sizeBytes" | "mtime">
  readonly selection: Pick<Selection, "timecode" | "frameRate" | "format">
  readonly colorspace: Pick<Colorspace, "name" | "evidence" | "rule">
  readonly generatedAtUs: number
  readonly generatorVersion: string
}

/** Keys stand in the order in which they are written. */
export type FrameMetadata = {
  readonly schema_version: 1
  readonly file: Readonly<Record<string, string | number | boolean | null>>
  readonly parts: readonly Readonly<Record<string, unknown>>[]
  readonly channels: readonly Readonly<Record<string, string | number>>[]
  readonly aovs: readonly Aov[]
  readonly attributes: { readonly parts: readonly (readonly MetadataAttribute[])[] }
  readonly color: object
  readonly timecode: object
  readonly sequence: { readonly frame_number?: number }
  readonly camera: object
  readonly production: object
  readonly extraction: {
    readonly tool: string
    readonly tool_version: string
    readonly timestamp: string
    readonly warnings: readonly string[]
  }
  /** Why there is no more than this; empty where the header was read. */
  readonly errors: readonly string[]
}

type MetadataAttribute = { readonly name: string; readonly type: string; readonly value: unknown }

/** Names of formats as the file's readers know them; those of others stay ours. */
const FORMATS: Readonly<Record<string, string>> = { exr: "openexr", radiance: "rgbe" }

/** The whole of it; `header` is the failure's sentence where nobody could read one. */
export function metadataOf(facts: FrameFacts, header: Inspected | string): FrameMetadata {
  const { element, source, selection, colorspace } = facts
  const parts = typeof header === "string" ? [] : header.parts
  const format = typeof header === "string" ? selection.format : header.format
  const frame = typeof header === "string" ? null : header.frameNumber
  return {
    schema_version: 1,
    file: {
      path: element.key,
      format: FORMATS[format] ?? format,
      s3_bucket: element.bucket,
      s3_key: element.key,
      size_bytes: source.sizeBytes,
      mtime: source.mtime,
      frame_number: frame,
      multipart_count: Math.max(1, typeof header === "string" ? 1 : parts.length + header.partsDropped),
      is_deep: typeof header !== "string" && header.deep,
    },
    parts: parts.map(partOf),
    channels: parts.flatMap(channelsOf),
    aovs: aovsOf(format, parts),
    attributes: { parts: parts.map(({ attributes }) => attributes.map(attributeOf)) },
    color: colorBlock(parts, colorspace.name),
    timecode: timecodeBlock(selection.timecode, selection.frameRate),
    sequence: frame === null ? {} : { frame_number: frame },
    camera: cameraBlock(parts),
    production: productionBlock(parts),
    extraction: extractionOf(facts, header),
    errors: typeof header === "string" ? [header] : [],
  }
}

function extractionOf(
  { colorspace: { name, evidence, rule }, generatedAtUs, generatorVersion }: FrameFacts,
  header: Inspected | string,
): FrameMetadata["extraction"] {
  const cut = typeof header === "string" ? [] : header.parts.flatMap(({ attributes }) => attributes)
  const names = [...new Set(cut.filter(({ truncated }) => truncated).map((attribute) => attribute.name))]
  return {
    tool: "oiio-proxy-generator",
    tool_version: generatorVersion,
    timestamp: timestampText(generatedAtUs),
    warnings: [
      `Colour space ${name}: ${evidence} (${rule})`,
      ...(typeof header === "string" ? [] : header.warnings),
      ...(names.length > 0 ? [`Long values are cut: ${names.slice(0, 20).join(", ")}.`] : []),
    ],
  }
}

const widthOf = ({ xMin, xMax }: Box): number => xMax - xMin + 1
const heightOf = ({ yMin, yMax }: Box): number => yMax - yMin + 1
const windowOf = ({ xMin, yMin, xMax, yMax }: Box) => ({ min: { x: xMin, y: yMin }, max: { x: xMax, y: yMax } })

/** What a part does not state is left out, as the readers' schema has it. */
function partOf(part: Part): Readonly<Record<string, unknown>> {
  const { dataWindow, displayWindow, tiles, lineOrder, pixelAspect } = part
  const software = softwareOf([part])
  return {
    part_index: part.index,
    width: widthOf(dataWindow),
    height: heightOf(dataWindow),
    display_width: widthOf(displayWindow),
    display_height: heightOf(displayWindow),
    data_x_offset: dataWindow.xMin,
    data_y_offset: dataWindow.yMin,
    ...(part.name !== null && { part_name: part.name }),
    ...(part.view !== null && { view_name: part.view }),
    data_window: windowOf(dataWindow),
    display_window: windowOf(displayWindow),
    ...(Number.isFinite(pixelAspect) && pixelAspect > 0 && { pixel_aspect_ratio: pixelAspect }),
    ...(lineOrder !== null && { line_order: `${lineOrder}Y` }),
    compression: part.compression,
    ...(part.colorSpace !== null && { color_space: part.colorSpace }),
    ...(software !== null && software !== "" && { render_software: software }),
    is_tiled: tiles !== null,
    tile_width: tiles?.width ?? null,
    tile_height: tiles?.height ?? null,
    tile_depth: tiles === null ? null : 1,
    is_deep: part.deep,
  }
}

const channelsOf = ({ index, channels }: Part) =>
  channels.map(({ name, pixelType, xSampling, ySampling }) => {
    const dot = name.lastIndexOf(".")
    return {
      part_index: index,
      name,
      layer_name: name.slice(0, Math.max(dot, 0)),
      component_name: name.slice(dot + 1),
      type: channelType(pixelType),
      x_sampling: xSampling,
      y_sampling: ySampling,
    }
  })

const attributeOf = ({ name, type, valueJson }: Attribute): MetadataAttribute => ({
  name,
  type: type.toUpperCase(),
  value: plainValue(JSON.parse(valueJson)),
})

/** Bytes of a type that nobody knows are hex digits in a fact. */
function plainValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("hex" in value) || typeof value.hex !== "string") return value
  return { encoding: "base64", data: Buffer.from(value.hex, "hex").toString("base64") }
}
