import { GetBucketVersioningCommand, ListObjectsV2Command, ListObjectVersionsCommand } from "@aws-sdk/client-s3"
import { done, type Result } from "../../events/result.ts"
import type { ObjectEntry } from "../index.ts"
import { statusOf } from "./failure.ts"
import { attemptS3, type Session } from "./session.ts"
import { bucketWhat, checkBucket, decodeKey } from "./spelling.ts"
import { entryOf, type VersionAnswer } from "./version.ts"

type KeyRange = { readonly bucket: string; readonly prefix: string; readonly startAfter: string }
type Page = { readonly entries: readonly ObjectEntry[]; readonly next: Marker | null }
/** Where the next page starts. */
type Marker = { readonly token: string } | { readonly key: string; readonly version: string } | "start"
type ListedObject = VersionAnswer & { readonly Key?: string | undefined; readonly Size?: number | undefined }

/**
 * Page by page, in the order of the keys' bytes, as S3 promises. In a bucket with versions the newest are listed by
 * version, because an ordinary listing does not tell version ids and head would call the same version by another name.
 */
export async function* listObjects(session: Session, wanted: KeyRange): AsyncGenerator<Result<ObjectEntry>> {
  const checked = checkBucket(wanted.bucket)
  if (!checked.ok) return yield checked
  // No key is like that, and no request can carry it.
  if (!wanted.prefix.isWellFormed()) return
  const asked = { bucket: wanted.bucket, what: bucketWhat(wanted.bucket) }
  const versioned = await attemptS3(session, asked, async () => done(await hasVersions(session, wanted)))
  if (!versioned.ok) return yield versioned
  const pageAt = versioned.value ? versionPage : objectPage
  for (let at: Marker | null = "start"; at !== null; ) {
    const marker: Marker = at
    const page: Result<Page> = await attemptS3(session, asked, async () => done(await pageAt(session, wanted, marker)))
    if (!page.ok) return yield page
    for (const entry of page.value.entries) yield done(entry)
    at = page.value.next
  }
}

/** Where we may not ask, or the server does not know the question, there are none that we could see. */
async function hasVersions({ client }: Session, { bucket }: KeyRange): Promise<boolean> {
  try {
    const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }))
    return Status === "Enabled" || Status === "Suspended"
  } catch (error) {
    if ([400, 403, 405, 501].includes(statusOf(error) ?? 0)) return false
    throw error
  }
}

async function objectPage({ client }: Session, { bucket, prefix, startAfter }: KeyRange, at: Marker): Promise<Page> {
  const page = await client.send(
    new ListObjectsV2Command({
      Bucket: bucket,
      // XML cannot hold every character that a key can.
      EncodingType: "url",
      ...(prefix === "" ? {} : { Prefix: prefix }),
      ...(startAfter === "" ? {} : { StartAfter: startAfter.toWellFormed() }),
      ...(typeof at === "object" && "token" in at ? { ContinuationToken: at.token } : {}),
    }),
  )
  const token = page.IsTruncated === true ? page.NextContinuationToken : undefined
  return { entries: entriesOf(bucket, page.Contents, page.EncodingType), next: token === undefined ? null : { token } }
}

async function versionPage({ client }: Session, { bucket, prefix, startAfter }: KeyRange, at: Marker): Promise<Page> {
  const { key, version } = typeof at === "object" && "key" in at ? at : { key: startAfter.toWellFormed(), version: "" }
  const page = await client.send(
    new ListObjectVersionsCommand({
      Bucket: bucket,
      EncodingType: "url",
      ...(prefix === "" ? {} : { Prefix: prefix }),
      ...(key === "" ? {} : { KeyMarker: key }),
      ...(version === "" ? {} : { VersionIdMarker: version }),
    }),
  )
  const latest = page.Versions?.filter(({ IsLatest }) => IsLatest === true)
  const next = page.IsTruncated === true ? page.NextKeyMarker : undefined
  return {
    entries: entriesOf(bucket, latest, page.EncodingType),
    next:
      next === undefined ? null : { key: decodeKey(next, page.EncodingType), version: page.NextVersionIdMarker ?? "" },
  }
}

const entriesOf = (bucket: string, listed: readonly ListedObject[] = [], encodingType: string | undefined) =>
  listed.map((one) => entryOf({ bucket, key: decodeKey(one.Key ?? "", encodingType) }, one, one.Size ?? 0))
