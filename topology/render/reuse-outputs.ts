// Outputs of the same picture under another name, or that others were just put over: copied instead of rendered.

import { type Made, movedOutputs } from "../../src/element/output-metadata.ts"
import { besideSources, candidateNames, type OutputNames } from "../../src/element/output-places.ts"
import { pictureKeyOf } from "../../src/events/identity.ts"
import { done, type Failure, failed, type Result } from "../../src/events/result.ts"
import type { Scratch, ScratchFolder } from "../../src/picture/index.ts"
import type { ObjectStore } from "../../src/store/index.ts"
import type { Attempt, Step } from "../flow/step.ts"
import type { RendererPorts, RenderMemory } from "../ports.ts"
import {
  type Claim,
  fetchOutputs,
  filesAt,
  look,
  madeByAnyone,
  madeFor,
  type OutputFiles,
  placeOf,
  warningsOf,
} from "./claim.ts"
import type { Decided } from "./detect-colorspace.ts"

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

/** Outputs that others were put over, kept for a while: their picture may be wanted under another name. */
export type DisplacedOutputs = {
  /** Keeps what is there under names that are about to be overwritten, unless it is this picture. */
  keep(there: Claim, pictureKey: string | null, signal: AbortSignal): Promise<void>
  /** Files of a picture that stay until they are released; null where none are kept. */
  take(pictureKey: string): LentOutputs | null
  /** Gives the room back. */
  close(): Promise<void>
}

export type LentOutputs = { readonly made: Made; readonly files: OutputFiles; readonly release: () => void }

/** Sets kept: frames of a sequence that is renumbered are overwritten by their neighbours. Some 30 MB on scratch space. */
const MOST_SETS = 256

/** All outputs of one frame. */
type OutputSet = { readonly files: OutputFiles; made: Made | null; users: number }

/**
 * When a sequence is renumbered or two files are swapped, the outputs of one are put over those of the next before that one's
 * turn has come. Keeping costs two small requests for outputs that are overwritten; losing them costs a render each.
 */
export function openDisplacedOutputs(ports: {
  readonly store: ObjectStore
  readonly scratch: Scratch
}): DisplacedOutputs {
  let folder: Promise<ScratchFolder | null> | null = null
  const sets: OutputSet[] = []
  let next = 0
  const setOf = (pictureKey: string): OutputSet | undefined => sets.find(({ made }) => made?.pictureKey === pictureKey)
  const roomFor = async (there: Claim): Promise<OutputSet | null> => {
    folder ??= ports.scratch.open(0).then((opened) => (opened.ok ? opened.value : null))
    const at = await folder
    if (at === null) folder = null
    return at === null ? null : nextIn(at.folder, there)
  }
  const nextIn = (path: string, there: Claim): OutputSet | null => {
    const index = next
    next = (next + 1) % MOST_SETS
    if ((sets[index]?.users ?? 0) > 0) return null
    const set: OutputSet = { files: filesAt(`${path}/${index}`, there), made: null, users: 0 }
    sets[index] = set
    return set
  }
  return {
    async keep(there, pictureKey, signal) {
      const made = madeByAnyone(there)
      if (made === null || made.pictureKey === null || made.pictureKey === pictureKey) return
      if (setOf(made.pictureKey) !== undefined) return
      const set = await roomFor(there)
      if (set === null) return
      set.users += 1
      // What cannot be kept is rendered again, if it is ever wanted.
      const failure = await fetchOutputs(ports, there, { files: set.files, signal })
      set.users -= 1
      if (failure === null) set.made = made
    },
    take(pictureKey) {
      const set = setOf(pictureKey)
      if (set === undefined || set.made === null) return null
      set.users += 1
      const release = (): void => {
        set.users -= 1
      }
      return { made: set.made, files: set.files, release }
    },
    async close() {
      await (await folder)?.remove()
    },
  }
}
