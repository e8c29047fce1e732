/** What an event did to its object, as far as that matters here. */
export type Change = "creation" | "removal"

/** The names of S3 for what makes an object. MinIO calls tagging ObjectCreated:PutTagging, and tags are no arrival. */
const CREATIONS = ["Put", "Post", "Copy", "CompleteMultipartUpload"]

/** Deleting by hand, by a delete marker, in bulk (versitygw: DeleteObjects), of all versions (MinIO), and by a lifecycle. */
const REMOVALS = ["Delete", "DeleteMarkerCreated", "DeleteObjects", "DeleteAllVersions"]

/** What an S3 event name without its `s3:` says; null for whatever changes no object: tags, and MinIO's NoOP. */
export function changeOf(trigger: string): Change | null {
  const [family, how = "", ...rest] = trigger.split(":")
  if (rest.length > 0) return null
  if (family === "ObjectCreated") return CREATIONS.includes(how) ? "creation" : null
  const isRemoval = family === "ObjectRemoved" || family === "LifecycleExpiration"
  return isRemoval && REMOVALS.includes(how) ? "removal" : null
}

/**
 * What the type of a CloudEvent says. VAST's names drift: clusters send ElementCreated, tools and documents write
 * ObjectCreated; so it is for removals. `other`: an event of another kind; `unknown`: somebody else's type.
 */
export function changeOfType(type: string): Change | "other" | "unknown" {
  if (/(^|[.:])(Element\.ElementCreated|ObjectCreated(:\w+)?)$/.test(type)) return "creation"
  if (/(^|[.:])(Element\.ElementDeleted|Object(Removed|Deleted)(:\w+)?)$/.test(type)) return "removal"
  return /(^|:)(Element|Schedule|Function)(\.|$)/.test(type) ? "other" : "unknown"
}
