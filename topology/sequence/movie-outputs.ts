// Where the outputs of a sequence lie, and what they say of themselves.

import { type OutputsFor, outputFolderOf } from "../../src/element/output-places.ts"
import { sequenceKeyOf } from "../../src/events/fact.ts"
import type { MovieOutput, Sequence, SequenceSettled } from "../../src/events/records.generated.ts"
import { allOf, done, type Result } from "../../src/events/result.ts"
import type { SoundOfMovie } from "../../src/picture/index.ts"
import type { ObjectHead, ObjectRef, ObjectStore } from "../../src/store/index.ts"
import { isFields, jsonOf } from "../../src/system/json.ts"

/** An output of a sequence: its name in facts, tags and notifications, and how its file is called. */
export type MovieProfile = { readonly name: string; readonly suffix: string; readonly contentType: string }

export const MANIFEST = { name: "sequence", suffix: "_sequence.json", contentType: "application/json" } as const
export const MOVIE = { name: "movie", suffix: "_movie.mp4", contentType: "video/mp4" } as const

/** What belongs to a movie besides its manifest, and is not made of every one. */
export const COMPANIONS = [
  { name: "poster", suffix: "_poster.jpg", contentType: "image/jpeg" },
  { name: "sprites", suffix: "_sprites.jpg", contentType: "image/jpeg" },
  { name: "sprites_vtt", suffix: "_sprites.vtt", contentType: "text/vtt" },
] as const satisfies readonly MovieProfile[]

export type CompanionName = (typeof COMPANIONS)[number]["name"]

/** All outputs of a sequence, in the order in which they are stored: who finds the movie finds the rest. */
export const MOVIE_OUTPUTS = [MANIFEST, ...COMPANIONS, MOVIE] as const satisfies readonly MovieProfile[]

export type MovieOutputName = (typeof MOVIE_OUTPUTS)[number]["name"]

/** What is there under the name of one output; null where nothing is. */
export type MovieClaim = { readonly ref: ObjectRef; readonly head: ObjectHead | null }

/** The outputs of a sequence, and what is there under the name of each. */
export type MovieClaims = { readonly [name in MovieOutputName]: MovieClaim }

/** The first names that no other sequence holds: by the head, with the ending, and at last by the sequence's own id. */
export async function claimMovie(
  { store, outputsFor }: { readonly store: ObjectStore; readonly outputsFor: OutputsFor },
  sequence: Sequence,
): Promise<Result<MovieClaims>> {
  for (const { bucket, stem } of candidateStems(sequence, outputsFor)) {
    const at = async ({ name, suffix }: MovieProfile): Promise<Result<readonly [string, MovieClaim]>> => {
      const ref = { bucket, key: stem + suffix }
      const head = await store.head(ref)
      if (!head.ok && head.failure.code !== "store/missing") return head
      return done([name, { ref, head: head.ok ? head.value : null }])
    }
    const claims = allOf(await Promise.all(MOVIE_OUTPUTS.map(at)))
    if (!claims.ok) return claims
    const isFree = claims.value.every(([, { head }]) => head === null || isMovieOutputOf(head.metadata, sequence))
    if (isFree) return done(Object.fromEntries(claims.value) as MovieClaims)
  }
  throw new Error("movie: a name with the sequence's own id cannot be another's")
}

/** The movie that there is of a sequence, whatever its revision. */
export async function movieOf(
  { store, outputsFor }: { readonly store: ObjectStore; readonly outputsFor: OutputsFor },
  sequence: Sequence,
): Promise<Result<ObjectHead | null>> {
  for (const { bucket, stem } of candidateStems(sequence, outputsFor)) {
    const head = await store.head({ bucket, key: stem + MOVIE.suffix })
    if (!head.ok) return head.failure.code === "store/missing" ? done(null) : head
    if (isMovieOutputOf(head.value.metadata, sequence)) return head
  }
  return done(null)
}

/** All outputs that there are of a sequence. */
export async function outputsOfSequence(
  { store, outputsFor }: { readonly store: ObjectStore; readonly outputsFor: OutputsFor },
  sequence: Sequence,
): Promise<Result<readonly ObjectHead[]>> {
  const refs = candidateStems(sequence, outputsFor).flatMap(({ bucket, stem }) =>
    MOVIE_OUTPUTS.map(({ suffix }): ObjectRef => ({ bucket, key: stem + suffix })),
  )
  const found: ObjectHead[] = []
  for (const head of await Promise.all(refs.map(store.head))) {
    if (!head.ok && head.failure.kind === "permanent") continue
    if (!head.ok) return head
    if (isMovieOutputOf(head.value.metadata, sequence)) found.push(head.value)
  }
  return done(found)
}

/** Whether we made this of the sequence, without doubt. */
export const isMovieOutputOf = (
  metadata: ObjectHead["metadata"],
  { sequenceId }: Pick<Sequence, "sequenceId">,
): boolean => metadata["sequence-id"] === sequenceId

/** What stands before the frame numbers, without what separates it from them; empty where nothing does. */
export const nameOfSequence = ({ head }: Pick<Sequence, "head">): string => head.replace(/[._\- ]+$/, "")

function candidateStems(sequence: Sequence, outputsFor: OutputsFor) {
  const { bucket, prefix } = outputsFor(sequence.bucket)
  const folder = outputFolderOf({ bucket, prefix }, sequenceKeyOf(sequence))
  const name = nameOfSequence(sequence) || "frames"
  const ending = /[^._\- ].*$/.exec(sequence.tail)?.[0] ?? "sequence"
  return [name, `${name}.${ending}`, `${name}.${ending}.${sequence.sequenceId}`].map((stem) => ({
    bucket,
    stem: folder + stem,
  }))
}

/** What a movie says of itself besides its size. */
export type MovieMade = Omit<MovieOutput, "key" | "bucket" | "sizeBytes" | "manifestKey" | "beside" | "sound"> & {
  /** The version of the sound file that was there; null where there was none. */
  readonly soundVersion: string | null
  readonly sound: SoundOfMovie | null
  /** What was made with it. */
  readonly companions: readonly CompanionName[]
  readonly generatedAtUs: number
  readonly processingTimeSeconds: number
}

type Settled = Pick<SequenceSettled, "sequence" | "revision" | "asOfMs">

export const outputMetadata = ({ sequence, revision, asOfMs }: Settled): Readonly<Record<string, string>> => ({
  "sequence-id": sequence.sequenceId,
  revision,
  "as-of": String(asOfMs),
})

export const movieMetadata = (settled: Settled, { held: _, ...made }: MovieMade): Readonly<Record<string, string>> => ({
  ...outputMetadata(settled),
  made: JSON.stringify(made),
})

/** Whether it is the movie of this very revision, of a later one, or of neither. */
export function standingOf({ metadata }: Pick<ObjectHead, "metadata">, { revision, asOfMs }: Settled) {
  if (metadata.revision === revision) return "current"
  return Number(metadata["as-of"] ?? "") > asOfMs ? "later" : "earlier"
}

/** What the movie of a revision says of itself; null where it is no text of ours. */
export function madeFrom({ metadata }: Pick<ObjectHead, "metadata">, held: string): MovieMade | null {
  // Object metadata is anybody's to write: what is no JSON is not ours.
  const said = jsonOf(metadata.made ?? "", isFields)
  const isOurs =
    said !== null &&
    ["width", "height", "frames", "generatedAtUs", "processingTimeSeconds"].every((name) =>
      Number.isSafeInteger(Math.trunc(Number(said[name] ?? Number.NaN))),
    ) &&
    typeof said.timecode === "string" &&
    isListOfTexts(said.companions) &&
    isTextOrNull(said.soundVersion) &&
    isSoundOrNull(said.sound) &&
    isListOfTexts(said.warnings) &&
    isRate(said.frameRate)
  return isOurs ? ({ ...said, held } as MovieMade) : null
}

const isRate = (raw: unknown): boolean =>
  isFields(raw) && Number.isSafeInteger(raw.num) && Number.isSafeInteger(raw.den)

const isTextOrNull = (raw: unknown): boolean => raw === null || typeof raw === "string"

const isSoundOrNull = (raw: unknown): boolean =>
  raw === null || (isFields(raw) && Number.isSafeInteger(raw.channels) && Number.isSafeInteger(raw.sampleRate))

const isListOfTexts = (raw: unknown): boolean => Array.isArray(raw) && raw.every((one) => typeof one === "string")
