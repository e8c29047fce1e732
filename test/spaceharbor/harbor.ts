/**
 * What SpaceHarbor does with a bucket, written anew from the contract: how it finds outputs, what it calls ready, which
 * completions it takes. Nothing here is of this project, so that a change of ours cannot change what it expects.
 */

/** A bucket as it sees it. */
export type Bucket = {
  readonly name: string
  readonly has: (key: string) => Promise<boolean>
  readonly read: (key: string) => Promise<Uint8Array>
  readonly presign: (key: string) => Promise<string>
}

const IMAGES = [".exr", ".dpx", ".tif", ".tiff", ".png", ".jpg", ".jpeg"]

export type Kind = "image" | "other"

export const kindOf = (key: string): Kind =>
  IMAGES.includes(key.slice(key.lastIndexOf(".")).toLowerCase()) ? "image" : "other"

/** Where it looks for what belongs to a source. */
function beside(key: string): (suffix: string) => string {
  const slash = key.lastIndexOf("/")
  const [folder, file] = [key.slice(0, slash + 1), key.slice(slash + 1)]
  const dot = file.lastIndexOf(".")
  const stem = dot === -1 ? file : file.slice(0, dot)
  return (suffix) => `${folder}.proxies/${stem}${suffix}`
}

/** `GET /api/v1/storage/media-urls`. */
export async function mediaUrls(bucket: Bucket, key: string) {
  const at = beside(key)
  const first = async (...suffixes: readonly string[]): Promise<string | null> => {
    for (const suffix of suffixes) if (await bucket.has(at(suffix))) return bucket.presign(at(suffix))
    return null
  }
  return {
    source: (await bucket.has(key)) ? await bucket.presign(key) : null,
    thumbnail: await first("_thumb.jpg"),
    preview: await first("_preview.jpg", "_proxy.jpg"),
    proxy: await first("_proxy.mp4"),
  }
}

/** One file of `POST /api/v1/storage/processing-status`. */
export async function processingStatus(bucket: Bucket, key: string) {
  const at = beside(key)
  const [thumb, preview, proxy] = await Promise.all(
    ["_thumb.jpg", "_preview.jpg", "_proxy.jpg"].map((suffix) => bucket.has(at(suffix))),
  )
  return {
    sourceUri: `s3://${bucket.name}/${key}`,
    file_kind: kindOf(key),
    thumb_ready: thumb,
    preview_ready: preview || proxy,
    proxy_ready: proxy,
    // A picture's metadata is ready when its thumbnail is, whatever there is.
    metadata_ready: thumb,
    sprites_ready: false,
    in_flight_job_id: null,
    last_status: null,
    last_error: null,
  }
}

/** Most bytes of metadata that it reads. */
const MOST_METADATA_BYTES = 2 * 1024 * 1024

/** `GET /api/v1/storage/metadata`: what its panels are given, or the status of the refusal. */
export async function metadataPanel(bucket: Bucket, key: string) {
  if (kindOf(key) === "other") return { status: 415 } as const
  const sidecar = beside(key)("_metadata.json")
  if (!(await bucket.has(sidecar))) return { status: 404 } as const
  const bytes = await bucket.read(sidecar)
  if (bytes.length > MOST_METADATA_BYTES) return { status: 502 } as const
  const data: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"))
  if (!isJson(data)) return { status: 502 } as const
  const { schema_version: version } = data
  return {
    ...{ status: 200, schema_version: version, file_kind: kindOf(key), source_uri: `s3://${bucket.name}/${key}` },
    ...{ sidecar_key: sidecar, bucket: bucket.name, bytes: bytes.length, data },
    // Its pills are drawn of an array; its other panels of what is there.
    pills: Array.isArray(data.channels) ? data.channels.length : null,
    panels: ["file", "color", "camera", "timecode", "production", "extraction"].filter((name) => isJson(data[name])),
  } as const
}

/** What its table of versions keeps of a frame for good. */
export type MediaRow = { readonly thumbnail_url: string | null; readonly proxy_url: string | null }

/** The spelling of its poller, which cuts a name's ending only where that is in lower case. */
function polled(key: string): (suffix: string) => string {
  const slash = key.lastIndexOf("/")
  const file = key.slice(slash + 1)
  const stem = IMAGES.reduce((name, ending) => (name.endsWith(ending) ? name.slice(0, -ending.length) : name), file)
  const folder = slash === -1 ? "./" : key.slice(0, slash + 1)
  return (suffix) => `${folder}.proxies/${stem}${suffix}`
}

/** One round of its dispatch poller: null while nothing is there, else the row that it writes before it looks no more. */
export async function poll(bucket: Bucket, key: string): Promise<MediaRow | null> {
  const at = polled(key)
  const [proxy, thumb, metadata] = [
    await bucket.has(at("_proxy.jpg")),
    await bucket.has(at("_thumb.jpg")),
    await bucket.has(at("_metadata.json")),
  ]
  if (!(proxy || thumb || metadata)) return null
  const uri = (suffix: string): string => `s3://${bucket.name}/${at(suffix)}`
  return { thumbnail_url: thumb ? uri("_thumb.jpg") : null, proxy_url: proxy ? uri("_proxy.jpg") : null }
}

type Json = { readonly [name: string]: unknown }

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

export type Verdict = "completed" | "failed" | "ignored" | "rejected" | "duplicate"

/** Its consumer of completions, with the jobs that it knows. An id is used up before the job is looked for. */
export function completions(jobs: readonly string[]) {
  const seen = new Set<string>()
  const metadataOf = new Map<string, Json>()
  const take = (value: unknown): Verdict => {
    if (!isJson(value) || value.type !== "vast.dataengine.pipeline.completed") return "ignored"
    const { id, data } = value
    if (typeof id !== "string" || !isJson(data)) return "rejected"
    const texts = [data.asset_id, data.job_id, data.function_id]
    if (texts.some((text) => typeof text !== "string") || typeof data.success !== "boolean") return "rejected"
    if (seen.has(id)) return "duplicate"
    seen.add(id)
    const job = String(data.job_id)
    if (!jobs.includes(job)) return "rejected"
    if (!data.success) return "failed"
    metadataOf.set(job, { ...metadataOf.get(job), ...(isJson(data.metadata) ? data.metadata : {}) })
    return "completed"
  }
  return { take, used: seen, metadataOf }
}

/** `GET /api/v1/assets/:id/pipeline-status`, of what completions left in an asset's metadata. */
export const pipelineStatus = (metadata: Json = {}) => ({
  completed: "thumbnail_url" in metadata || "proxy_url" in metadata,
  hasThumbnail: typeof metadata.thumbnail_url === "string",
  hasProxy: typeof metadata.proxy_url === "string",
})

/** Names of columns in which its query service looks for a path, the first that a table has. */
const PATHS = ["source_uri", "s3_key", "path", "file_path", "uri"]

/** `GET /api/v1/metadata/lookup`, over the rows of a table. */
export function lookUp<Row extends object>(rows: readonly Row[], { bucket, path }: { bucket: string; path: string }) {
  const column = PATHS.find((name) => name in (rows[0] ?? {}))
  const at = (wanted: string): readonly Row[] => rows.filter((row) => (row as Json)[column ?? ""] === wanted)
  const exact = at(`${bucket}/${path}`)
  return exact.length > 0 ? exact : at(path)
}
