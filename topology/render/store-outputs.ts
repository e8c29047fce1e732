import { madeToMetadata } from "../../src/element/output-metadata.ts"
import { outputTags } from "../../src/element/space-harbor.ts"
import { done, failed, failure, type Result } from "../../src/events/result.ts"
import type { ObjectHead, PutOptions } from "../../src/store/index.ts"
import type { Step } from "../flow/step.ts"
import type { RendererPorts, RenderMemory } from "../ports.ts"
import { asSourceFailure, type ClaimedOutput } from "./head.ts"
import type { SourceLocated } from "./locate-source.ts"
import type { Stored } from "./publish-outputs.ts"
import type { Rendered } from "./render-outputs.ts"
import type { Copied } from "./reuse-outputs.ts"

/**
 * Proxy first, thumbnail last: who polls for the thumbnail then finds all other outputs too. Each is put over exactly what was
 * there when the name was claimed, and only while the source is still the version that was rendered; so a slower worker
 * never covers a newer picture, and of two sources with one stem the second finds the name taken.
 */
export const storeOutputs: Step<Rendered | Copied, Stored, RendererPorts & RenderMemory> = {
  name: "store-outputs",
  says: "conditional PUT of each output, the thumbnail last; a source that moved on starts again",
  turnsBackAt: "store/read-only",
  run: async (state, ports, { signal }) => {
    const before = await sameVersion(ports, state)
    if (!before.ok) return before
    await ports.displaced.keep(state.claim, state.pictureKey, signal)
    const metadata = madeToMetadata(state.outcome)
    for (const output of state.claim.outputs) {
      const stored = await put(ports, output, {
        file: state.files[output.profile.name] ?? "",
        metadata,
        tags: tagsOf(state, output.profile, ports.policy),
      })
      if (!stored.ok) return stored
    }
    const remembered = await ports.knownOutputs.remember(state.pictureKey, state.claim.names)
    if (!remembered.ok) return remembered
    const after = await sameVersion(ports, state)
    if (!after.ok && after.failure.code !== "source/gone") return after
    return done({ state: { ...state, reused: state.outcome.copied, isNew: true } })
  },
}

async function sameVersion({ store }: RendererPorts, { ref, source }: SourceLocated): Promise<Result<void>> {
  const head = await store.head(ref)
  if (!head.ok) return failed(asSourceFailure(head.failure, ref))
  if (head.value.sourceVersion === source.sourceVersion) return done(undefined)
  return failed(failure("source/changed", `s3://${ref.bucket}/${ref.key} was replaced while it was rendered.`))
}

function tagsOf(
  { element, source, labels }: SourceLocated,
  { name, contentType }: ClaimedOutput["profile"],
  { generatorVersion }: RendererPorts["policy"],
): PutOptions["tags"] {
  const tags = { media_type: name, generator: "oiio-proxy-generator", version: generatorVersion }
  return labels === null ? tags : { ...tags, ...outputTags({ element, source, labels }, contentType) }
}

async function put(
  { store }: RendererPorts,
  { profile, ref, head }: ClaimedOutput,
  { file, metadata, tags }: { readonly file: string } & Pick<PutOptions, "metadata" | "tags">,
): Promise<Result<void>> {
  const stored = await store.put(ref, file, {
    contentType: profile.contentType,
    tags,
    metadata,
    ...(head === null ? { ifAbsent: true } : { ifMatch: head.etag }),
  })
  if (stored.ok) return done(undefined)
  if (stored.failure.code !== "store/precondition-failed") return stored
  return (await isOurs(store.head(ref), metadata))
    ? done(undefined)
    : failed(failure("source/changed", stored.failure.says))
}

/** A PUT whose answer got lost is repeated and then meets its own object. */
async function isOurs(asked: Promise<Result<ObjectHead>>, wanted: PutOptions["metadata"]): Promise<boolean> {
  const head = await asked
  if (!head.ok) return false
  return Object.entries(wanted).every(([name, value]) => head.value.metadata[name] === value)
}
