import { fileNameOf, stemOf } from "../../src/element/key.ts"
import { type Made, movedOutputs } from "../../src/element/output-metadata.ts"
import { areContractNames, besideSources, candidateNames, type OutputNames } from "../../src/element/output-places.ts"
import { THUMBNAIL } from "../../src/element/profiles.ts"
import { pictureKeyOf } from "../../src/events/identity.ts"
import { done, type Failure, failed, type Result } from "../../src/events/result.ts"
import { latestOf } from "../../src/events/time.ts"
import type { Attempt, Step } from "../flow/step.ts"
import type { RendererPorts, RenderMemory } from "../ports.ts"
import type { Decided } from "./detect-colorspace.ts"
import {
  type Claim,
  fetchOutputs,
  filesAt,
  look,
  madeByAnyone,
  type OutputFiles,
  placeOf,
  versionWarnings,
} from "./head.ts"
import type { SourceLocated } from "./locate-source.ts"

type PictureNamed = Decided & {
  /** Names the picture by all that decides it. */
  readonly pictureKey: string
}

export type Missing = PictureNamed & { readonly picture: "missing" }

/** Outputs of the same picture, as local files to be stored under this source's names. */
export type Copied = PictureNamed & { readonly picture: "copied"; readonly outcome: Made; readonly files: OutputFiles }

type FoundOutputs = { readonly made: Made; readonly files: OutputFiles }

/**
 * A source that was moved, copied, restored or renamed has its outputs somewhere: under its own names, where its folder
 * was moved as a whole, or under others. The bytes and what decides the picture tell that they are its own.
 */
export const reuseOutputs: Step<Decided, Missing | Copied, RendererPorts & RenderMemory> = {
  name: "reuse-outputs",
  says: "looks for outputs of the same bytes and settings under any name, to copy them instead of rendering",
  run: async (state, ports, attempt) => {
    const { contentHash, selection, colorspace, settings, mustRender } = state
    const { recipe } = ports.picture
    const looked = { ...state, pictureKey: pictureKeyOf(contentHash, { selection, colorspace }, { settings, recipe }) }
    const missing: Missing = { ...looked, picture: "missing" }
    if (mustRender) return done({ state: missing })
    const found = await find(ports, { state: looked, attempt })
    if (!found.ok) return found
    if (found.value === null) return done({ state: missing })
    const { made, files } = found.value
    return done({ state: { ...looked, picture: "copied", outcome: outcomeOf(ports, looked, made), files } })
  },
}

type OutputSearch = { readonly state: PictureNamed; readonly attempt: Attempt }

async function find(
  ports: RendererPorts & RenderMemory,
  { state, attempt }: OutputSearch,
): Promise<Result<FoundOutputs | null>> {
  const own = await fetched(ports, state.claim, { state, attempt })
  if (!own.ok || own.value !== null) return own
  const elsewhere = await ports.knownOutputs.find(state.pictureKey)
  if (!elsewhere.ok) return elsewhere
  for (const names of elsewhere.value.filter((known) => !isSame(known, state.claim.names))) {
    const there = await look({ ...ports, ...state }, names)
    if (!there.ok && mattersHere(there.failure)) return there
    const found = there.ok ? await fetched(ports, there.value, { state, attempt }) : done(null)
    if (!found.ok || found.value !== null) return found
  }
  const beside = await besideSource(ports, { state, attempt })
  if (!beside.ok || beside.value !== null) return beside
  // Last, because whatever is put over the outputs that were just looked at keeps them first.
  const kept = ports.displaced.take(state.pictureKey)
  if (kept === null) return done(null)
  attempt.hold(kept.release)
  return done(kept)
}

const isSame = (one: OutputNames, other: OutputNames): boolean => one.bucket === other.bucket && one.stem === other.stem

/** Outputs that were made before they were to go elsewhere. */
async function besideSource(
  ports: RendererPorts,
  { state, attempt }: OutputSearch,
): Promise<Result<FoundOutputs | null>> {
  const [contract] = candidateNames(state.ref.key, besideSources(state.ref.bucket))
  const { bucket, prefix } = ports.outputsFor(state.ref.bucket)
  if (contract === undefined || (bucket === state.ref.bucket && prefix === "")) return done(null)
  const there = await look({ ...ports, ...state }, contract)
  if (!there.ok) return mattersHere(there.failure) ? there : done(null)
  return fetched(ports, there.value, { state, attempt })
}

/** The outputs as local files, where they are of this picture and still are when they are fetched. */
async function fetched(
  ports: RendererPorts,
  there: Claim,
  { state, attempt }: OutputSearch,
): Promise<Result<FoundOutputs | null>> {
  const made = madeByAnyone(there)
  if (made?.pictureKey !== state.pictureKey) return done(null)
  const files = filesAt(`${state.local.folder}/reused`, there)
  const failure = await fetchOutputs(ports, there, { files, signal: attempt.signal })
  if (failure !== null) return mattersHere(failure) ? failed(failure) : done(null)
  return done({ made, files })
}

/** Outputs that are gone, were replaced or may not be read are no outputs to copy; what may pass is waited for. */
const mattersHere = ({ code, kind }: Failure): boolean => kind !== "permanent" && code !== "store/precondition-failed"

function outcomeOf({ store }: RendererPorts, state: PictureNamed, made: Made): Made {
  return {
    ...made,
    ...madeFor(state, store.nowMs()),
    ...movedOutputs(made, (name) => placeOf(state.ref.bucket, state.claim, name)),
    warnings: warningsOf(state, state.readWarnings, made.warnings),
    copied: true,
  }
}

type Naming = Pick<SourceLocated, "ref" | "claim">

type PictureOfSource = Decided & Pick<Made, "pictureKey">

/** Later than the outputs that were there before, and than all that the arrival knew: the row that tells of them is newer. */
const generatedAtUs = ({ logicalTimeMs }: Pick<SourceLocated, "logicalTimeMs">, nowMs: number): number =>
  latestOf(nowMs, logicalTimeMs) * 1000

/** What outputs say of the element they are for, whether they were rendered for it or copied. */
export function madeFor(state: PictureOfSource, nowMs: number) {
  const { element, renderKey, source, ref, selection, colorspace, stored, logicalTimeMs } = state
  const { contentHash, contentSha256, pictureKey } = state
  return {
    elementId: element.elementId,
    renderKey,
    sourceVersion: source.sourceVersion,
    sourceName: fileNameOf(ref.key),
    selection,
    colorspace,
    generatedAtUs: generatedAtUs(state, nowMs),
    logicalTimeMs,
    contentHash,
    contentSha256,
    pictureKey,
    ...stored,
  } satisfies Partial<Made>
}

const NAME_WARNING = "Another source of the same name holds "

/** Somebody who looks for the contract's name must be able to find out why it shows another picture. */
function nameWarning({ ref, claim: { names } }: Naming): string[] {
  return areContractNames(names, ref.key)
    ? []
    : [`${NAME_WARNING}${stemOf(ref.key)}${THUMBNAIL.suffix}, so the outputs carry the full file name.`]
}

/** Each once. Outputs may come from another source: what is true of its name and version alone is left out. */
export function warningsOf(
  state: Naming & Pick<SourceLocated, "source">,
  ...warnings: readonly (readonly string[])[]
): string[] {
  const ofVersions = versionWarnings({ etag: null, versionId: null })
  const isOfPicture = (warning: string): boolean => !(warning.startsWith(NAME_WARNING) || ofVersions.includes(warning))
  return [...new Set([...warnings.flat().filter(isOfPicture), ...nameWarning(state), ...versionWarnings(state.source)])]
}
