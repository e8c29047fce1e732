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
 * greater one stays (compared as text), so the order of arrival of facts does not matter.
 */
export type ElementRow = {
  readonly bucket: string
  readonly key: string
  readonly version_order: string
  readonly element_id: string
  readonly state: "queued" | "done" | "failed"
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
