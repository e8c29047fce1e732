import { type Failure, failure } from "../src/events/failure.ts"
import { assetIdOf, fileIdOf, mtimeText, wantedRenderKey } from "../src/events/identity.ts"
import type { Made } from "../src/events/output-metadata.ts"
import type { Element, Source } from "../src/events/records.generated.ts"
import { done, failed, type Result } from "../src/events/result.ts"
import { acceptedExtension, statedSpaceOf } from "../src/ingest/sources.ts"
import type { RenderSettings } from "../src/picture/index.ts"
import type { ObjectHead, ObjectRef } from "../src/store/index.ts"
import { type Claim, claimOutputs, madeOf } from "./outputs.ts"
import type { Arrived, Step } from "./passage.ts"
import type { RendererPorts } from "./ports.ts"

export type Located = Arrived & {
  readonly ref: ObjectRef
  readonly source: Source
  readonly renderKey: string
  readonly settings: RenderSettings
  readonly statedSpace: string | null
  readonly claim: Claim
  /** The outputs, where they are current; then nothing is fetched or rendered. */
  readonly made: Made | null
  /** The outputs were made for an earlier arrival. */
  readonly reused: boolean
}

type Found = { readonly ref: ObjectRef; readonly head: ObjectHead; readonly tags: Readonly<Record<string, string>> }

/** HEAD of the source and of its outputs: which version there is, which renderKey it wants, whose the output names are. */
export const locateSource: Step<Arrived, Located> = {
  name: "locate-source",
  says: "HEAD: which version there is, what its outputs are called, whether they are current",
  appends: null,
  closing: false,
  run: (ports) => async (state) => {
    const found = await find(ports, state.element)
    if (!found.ok) return found
    const claim = await claimOutputs(ports.store, found.value.ref)
    if (!claim.ok) return claim
    return done({ state: located(ports, state, { found: found.value, claim: claim.value }), fact: null })
  },
}

async function find({ store }: RendererPorts, element: Element): Promise<Result<Found>> {
  const keys = [element.key, ...(element.keyAlternative === null ? [] : [element.keyAlternative])]
  for (const key of keys) {
    if (acceptedExtension(key) === null)
      return failed(failure("source/unsupported-type", `${key} is no .exr, .dpx, .tif or .tiff.`))
    const ref = { bucket: element.bucket, key }
    const head = await store.head(ref)
    if (!head.ok && head.failure.code === "store/missing") continue
    if (!head.ok) return head
    const tags = await tagsOf(ref, { store })
    return tags.ok ? done({ ref, head: head.value, tags: tags.value }) : tags
  }
  return failed(gone(element))
}

/** Reading tags is a right of its own on S3; without it the ids and spaces that tags could state come from elsewhere. */
async function tagsOf(
  ref: ObjectRef,
  { store }: Pick<RendererPorts, "store">,
): Promise<Result<Readonly<Record<string, string>>>> {
  const tags = await store.tags(ref)
  const none = !tags.ok && (tags.failure.code === "store/denied" || tags.failure.code === "store/missing")
  return none ? done({}) : tags
}

export const gone = ({ bucket, key }: { readonly bucket: string; readonly key: string }): Failure =>
  failure("source/gone", `s3://${bucket}/${key} no longer exists. Nothing to do unless it should: then put it back.`)

function located(ports: RendererPorts, state: Arrived, { found, claim }: { found: Found; claim: Claim }): Located {
  const { ref, head, tags } = found
  const { element } = state
  const settings = ports.settingsFor(ref)
  const statedSpace = statedSpaceOf(tags, head.metadata)
  const renderKey = wantedRenderKey(
    { ...ref, sourceVersion: head.sourceVersion },
    { settings, statedSpace },
    ports.picture,
  )
  const made = madeOf(claim, ref.key)
  const current =
    made?.renderKey === renderKey && (!element.force || made.elementId === element.elementId) ? made : null
  return {
    ...state,
    // A key that only its alternative spelling found is the key from here on: rows and facts name the object that exists.
    element: ref.key === element.key ? element : { ...element, key: ref.key, keyAlternative: null },
    ref,
    source: sourceOf(element, found),
    renderKey,
    settings,
    statedSpace,
    claim,
    made: current,
    reused: current !== null && current.elementId !== element.elementId,
  }
}

function sourceOf(element: Element, { ref, head, tags }: Found): Source {
  const mtime = mtimeText(head.lastModifiedMs)
  return {
    sourceVersion: head.sourceVersion,
    fileId: fileIdOf(ref.key, mtime),
    assetId: element.assetId ?? tags["ah-asset-id"] ?? head.metadata["asset-id"] ?? assetIdOf(ref.key),
    mtime,
    lastModifiedMs: Math.trunc(head.lastModifiedMs),
    sizeBytes: head.sizeBytes,
    etag: head.etag,
    versionId: head.versionId,
  }
}
