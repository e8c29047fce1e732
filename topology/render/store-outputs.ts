import { madeToMetadata } from "../../src/element/output-metadata.ts"
import { failure } from "../../src/events/failure.ts"
import { done, failed, type Result } from "../../src/events/result.ts"
import type { ObjectHead, PutOptions } from "../../src/store/index.ts"
import type { Step } from "../flow/element-in-flight.ts"
import type { RendererPorts } from "../ports.ts"
import type { ClaimedOutput } from "./claim.ts"
import type { DisplacedOutputs } from "./displaced-outputs.ts"
import { asSourceFailure } from "./fetch-source.ts"
import type { RenderedState } from "./render-outputs.ts"

/**
 * Proxy first, thumbnail last: who polls for the thumbnail then finds all other outputs too. Each is put over exactly what was there
 * when the name was claimed, and only while the source is still the version that was rendered; so a slower worker
 * never covers a newer picture, and of two sources with one stem the second finds the name taken.
 */
export const storeOutputs = (displaced: DisplacedOutputs): Step<RenderedState, RenderedState> => ({
  name: "store-outputs",
  says: "conditional PUT of the proxy, then of the thumbnail; a source that moved on starts again",
  appends: null,
  closing: false,
  turnsBackAt: "store/read-only",
  run: (ports) => async (state, work) => {
    if (state.files === null) return done({ state, fact: null })
    const before = await sameVersion(ports, state)
    if (!before.ok) return before
    await displaced.keep(state.claim, state.pictureKey, work.signal)
    const metadata = madeToMetadata(state.outcome)
    for (const output of state.claim.outputs) {
      const stored = await put(ports, output, { file: state.files[output.profile.name] ?? "", metadata })
      if (!stored.ok) return stored
    }
    const remembered = await remember(ports, state)
    if (!remembered.ok) return remembered
    const after = await sameVersion(ports, state)
    return after.ok || after.failure.code === "source/gone" ? done({ state, fact: null }) : after
  },
})

const remember = async (
  { knownOutputs }: RendererPorts,
  { pictureKey, claim }: RenderedState,
): Promise<Result<void>> => (pictureKey === null ? done(undefined) : knownOutputs.remember(pictureKey, claim.names))

async function sameVersion({ store }: RendererPorts, { ref, source }: RenderedState): Promise<Result<void>> {
  const head = await store.head(ref)
  if (!head.ok) return failed(asSourceFailure(head.failure, ref))
  if (head.value.sourceVersion === source.sourceVersion) return done(undefined)
  return failed(failure("source/changed", `s3://${ref.bucket}/${ref.key} was replaced while it was rendered.`))
}

async function put(
  { store, policy }: RendererPorts,
  { profile, ref, head }: ClaimedOutput,
  { file, metadata }: { readonly file: string; readonly metadata: PutOptions["metadata"] },
): Promise<Result<void>> {
  const stored = await store.put(ref, file, {
    contentType: profile.contentType,
    tags: { media_type: profile.name, generator: "oiio-proxy-generator", version: policy.generatorVersion },
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
