import { type Made, movedOutputs } from "../../src/element/output-metadata.ts"
import { besideSources, candidateNames, type OutputNames } from "../../src/element/output-places.ts"
import type { Failure } from "../../src/events/failure.ts"
import { pictureKeyOf } from "../../src/events/identity.ts"
import { done, failed, type Result } from "../../src/events/result.ts"
import type { Step, Work } from "../flow/element-in-flight.ts"
import type { RendererPorts } from "../ports.ts"
import { type Claim, fetchOutputs, filesAt, look, madeByAnyone, type OutputFiles, placeOf } from "./claim.ts"
import type { Decided } from "./detect-colorspace.ts"
import type { DisplacedOutputs } from "./displaced-outputs.ts"
import { madeFor, warningsOf } from "./outcome.ts"

export type Sought = Decided & {
  /** Names the picture by all that decides it; null where outputs are current that do not tell. */
  readonly pictureKey: string | null
  /** Outputs of the same picture, as local files to be stored under this source's names; null where there are none. */
  readonly copied: { readonly outcome: Made; readonly files: OutputFiles } | null
}

type Found = { readonly made: Made; readonly files: OutputFiles }

/**
 * A source that was moved, copied, restored or renamed has its outputs somewhere: under its own names, where its folder
 * was moved as a whole, or under others. The bytes and what decides the picture tell that they are its own.
 */
export const reuseOutputs = (displaced: DisplacedOutputs): Step<Decided, Sought> => ({
  name: "reuse-outputs",
  says: "looks for outputs of the same bytes and settings under any name, to copy them instead of rendering",
  appends: null,
  closing: false,
  run: (ports) => async (state, work) => {
    const { made, contentHash, selection, colorspace, settings } = state
    if (made !== null) return done({ state: { ...state, pictureKey: made.pictureKey, copied: null }, fact: null })
    if (contentHash === null) throw new Error("reuse-outputs: outputs are not current, yet nothing was fetched")
    const { recipe } = ports.picture
    const sought = { ...state, pictureKey: pictureKeyOf(contentHash, { selection, colorspace }, { settings, recipe }) }
    if (state.mustRender) return done({ state: { ...sought, copied: null }, fact: null })
    const found = await find(ports, displaced, { state: sought, work })
    if (!found.ok) return found
    const copied = found.value && { outcome: outcomeOf(ports, sought, found.value.made), files: found.value.files }
    return done({ state: { ...sought, copied, reused: copied !== null }, fact: null })
  },
})

type Searching = { readonly state: Decided & { readonly pictureKey: string }; readonly work: Work }

async function find(
  ports: RendererPorts,
  displaced: DisplacedOutputs,
  { state, work }: Searching,
): Promise<Result<Found | null>> {
  const own = await fetched(ports, state.claim, { state, work })
  if (!own.ok || own.value !== null) return own
  const elsewhere = await ports.knownOutputs.find(state.pictureKey)
  if (!elsewhere.ok) return elsewhere
  for (const names of elsewhere.value.filter((known) => !isSame(known, state.claim.names))) {
    const there = await look({ ...ports, ...state }, names)
    if (!there.ok && mattersHere(there.failure)) return there
    const found = there.ok ? await fetched(ports, there.value, { state, work }) : done(null)
    if (!found.ok || found.value !== null) return found
  }
  const beside = await besideSource(ports, { state, work })
  if (!beside.ok || beside.value !== null) return beside
  // Last, because whatever is put over the outputs that were just looked at keeps them first.
  const kept = displaced.take(state.pictureKey)
  if (kept === null) return done(null)
  work.hold(kept.release)
  return done(kept)
}

const isSame = (one: OutputNames, other: OutputNames): boolean => one.bucket === other.bucket && one.stem === other.stem

/** Outputs that were made before they were to go elsewhere. */
async function besideSource(ports: RendererPorts, { state, work }: Searching): Promise<Result<Found | null>> {
  const [contract] = candidateNames(state.ref.key, besideSources(state.ref.bucket))
  const { bucket, prefix } = ports.outputsFor(state.ref.bucket)
  if (contract === undefined || (bucket === state.ref.bucket && prefix === "")) return done(null)
  const there = await look({ ...ports, ...state }, contract)
  if (!there.ok) return mattersHere(there.failure) ? there : done(null)
  return fetched(ports, there.value, { state, work })
}

/** The outputs as local files, where they are of this picture and still are when they are fetched. */
async function fetched(ports: RendererPorts, there: Claim, { state, work }: Searching): Promise<Result<Found | null>> {
  const made = madeByAnyone(there)
  if (made?.pictureKey !== state.pictureKey || state.local === null) return done(null)
  const files = filesAt(`${state.local.folder}/reused`, there)
  const failure = await fetchOutputs(ports, there, { files, signal: work.signal })
  if (failure !== null) return mattersHere(failure) ? failed(failure) : done(null)
  return done({ made, files })
}

/** Outputs that are gone, were replaced or may not be read are no outputs to copy; what may pass is waited for. */
const mattersHere = ({ code, kind }: Failure): boolean => kind !== "permanent" && code !== "store/precondition-failed"

function outcomeOf({ store }: RendererPorts, state: Sought | Searching["state"], made: Made): Made {
  return {
    ...made,
    ...madeFor(state, store.nowMs()),
    ...movedOutputs(made, (name) => placeOf(state.ref.bucket, state.claim, name)),
    warnings: warningsOf(state, state.readWarnings, made.warnings),
    copied: true,
  }
}
