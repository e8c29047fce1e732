// Finding the object that an element is about, by HEAD, and fetching the version that was found.

import { endingOf } from "../../src/element/key.ts"
import { acceptedExtension, CONTRACT_ENDINGS, type Endings, endingsText } from "../../src/element/source.ts"
import { assetIdOf, type Draft, fileIdOf } from "../../src/events/identity.ts"
import type { Element, Source } from "../../src/events/records.generated.ts"
import { done, type Failure, failed, failure, type Result } from "../../src/events/result.ts"
import { mtimeText } from "../../src/events/time.ts"
import { derivedEtag, isDerivedEtag, type ObjectHead, type ObjectRef, type ObjectStore } from "../../src/store/index.ts"
import type { Step } from "../flow/step.ts"
import type { Policy, RendererPorts } from "../ports.ts"
import type { Outdated, SourceLocated } from "./locate-source.ts"

export type Fetched = Outdated & {
  readonly fetchMs: number
  /** The fetched bytes, and the folder for what becomes of them. */
  readonly local: { readonly file: string; readonly folder: string }
  /** XXH3-128 of the source's bytes. */
  readonly contentHash: string
}

/** GET with If-Match: bytes, mtime and row speak of the one version that HEAD saw. */
export const fetchSource: Step<Outdated, Fetched, RendererPorts> = {
  name: "fetch-source",
  says: "GET with If-Match into scratch space",
  appends: ["source-fetched"],
  needs: { permit: "sourcesHeld", until: "end" },
  run: async (state, { store, scratch, policy, clock }, { signal, hold }) => {
    const { ref, source } = state
    const maxBytes = policy.mostSourceBytes
    if (source.sizeBytes > maxBytes) {
      const says = `${ref.key} has ${source.sizeBytes} bytes, more than the limit of ${maxBytes}. Raise the limit to render it.`
      return failed(failure("source/too-large", says))
    }
    const opened = await scratch.open(source.sizeBytes)
    if (!opened.ok) return opened
    const folder = opened.value
    hold(() => folder.remove())
    const begunMs = clock.steadyMs()
    const toFile = folder.sourceFile(`.${endingOf(ref.key)}`)
    const fetched = await store.fetch(ref, { toFile, ifMatch: etagOf(source), maxBytes, signal })
    if (!fetched.ok) return failed(asSourceFailure(fetched.failure, ref))
    const { contentHash } = fetched.value
    const local = { file: toFile, folder: folder.folder }
    const next: Fetched = { ...state, local, contentHash, fetchMs: clock.steadyMs() - begunMs }
    return done({ state: next, facts: [sourceFetched(next, { contentHash, reused: false })] })
  },
}

/** `contentHash` is null where nothing was fetched and the outputs do not tell. */
export const sourceFetched = (
  { element, source, renderKey }: SourceLocated,
  known: { readonly contentHash: string | null; readonly reused: boolean },
): Draft => ({
  topic: "source-fetched",
  about: [element.elementId, source.sourceVersion],
  value: { element, source, renderKey, ...known },
})

/** The object that an element is about, as HEAD sees it. */
export type FoundSource = {
  readonly ref: ObjectRef
  readonly head: ObjectHead
  readonly tags: Readonly<Record<string, string>>
}

type StorePort = { readonly store: ObjectStore }
type Ports = StorePort & { readonly policy: Pick<Policy, "endings"> }

/** HEAD of the element's key, else of its alternative spelling. Fails source/gone, source/unsupported-type, store/*. */
export async function find({ store, policy }: Ports, element: Element): Promise<Result<FoundSource>> {
  const keys = [element.key, ...(element.keyAlternative === null ? [] : [element.keyAlternative])]
  for (const key of keys) {
    if (acceptedExtension(key, policy.endings) === null)
      return failed(notASource(key, policy.endings ?? CONTRACT_ENDINGS))
    const ref = { bucket: element.bucket, key }
    const head = await store.head(ref)
    if (!head.ok && head.failure.code === "store/missing") continue
    if (!head.ok) return head
    const tags = await tagsOf(ref, { store })
    return tags.ok ? done({ ref, head: head.value, tags: tags.value }) : tags
  }
  return failed(gone(element))
}

const notASource = (key: string, endings: Endings): Failure =>
  failure("source/unsupported-type", `${key} is no ${endingsText(endings)}. The setting sources opens other formats.`)

/** Reading tags is a right of its own on S3; without it the ids and spaces that tags could state come from elsewhere. */
async function tagsOf(ref: ObjectRef, { store }: StorePort): Promise<Result<Readonly<Record<string, string>>>> {
  const tags = await store.tags(ref)
  const none = !tags.ok && (tags.failure.code === "store/denied" || tags.failure.code === "store/missing")
  return none ? done({}) : tags
}

export const gone = ({ bucket, key }: { readonly bucket: string; readonly key: string }): Failure =>
  failure("source/gone", `s3://${bucket}/${key} no longer exists. Nothing to do unless it should: then put it back.`)

/** What the store says of a source means more here: a lost precondition is a source that moved on. */
export function asSourceFailure(problem: Failure, ref: ObjectRef): Failure {
  if (problem.code === "store/missing") return gone(ref)
  if (problem.code === "store/too-large") return failure("source/too-large", problem.says)
  if (problem.code !== "store/precondition-failed") return problem
  return failure(
    "source/changed",
    `s3://${ref.bucket}/${ref.key} kept changing while it was read; \`failures retry\` tries again.`,
  )
}

/** What a read of this version asks the store to hold it to. */
export const etagOf = (source: Source): string => source.etag ?? derivedEtag(source)

/** What whoever relies on the version must know of it. */
export const versionWarnings = ({ etag, versionId }: Pick<Source, "etag" | "versionId">): readonly string[] =>
  etag === null && versionId === null
    ? [
        "The store states no ETag for this source: its version is LastModified and size, so an overwrite within the same second that keeps the size goes unnoticed.",
      ]
    : []

/** The version that everything after speaks of. */
export function sourceOf(element: Element, { ref, head, tags }: FoundSource): Source {
  const mtime = mtimeText(head.lastModifiedMs)
  return {
    sourceVersion: head.sourceVersion,
    fileId: fileIdOf(ref.key, mtime),
    assetId: element.assetId ?? tags["ah-asset-id"] ?? head.metadata["asset-id"] ?? assetIdOf(ref.key),
    mtime,
    lastModifiedMs: Math.trunc(head.lastModifiedMs),
    sizeBytes: head.sizeBytes,
    etag: isDerivedEtag(head.etag) ? null : head.etag,
    versionId: head.versionId,
  }
}
