import type { Attribute, Box, Channel, Part, SourceInspected } from "../../src/events/records.generated.ts"
import { timestampText } from "../../src/events/time.ts"
import type { AttributeRow, ChannelRow, FileRow, Inspection, PartRow } from "../../src/table/rows.ts"

/** All rows about one header; docs/metadata-tables.md says what each column holds and why. */
export function inspectionOf(fact: SourceInspected): Inspection {
  const shared: FileColumns = {
    file_id: fact.source.fileId,
    file_path: fact.element.key,
    s3_bucket: fact.element.bucket,
  }
  const multiView = hasViews(fact.parts)
  return {
    file: fileRow(fact, shared),
    parts: fact.parts.map((part) => partRow(part, shared, multiView)),
    channels: fact.parts.flatMap((part) => part.channels.map((channel) => channelRow(channel, part, shared))),
    attributes: fact.parts.flatMap((part) => part.attributes.map((attribute) => attributeRow(attribute, part, shared))),
  }
}

type FileColumns = Pick<FileRow, "file_id" | "file_path" | "s3_bucket">

/** Keys are written in the order of the columns. */
function fileRow(fact: SourceInspected, { file_id, file_path, s3_bucket }: FileColumns): FileRow {
  const inspectedAt = timestampText(fact.inspectedAtUs)
  return {
    file_id,
    file_path,
    file_path_normalized: normalized(file_path),
    header_hash: fact.headerHash,
    size_bytes: fact.source.sizeBytes,
    mtime: fact.source.mtime,
    multipart_count: fact.parts.length + fact.partsDropped,
    is_deep: fact.deep,
    metadata_embedding: null,
    frame_number: fact.frameNumber,
    inspection_timestamp: inspectedAt,
    inspection_count: 1,
    last_inspected: inspectedAt,
    s3_bucket,
  }
}

/** As frame-metadata-extractor looks files up: forward slashes, none at the end, lower case. */
const normalized = (path: string): string => path.replaceAll("\\", "/").replace(/\/+$/, "").toLowerCase()

/** A file of several views says so in multiView (one part holds them all) or in the views of its parts. */
const hasViews = (parts: readonly Part[]): boolean =>
  parts.some(({ attributes }) => attributes.some(({ name }) => name === "multiView")) ||
  new Set(parts.flatMap(({ view }) => view ?? [])).size > 1

function partRow(part: Part, { file_id, file_path, s3_bucket }: FileColumns, multiView: boolean): PartRow {
  const { dataWindow, displayWindow, tiles, lineOrder } = part
  return {
    file_id,
    file_path,
    part_index: part.index,
    width: widthOf(dataWindow),
    height: heightOf(dataWindow),
    display_width: widthOf(displayWindow),
    display_height: heightOf(displayWindow),
    data_x_offset: dataWindow.xMin,
    data_y_offset: dataWindow.yMin,
    part_name: part.name,
    view_name: part.view,
    multi_view: multiView,
    data_window: boxJson(dataWindow),
    display_window: boxJson(displayWindow),
    pixel_aspect_ratio: Number.isFinite(part.pixelAspect) ? part.pixelAspect : null,
    line_order: lineOrder === null ? null : `${lineOrder.toUpperCase()}_Y`,
    compression: part.compression,
    color_space: part.colorSpace,
    render_software: softwareOf(part.attributes),
    is_tiled: tiles !== null,
    tile_width: tiles?.width ?? 0,
    tile_height: tiles?.height ?? 0,
    tile_depth: tiles === null ? 0 : 1,
    is_deep: part.deep,
    s3_bucket,
  }
}

const widthOf = ({ xMin, xMax }: Box): number => xMax - xMin + 1
const heightOf = ({ yMin, yMax }: Box): number => yMax - yMin + 1
const boxJson = ({ xMin, yMin, xMax, yMax }: Box): string =>
  JSON.stringify({ min: { x: xMin, y: yMin }, max: { x: xMax, y: yMax } })

/** `software` of an EXR, `Software` of a TIFF, `creator` of a DPX. */
function softwareOf(attributes: readonly Attribute[]): string | null {
  const named = (wanted: string): string | null =>
    attributes.find(({ name }) => name.toLowerCase() === wanted)?.valueText ?? null
  return named("software") || named("creator") || null
}

function channelRow(
  { name, pixelType, xSampling, ySampling }: Channel,
  { index }: Part,
  { file_id, file_path, s3_bucket }: FileColumns,
): ChannelRow {
  const dot = name.lastIndexOf(".")
  return {
    file_id,
    file_path,
    part_index: index,
    channel_name: name,
    layer_name: name.slice(0, Math.max(dot, 0)),
    component_name: name.slice(dot + 1),
    channel_type: pixelType.toUpperCase(),
    x_sampling: xSampling,
    y_sampling: ySampling,
    channel_fingerprint: null,
    s3_bucket,
  }
}

const attributeRow = (
  { name, type, valueJson, valueText, valueInt, valueFloat }: Attribute,
  { index }: Part,
  { file_id, file_path, s3_bucket }: FileColumns,
): AttributeRow => ({
  file_id,
  file_path,
  part_index: index,
  attr_name: name,
  attr_type: type,
  value_json: valueJson,
  value_text: valueText,
  value_int: valueInt,
  value_float: valueFloat !== null && Number.isFinite(valueFloat) ? valueFloat : null,
  s3_bucket,
})
