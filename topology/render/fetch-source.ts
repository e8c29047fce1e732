import { endingOf } from "../../src/element/key.ts"
import type { Draft } from "../../src/events/identity.ts"
import { done, failed, failure, type Result } from "../../src/events/result.ts"
import type { FetchOptions, ObjectInPlace, ObjectRef, ObjectStore } from "../../src/store/index.ts"
import type { Step } from "../flow/step.ts"
import type { RendererPorts } from "../ports.ts"
import { asSourceFailure, etagOf } from "./head.ts"
import type { Outdated, SourceLocated } from "./locate-source.ts"

/** The source on this machine. */
export type LocalSource = {
  /** A copy of its bytes, or the file itself where the store's objects are files of this machine. */
  readonly file: string
  /** For what becomes of it. */
  readonly folder: string
  /** Whether the file still is the version that was located, to be asked once it was read; a copy always is. Fails: store/*. */
  readonly confirm: () => Promise<Result<void>>
}

export type Fetched = Outdated & {
  readonly fetchMs: number
  readonly local: LocalSource
  /** XXH3-128 of the source's bytes. */
  readonly contentHash: string
  /** SHA-256 of them; null where it is not wished for. */
  readonly contentSha256: string | null
}

/** GET with If-Match: bytes, mtime and row speak of the one version that HEAD saw. A file of this machine is read in place. */
export const fetchSource: Step<Outdated, Fetched, RendererPorts> = {
  name: "fetch-source",
  says: "GET with If-Match into scratch space; a file of this machine is read in place",
  appends: ["source-fetched"],
  needs: { permit: "sourcesHeld", until: "end" },
  run: async (state, { store, scratch, picture, policy, clock }, { signal, hold }) => {
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
    picture.begin(1)
    const begunMs = clock.steadyMs()
    const toFile = folder.sourceFile(`.${endingOf(ref.key)}`)
    const options = { toFile, ifMatch: etagOf(source), maxBytes, signal, sha256: policy.sourceSha256 === true }
    const fetched = (await store.readInPlace?.(ref, options)) ?? (await copied(store, ref, options))
    if (!fetched.ok) return failed(asSourceFailure(fetched.failure, ref))
    const { contentHash, contentSha256, file, confirm } = fetched.value
    const local = { file, folder: folder.folder, confirm }
    const next: Fetched = { ...state, local, contentHash, contentSha256, fetchMs: clock.steadyMs() - begunMs }
    return done({ state: next, facts: [sourceFetched(next, { contentHash, reused: false })] })
  },
}

async function copied(store: ObjectStore, ref: ObjectRef, options: FetchOptions): Promise<Result<ObjectInPlace>> {
  const fetched = await store.fetch(ref, options)
  return fetched.ok ? done({ ...fetched.value, file: options.toFile, confirm: async () => done(undefined) }) : fetched
}

/**
 * What came of reading the source, unless it was another version by then: bytes of two versions are no picture, and what is
 * wrong with them is nobody's fault. Fails like `read`, and: source/changed, source/gone.
 */
export async function readWhole<T>(
  { local, ref }: Pick<Fetched, "local" | "ref">,
  read: (local: LocalSource) => Promise<Result<T>>,
): Promise<Result<T>> {
  const result = await read(local)
  const confirmed = await local.confirm()
  return confirmed.ok ? result : failed(asSourceFailure(confirmed.failure, ref))
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
