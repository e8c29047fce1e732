import { endingOf } from "../../src/element/key.ts"
import type { Draft } from "../../src/events/identity.ts"
import { done, failed, failure } from "../../src/events/result.ts"
import type { Step } from "../flow/step.ts"
import type { RendererPorts } from "../ports.ts"
import { asSourceFailure, etagOf } from "./head.ts"
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
    picture.begin()
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
