import type { Failure } from "../src/events/failure.ts"
import { failure } from "../src/events/failure.ts"
import { assetIdOf, factIdOf, fileIdOf, mtimeText, wantedRenderKey } from "../src/events/identity.ts"
import type { Made } from "../src/events/output-metadata.ts"
import type { Element, Source, SourceFetched } from "../src/events/records.generated.ts"
import { done, failed, type Result } from "../src/events/result.ts"
import { acceptedExtension, statedSpaceOf } from "../src/ingest/sources.ts"
import type { RenderSettings } from "../src/picture/index.ts"
import type { ObjectHead, ObjectRef } from "../src/store/index.ts"
import type { Lane } from "./lane.ts"
import { type Claim, claimOutputs, madeOf } from "./outputs.ts"
import type { Arrived, Step, Work } from "./passage.ts"
import type { RendererPorts } from "./ports.ts"

export type Fetched = Arrived & {
  readonly ref: ObjectRef
  readonly source: Source
  readonly renderKey: string
  readonly settings: RenderSettings
  readonly statedSpace: string | null
  readonly claim: Claim
  readonly fetchMs: number
  readonly reused: boolean
} & ({ readonly made: Made } | { readonly made: null; readonly file: string; readonly folder: string })

type Found = { readonly ref: ObjectRef; readonly head: ObjectHead; readonly tags: Readonly<Record<string, string>> }

/** HEAD, then (unless the outputs are current) GET with If-Match: bytes, mtime and row speak of one version. */
export const fetchSource = (lanes: { readonly sources: Lane }): Step<Arrived, Fetched> => ({
  name: "fetch-source",
  says: "HEAD, then GET If-Match; nothing is fetched when the outputs are current",
  appends: "source-fetched",
  closing: false,
  run: (ports) => async (state, work) => {
    const begunMs = ports.clock.steadyMs()
    const found = await find(ports, state.element)
    if (!found.ok) return found
    const claim = await claimOutputs(ports.store, found.value.ref)
    if (!claim.ok) return claim
    const fetched = planFetch(ports, state, { found: found.value, claim: claim.value })
    if (fetched.made !== null) return done(stepped(ports, { ...fetched, made: fetched.made, fetchMs: 0 }))
    const file = await download(ports, lanes.sources, { found: found.value, work })
    if (!file.ok) return file
    const fetchMs = ports.clock.steadyMs() - begunMs
    return done(stepped(ports, { ...fetched, made: null, ...file.value, fetchMs }))
  },
})

async function find({ store }: RendererPorts, element: Element): Promise<Result<Found>> {
  const keys = [element.key, ...(element.keyAlternative === null ? [] : [element.keyAlternative])]
  for (const key of keys) {
    if (acceptedExtension(key) === null)
      return failed(failure("source/unsupported-type", `${key} is no .exr, .dpx, .tif or .tiff.`))
    const ref = { bucket: element.bucket, key }
    const head = await store.head(ref)
    if (!head.ok && head.failure.code === "store/missing") continue
    if (!head.ok) return head
    const tags = await store.tags(ref)
    return tags.ok || tags.failure.code === "store/denied" || tags.failure.code === "store/missing"
      ? done({ ref, head: head.value, tags: tags.ok ? tags.value : {} })
      : tags
  }
  return failed(gone(element))
}

const gone = ({ bucket, key }: { bucket: string; key: string }): Failure =>
  failure("source/gone", `s3://${bucket}/${key} no longer exists. Nothing to do unless it should: then put it back.`)

type Planned = Omit<Fetched, "made" | "fetchMs"> & { readonly made: Made | null }

function planFetch(ports: RendererPorts, state: Arrived, { found, claim }: { found: Found; claim: Claim }): Planned {
  const { ref, head, tags } = found
  const { element } = state
  const settings = ports.settingsFor(ref)
  const statedSpace = statedSpaceOf(tags, head.metadata)
  const source = sourceOf(element, found)
  const renderKey = wantedRenderKey(
    { ...ref, sourceVersion: head.sourceVersion },
    { settings, statedSpace },
    ports.picture,
  )
  const made = madeOf(claim, ref.key)
  const current =
    made?.renderKey === renderKey && (!element.force || made.elementId === element.elementId) ? made : null
  const reused = current !== null && current.elementId !== element.elementId
  // A key that only its alternative spelling found is the key from here on: rows and facts name the object that exists.
  const there = ref.key === element.key ? element : { ...element, key: ref.key, keyAlternative: null }
  return { ...state, element: there, ref, source, renderKey, settings, statedSpace, claim, reused, made: current }
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

async function download(
  { store, scratch, policy }: RendererPorts,
  sources: Lane,
  { found: { ref, head }, work }: { found: Found; work: Work },
): Promise<Result<{ file: string; folder: string }>> {
  if (head.sizeBytes > policy.mostSourceBytes) return failed(tooLarge(ref, head.sizeBytes, policy.mostSourceBytes))
  const leave = await sources.enter(work.signal)
  if (leave === null) return failed(failure("stopped", `The fetch of ${ref.key} was interrupted.`))
  const opened = await scratch.open(head.sizeBytes)
  if (!opened.ok) {
    leave()
    return opened
  }
  const room = opened.value
  const release = async (): Promise<void> => {
    await room.remove()
    leave()
  }
  const file = room.sourceFile(acceptedExtension(ref.key) ?? "")
  const { mostSourceBytes: maxBytes } = policy
  const fetched = await store.fetch(ref, { toFile: file, ifMatch: head.etag, maxBytes, signal: work.signal })
  if (fetched.ok) {
    work.hold(release)
    return done({ file, folder: room.folder })
  }
  await release()
  return failed(asSourceFailure(fetched.failure, ref))
}

const tooLarge = ({ key }: ObjectRef, sizeBytes: number, most: number): Failure =>
  failure(
    "source/too-large",
    `${key} has ${sizeBytes} bytes, more than the limit of ${most}. Raise maxSourceBytes to render it.`,
  )

/** What the store says of a source means more here: a lost precondition is a source that moved on. */
export function asSourceFailure(problem: Failure, ref: ObjectRef): Failure {
  if (problem.code === "store/missing") return gone(ref)
  if (problem.code === "store/precondition-failed") {
    return failure(
      "source/changed",
      `s3://${ref.bucket}/${ref.key} kept changing while it was read; it is tried again with \`failures retry\`.`,
    )
  }
  return problem.code === "store/too-large" ? failure("source/too-large", problem.says) : problem
}

function stepped(
  ports: RendererPorts,
  fetched: Fetched,
): { state: Fetched; fact: { topic: "source-fetched"; value: SourceFetched } } {
  const { element, source, renderKey, reused } = fetched
  const factId = factIdOf("source-fetched", element.elementId, source.sourceVersion)
  const value = {
    factId,
    causationId: fetched.causationId,
    recordedAtMs: ports.clock.nowMs(),
    element,
    source,
    renderKey,
    reused,
  }
  return { state: { ...fetched, causationId: factId }, fact: { topic: "source-fetched", value } }
}
