import type { AttributeRow, ChannelRow, FileRow, PartRow } from "./rows.ts"

/** What a column holds; `vector` is a list of float32 of fixed length, here always NULL. */
export type Kind = "text" | "int32" | "int64" | "bool" | "float32" | "float64" | "vector"

export type InspectionColumn = { readonly name: string; readonly kind: Kind; readonly nullable: boolean }

export type InspectionTable = {
  readonly name: "files" | "parts" | "channels" | "attributes"
  readonly columns: readonly InspectionColumn[]
}

/** `text?` may be NULL. */
type WrittenKind = Kind | `${Kind}?`

/** The columns in the order in which they are written. */
const columnsOf = <Row>(columns: { readonly [Name in keyof Row]-?: WrittenKind }): readonly InspectionColumn[] =>
  Object.entries<WrittenKind>(columns).map(([name, written]) => ({
    name,
    kind: written.replace("?", "") as Kind,
    nullable: written.endsWith("?"),
  }))

export const FILES: InspectionTable = {
  name: "files",
  columns: columnsOf<FileRow>({
    file_id: "text",
    file_path: "text",
    file_path_normalized: "text",
    header_hash: "text",
    size_bytes: "int64",
    mtime: "text",
    multipart_count: "int32",
    is_deep: "bool",
    metadata_embedding: "vector?",
    frame_number: "int32?",
    inspection_timestamp: "text",
    inspection_count: "int32",
    last_inspected: "text",
    s3_bucket: "text",
  }),
}

export const PARTS: InspectionTable = {
  name: "parts",
  columns: columnsOf<PartRow>({
    file_id: "text",
    file_path: "text",
    part_index: "int32",
    width: "int32",
    height: "int32",
    display_width: "int32",
    display_height: "int32",
    data_x_offset: "int32",
    data_y_offset: "int32",
    part_name: "text?",
    view_name: "text?",
    multi_view: "bool",
    data_window: "text",
    display_window: "text",
    pixel_aspect_ratio: "float32?",
    line_order: "text?",
    compression: "text",
    color_space: "text?",
    render_software: "text?",
    is_tiled: "bool",
    tile_width: "int32",
    tile_height: "int32",
    tile_depth: "int32",
    is_deep: "bool",
    s3_bucket: "text",
  }),
}

export const CHANNELS: InspectionTable = {
  name: "channels",
  columns: columnsOf<ChannelRow>({
    file_id: "text",
    file_path: "text",
    part_index: "int32",
    channel_name: "text",
    layer_name: "text",
    component_name: "text",
    channel_type: "text",
    x_sampling: "int32",
    y_sampling: "int32",
    channel_fingerprint: "vector?",
    s3_bucket: "text",
  }),
}

export const ATTRIBUTES: InspectionTable = {
  name: "attributes",
  columns: columnsOf<AttributeRow>({
    file_id: "text",
    file_path: "text",
    part_index: "int32",
    attr_name: "text",
    attr_type: "text",
    value_json: "text",
    value_text: "text?",
    value_int: "int64?",
    value_float: "float64?",
    s3_bucket: "text",
  }),
}

/** The tables below files, with the list of an inspection that fills each. */
export const LISTS = [
  [PARTS, "parts"],
  [CHANNELS, "channels"],
  [ATTRIBUTES, "attributes"],
] as const

export const INSPECTION_TABLES: readonly InspectionTable[] = [FILES, ...LISTS.map(([table]) => table)]
