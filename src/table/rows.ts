import { after, latestOf, plausibleMs } from "../events/time.ts"

/** Columns of proxy_outputs, exactly these, in this order: the contract with exr-inspector's and SpaceHarbor's readers. */
export const PROXY_OUTPUT_COLUMNS = [
  "proxy_id",
  "file_id",
  "s3_key",
  "s3_bucket",
  "asset_id",
  "thumbnail_s3_key",
  "proxy_s3_key",
  "thumbnail_size_bytes",
  "proxy_size_bytes",
  "source_size_bytes",
  "source_colorspace",
  "thumb_colorspace",
  "proxy_colorspace",
  "thumb_resolution",
  "proxy_resolution",
  "processing_time_seconds",
  "generated_timestamp",
  "generator_version",
] as const

/** One row of proxy_outputs, keys in column order. */
export type ProxyOutputRow = {
  readonly proxy_id: string
  readonly file_id: string
  readonly s3_key: string
  readonly s3_bucket: string
  readonly asset_id: string
  readonly thumbnail_s3_key: string
  readonly proxy_s3_key: string
  readonly thumbnail_size_bytes: number
  readonly proxy_size_bytes: number
  readonly source_size_bytes: number
  readonly source_colorspace: string
  readonly thumb_colorspace: string
  readonly proxy_colorspace: string
  readonly thumb_resolution: string
  readonly proxy_resolution: string
  readonly processing_time_seconds: number
  /** ISO-8601 UTC with six fraction digits always, so that text order is time order. */
  readonly generated_timestamp: string
  readonly generator_version: string
}

/**
 * What is known of one source object: one row per (bucket, key). `version_order` makes merging a join: the row with the
 * greater one stays (compared as text), so the order of arrival of facts does not matter. {@link versionOrder} says what it
 * is made of.
 */
export type ElementRow = {
  readonly bucket: string
  readonly key: string
  readonly version_order: string
  readonly element_id: string
  readonly state: "queued" | "done" | "failed" | "dismissed" | "removed"
  readonly source_version: string | null
  readonly render_key: string | null
  readonly file_id: string | null
  readonly stage: string | null
  readonly failure_code: string | null
  readonly failure_kind: string | null
  readonly failure_says: string | null
  /** Tries of the failed stage. */
  readonly attempts: number
  /** Counter of retries and reprocesses of this object. */
  readonly attempt: number
  readonly thumbnail_key: string | null
  readonly proxy_key: string | null
  /** When the state was reached, epoch milliseconds. */
  readonly changed_at_ms: number
}

/** What orders the rows of one object. All of it stands in the fact, so any replay gives the same order. */
export type Moment = {
  /** The fact's logical time, epoch milliseconds. */
  readonly logicalTimeMs: number
  /** LastModified of the source that the fact speaks of; 0 where it saw none. */
  readonly lastModifiedMs: number
  readonly arrivedAtMs: number
  readonly attempt: number
  readonly elementId: string
}

/** Within one moment of one arrival. */
const RANK: Readonly<Record<ElementRow["state"], number>> = {
  queued: 0,
  failed: 1,
  done: 2,
  removed: 3,
  dismissed: 4,
}

/** Of a time in a text that orders rows, milliseconds. */
export const TIME_DIGITS = 15

export const digits = (value: number, count: number): string => String(value).padStart(count, "0")

/**
 * The later in logical time wins; of two equally late ones the newer source, then the later arrival, then the greater
 * id, so that no two facts are equal; within one arrival, dismissed beats removed beats done beats failed beats queued.
 * `~` sorts after the `|` that an older version wrote behind the time.
 */
export const versionOrder = (moment: Moment, state: ElementRow["state"]): string =>
  `${digits(plausibleMs(moment.logicalTimeMs), TIME_DIGITS)}~${[
    digits(plausibleMs(moment.lastModifiedMs), TIME_DIGITS),
    digits(plausibleMs(moment.arrivedAtMs), TIME_DIGITS),
    digits(moment.attempt, 6),
    moment.elementId,
    RANK[state],
  ].join("|")}`

/** The logical time of what a row tells. */
export const logicalTimeOf = ({ version_order }: ElementRow): number =>
  plausibleMs(Number(version_order.slice(0, TIME_DIGITS)))

/** When the arrival that a row tells of was taken in; where an older version wrote the row, when the state was reached. */
export const arrivedAtOf = ({ version_order, changed_at_ms }: ElementRow): number =>
  Number(/^\d+~\d+\|(\d+)\|/.exec(version_order)?.[1] ?? changed_at_ms)

/** A time later than all that a row tells of: for whoever asks for the object again and knows what is known of it. */
export const laterThan = (row: ElementRow): number => after(latestOf(logicalTimeOf(row), row.changed_at_ms))

/**
 * Rows of the four tables about headers, columns exactly as exr-inspector 1.3.0 has them and in its order, with s3_bucket
 * appended: file_id ignores the bucket. docs/metadata-tables.md says what each column holds.
 */
export type FileRow = {
  readonly file_id: string
  /** Key of the object, without the bucket. */
  readonly file_path: string
  readonly file_path_normalized: string
  readonly header_hash: string
  readonly size_bytes: number
  readonly mtime: string
  readonly multipart_count: number
  readonly is_deep: boolean
  readonly metadata_embedding: null
  readonly frame_number: number | null
  /** ISO-8601 UTC with six fraction digits always, so that text order is time order. */
  readonly inspection_timestamp: string
  readonly inspection_count: number
  readonly last_inspected: string
  readonly s3_bucket: string
}

export type PartRow = {
  readonly file_id: string
  readonly file_path: string
  readonly part_index: number
  readonly width: number
  readonly height: number
  readonly display_width: number
  readonly display_height: number
  readonly data_x_offset: number
  readonly data_y_offset: number
  readonly part_name: string | null
  readonly view_name: string | null
  readonly multi_view: boolean
  readonly data_window: string
  readonly display_window: string
  readonly pixel_aspect_ratio: number | null
  readonly line_order: string | null
  readonly compression: string
  readonly color_space: string | null
  readonly render_software: string | null
  readonly is_tiled: boolean
  readonly tile_width: number
  readonly tile_height: number
  readonly tile_depth: number
  readonly is_deep: boolean
  readonly s3_bucket: string
}

export type ChannelRow = {
  readonly file_id: string
  readonly file_path: string
  readonly part_index: number
  readonly channel_name: string
  readonly layer_name: string
  readonly component_name: string
  readonly channel_type: string
  readonly x_sampling: number
  readonly y_sampling: number
  readonly channel_fingerprint: null
  readonly s3_bucket: string
}

export type AttributeRow = {
  readonly file_id: string
  readonly file_path: string
  readonly part_index: number
  readonly attr_name: string
  readonly attr_type: string
  readonly value_json: string
  readonly value_text: string | null
  readonly value_int: number | null
  readonly value_float: number | null
  readonly s3_bucket: string
}

/**
 * All rows about one version of one object: they are merged together. Of two inspections of one (s3_bucket, file_id) the
 * one with the greater `inspection_timestamp` stays, with all its rows and no other; of two equally late ones the
 * greater in the columns of `file`.
 */
export type Inspection = {
  readonly file: FileRow
  /** In file order, as the other lists. */
  readonly parts: readonly PartRow[]
  readonly channels: readonly ChannelRow[]
  readonly attributes: readonly AttributeRow[]
}

/** How many rows the inspections have in all four tables together. */
export const inspectionRows = (inspections: readonly Inspection[]): number =>
  inspections.reduce(
    (sum, { parts, channels, attributes }) => sum + 1 + parts.length + channels.length + attributes.length,
    0,
  )
