/** Where pictures lie: the port of an object store, which the adapters (directory, S3, memory) implement. */

import { fileNameOf, folderOf, hasDotSegment, isOutputsFolder } from "../element/key.ts"
import type { Result } from "../events/result.ts"

/** One object: a bucket and a decoded key. Keys are data: never a path, never an option of a tool. */
export type ObjectRef = { readonly bucket: string; readonly key: string }

export type ObjectHead = ObjectRef & {
  /**
   * Without quotes. Changes whenever the bytes change; a directory also changes it when the file is touched. Where the
   * store states none it is {@link derivedEtag}'s, and serves as a condition like any other.
   */
  readonly etag: string
  readonly versionId: string | null
  /**
   * versionId; else ETag, LastModified and size, or the latter two where there is no ETag; in a directory inode, size
   * and modification time in nanoseconds.
   */
  readonly sourceVersion: string
  readonly sizeBytes: number
  readonly lastModifiedMs: number
  readonly contentType: string | null
  /** User metadata, lower-case names, values any text. */
  readonly metadata: Readonly<Record<string, string>>
  /** Object tags, where they come with the rest; absent where they take a request of their own. */
  readonly tags?: Readonly<Record<string, string>>
}

/**
 * Stands for the etag of an object that has none, such as a file that was laid into a gateway's folder beside it. An
 * overwrite within the same second that keeps the size goes unnoticed, and of two that replace such an object at one
 * time both may believe that they were first.
 */
export const derivedEtag = ({ lastModifiedMs, sizeBytes }: Pick<ObjectHead, "lastModifiedMs" | "sizeBytes">): string =>
  `unstated-${lastModifiedMs}-${sizeBytes}`

export const isDerivedEtag = (etag: string): boolean => /^unstated-\d+-\d+$/.test(etag)

/** What a listing knows of an object, without asking for each. */
export type ObjectEntry = Pick<ObjectHead, "bucket" | "key" | "etag" | "sizeBytes" | "lastModifiedMs" | "sourceVersion">

/** An object whose bytes are in a local file now. */
export type FetchedObject = ObjectHead & {
  /** XXH3-128 of the bytes, 32 hex digits: what is the same under any name, in any place and in any store. */
  readonly contentHash: string
  /** SHA-256 of the bytes, 64 hex digits, where it was wished for. */
  readonly contentSha256: string | null
}

/** An object that is read where it lies. */
export type ObjectInPlace = FetchedObject & {
  /** The object's own file, which others may change at any time. */
  readonly file: string
  /**
   * Whether the object still is the version asked for: to be asked after the file was read, whatever came of it. Fails:
   * store/missing, store/precondition-failed.
   */
  readonly confirm: () => Promise<Result<void>>
}

export type PutOptions = {
  readonly contentType: string
  /** Object tags, at most 10. */
  readonly tags: Readonly<Record<string, string>>
  /** User metadata, at most 2 KB together once encoded; names are lower-case header tokens. */
  readonly metadata: Readonly<Record<string, string>>
  /** Only over this version; store/precondition-failed otherwise, also where nothing is. */
  readonly ifMatch?: string
  /** Only where nothing is; store/precondition-failed otherwise. Of any number of concurrent callers one wins. */
  readonly ifAbsent?: boolean
}

/** What a link leads to: a file or a folder of its bucket, what is this program's own, what lies outside, nothing, or itself. */
export type LinkEnd = "file" | "folder" | "ours" | "outside" | "nowhere" | "circle"

/** A folder that is listed by its own name, nothing, or itself. */
export type SkippedLink = Extract<LinkEnd, "folder" | "nowhere" | "circle">

/**
 * Objects in buckets. Every method is safe to repeat. Failures are values: store/missing, store/denied, store/bad-key,
 * store/precondition-failed, store/range-not-satisfiable, store/too-large (permanent or per the catalogue),
 * store/failed (transient), store/unreachable, store/read-only and store/full (outage), scratch/full (the caller's
 * local file cannot be written or read), stopped (signal aborted).
 */
export interface ObjectStore {
  head(ref: ObjectRef): Promise<Result<ObjectHead>>
  /** Object tags; the metadata travels with head. */
  tags(ref: ObjectRef): Promise<Result<Readonly<Record<string, string>>>>
  /**
   * Copies the whole object into the local file `toFile`, streaming. `ifMatch` is the etag that HEAD gave: bytes and
   * head speak of one version, else store/precondition-failed. Stops at `maxBytes` with store/too-large. On failure no
   * file is left.
   */
  fetch(ref: ObjectRef, options: FetchOptions): Promise<Result<FetchedObject>>
  /**
   * Like fetch, but copies nothing: only of a store whose objects are files of this machine. Bytes and head spoke of one
   * version while they were hashed.
   */
  readInPlace?(ref: ObjectRef, options: Omit<FetchOptions, "toFile">): Promise<Result<ObjectInPlace>>
  /** Bytes [start, end), clipped to the object's end. A range that holds none of them: store/range-not-satisfiable. */
  readRange(ref: ObjectRef, range: RangeOptions): Promise<Result<Uint8Array>>
  /**
   * Whether an object of this name can be stored, as far as the store knows without storing one: to be asked before its
   * bytes are made. Fails store/read-only, of the folder or bucket, and remembers that for a while; or as put would.
   */
  checkWritable(ref: ObjectRef): Promise<Result<void>>
  /**
   * Stores the local file `fromFile` whole or not at all; durable when it resolves. Throws RangeError for tags or metadata
   * beyond the limits of PutOptions, and where `fromFile` is missing: both are bugs of the caller.
   */
  put(ref: ObjectRef, fromFile: string, options: PutOptions): Promise<Result<ObjectHead>>
  /**
   * An address that anybody may GET the object by, in parts, too, until it expires; nothing else. The store is not asked, so
   * that the object need not be there. Throws RangeError outside of {@link MOST_SIGNED_SECONDS}. Absent where objects have no
   * addresses.
   */
  sign?(ref: ObjectRef, options: SignOptions): Promise<Result<SignedAddress>>
  /**
   * Deletes an output, only while it is the version whose etag HEAD gave, else store/precondition-failed; where nothing is
   * any more it is done. Throws RangeError for a key outside any `.proxies` folder: nothing else is ours to delete.
   */
  delete(ref: ObjectRef, options: { readonly ifMatch: string }): Promise<Result<void>>
  /**
   * All objects under a prefix in order of their keys' UTF-8 bytes, after `startAfter`; neither need exist. A failure that
   * names one object or folder (store/denied, store/bad-key, store/failed) stands at its place in the order and the listing
   * goes on; where nothing can follow (store/missing, store/unreachable), it is the last value. So read to the end.
   */
  list(
    bucket: string,
    options?: {
      readonly prefix?: string
      readonly startAfter?: string
      /** Told of links that are passed over, where a store has any. */
      readonly onSkipped?: (key: string, leadsTo: SkippedLink) => void
    },
  ): AsyncIterable<Result<ObjectEntry>>
  /**
   * The keys alone of what `list` gives, folder by folder and in no order: many times as quick. What cannot be read is passed
   * over. With `folder` ("" or ending with a slash), those that lie in that folder itself. Absent where a listing has to tell
   * all of them anyway.
   */
  listKeys?(bucket: string, folder?: string): AsyncIterable<readonly string[]>
  /**
   * The clock of the store, epoch milliseconds: the one that all who touch its objects share. Where its answers state a
   * time it is never off by more than a second; before the first answer, and where they state none, this machine's.
   */
  nowMs(): number
  close(): Promise<void>
}

export type FetchOptions = {
  readonly toFile: string
  readonly ifMatch: string
  readonly maxBytes: number
  readonly signal: AbortSignal
  /** Whether the SHA-256 of the bytes is wished for; absent: it is not. */
  readonly sha256?: boolean
}

export type SignOptions = {
  /** From now on, 1 to {@link MOST_SIGNED_SECONDS}. */
  readonly seconds: number
}

export type SignedAddress = {
  /** Whoever has it may read the object. */
  readonly url: string
  /** When it ends, epoch milliseconds: earlier than wished for where the credentials end earlier. */
  readonly expiresAtMs: number
}

/** A week: signatures of S3 hold no longer. */
export const MOST_SIGNED_SECONDS = 7 * 24 * 3600

export function assertSignOptions({ seconds }: SignOptions): void {
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MOST_SIGNED_SECONDS)
    throw new RangeError(`${seconds} seconds: an address can be signed for 1 to ${MOST_SIGNED_SECONDS}`)
}

export type RangeOptions = {
  readonly start: number
  readonly end: number
  readonly ifMatch?: string
  readonly signal?: AbortSignal
}

const MOST_TAGS = 10
const MOST_METADATA_BYTES = 2048
const METADATA_NAME = /^[a-z0-9][a-z0-9._-]*$/

/**
 * Throws where a caller asks for what no S3 takes, in every adapter alike, so that a run on a folder finds it too:
 * more than 10 tags, more than 2 KB of metadata, metadata names that are not lower-case header tokens.
 */
export function assertPutOptions({ tags, metadata }: PutOptions): void {
  const entries = Object.entries(metadata)
  const sizeBytes = entries.reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value), 0)
  const wrongName = entries.find(([name]) => !METADATA_NAME.test(name))
  if (Object.keys(tags).length > MOST_TAGS) throw new RangeError(`more than ${MOST_TAGS} object tags`)
  if (sizeBytes > MOST_METADATA_BYTES) throw new RangeError(`more than ${MOST_METADATA_BYTES} bytes of user metadata`)
  if (wrongName !== undefined) throw new RangeError(`metadata name ${JSON.stringify(wrongName[0])}`)
}

/** Guards every delete: sources are never ours to delete, and only outputs lie directly in a `.proxies` folder. */
export function assertOutputKey(key: string): void {
  if (!isOutputsFolder(folderOf(key)) || fileNameOf(key) === "" || hasDotSegment(key))
    throw new RangeError("store: only outputs in a .proxies folder are deleted")
}
