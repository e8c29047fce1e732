// Where the movie of a sequence and its manifest lie, and what they say of themselves.

import { type OutputsFor, outputFolderOf } from "../../src/element/output-places.ts"
import { sequenceKeyOf } from "../../src/events/fact.ts"
import type { MovieOutput, Sequence, SequenceSettled } from "../../src/events/records.generated.ts"
import { done, type Result } from "../../src/events/result.ts"
import type { ObjectHead, ObjectRef, ObjectStore } from "../../src/store/index.ts"

type MovieProfile = { readonly name: string; readonly suffix: string; readonly contentType: string }

export const MOVIE: MovieProfile = { name: "movie", suffix: "_movie.mp4", contentType: "video/mp4" }
export const MANIFEST: MovieProfile = {
  name: "sequence",
  suffix: "_sequence.json",
  contentType: "application/json",
}

/** What is there under the name of one output; null where nothing is. */
export type MovieClaim = { readonly ref: ObjectRef; readonly head: ObjectHead | null }

/** The outputs of a sequence, and what is there under the name of each. */
export type MovieClaims = { readonly movie: MovieClaim; readonly manifest: MovieClaim }

/** The first names that no other sequence holds: by the head, with the ending, and at last by the sequence's own id. */
export async function claimMovie(
  { store, outputsFor }: { readonly store: ObjectStore; readonly outputsFor: OutputsFor },
  sequence: Sequence,
): Promise<Result<MovieClaims>> {
  for (const { bucket, stem } of candidateStems(sequence, outputsFor)) {
    const at = async ({ suffix }: MovieProfile): Promise<Result<MovieClaim>> => {
      const ref = { bucket, key: stem + suffix }
      const head = await store.head(ref)
      if (!head.ok && head.failure.code !== "store/missing") return head
      return done({ ref, head: head.ok ? head.value : null })
    }
    const [movie, manifest] = [await at(MOVIE), await at(MANIFEST)]
    if (!movie.ok) return movie
    if (!manifest.ok) return manifest
    const isFree = ({ head }: MovieClaim): boolean =>
      head === null || head.metadata["sequence-id"] === sequence.sequenceId
    if (isFree(movie.value) && isFree(manifest.value)) return done({ movie: movie.value, manifest: manifest.value })
  }
  throw new Error("movie: a name with the sequence's own id cannot be another's")
}

function candidateStems(sequence: Sequence, outputsFor: OutputsFor) {
  const { bucket, prefix } = outputsFor(sequence.bucket)
  const folder = outputFolderOf({ bucket, prefix }, sequenceKeyOf(sequence))
  const name = sequence.head.replace(/[._\- ]+$/, "") || "frames"
  const ending = /[^._\- ].*$/.exec(sequence.tail)?.[0] ?? "sequence"
  return [name, `${name}.${ending}`, `${name}.${ending}.${sequence.sequenceId}`].map((stem) => ({
    bucket,
    stem: folder + stem,
  }))
}

/** What a movie says of itself besides its size. */
export type MovieMade = Omit<MovieOutput, "key" | "bucket" | "sizeBytes" | "manifestKey"> & {
  readonly generatedAtUs: number
  readonly processingTimeSeconds: number
}

type Settled = Pick<SequenceSettled, "sequence" | "revision" | "asOfMs">

export const movieMetadata = (
  { sequence, revision, asOfMs }: Settled,
  { held: _, ...made }: MovieMade,
): Readonly<Record<string, string>> => ({
  "sequence-id": sequence.sequenceId,
  revision,
  "as-of": String(asOfMs),
  made: JSON.stringify(made),
})

/** Whether it is the movie of this very revision, of a later one, or of neither. */
export function standingOf({ metadata }: Pick<ObjectHead, "metadata">, { revision, asOfMs }: Settled) {
  if (metadata.revision === revision) return "current"
  return Number(metadata["as-of"] ?? "") > asOfMs ? "later" : "earlier"
}

/** What the movie of a revision says of itself; null where it is no text of ours. */
export function madeFrom({ metadata }: Pick<ObjectHead, "metadata">, held: string): MovieMade | null {
  const said = parsed(metadata.made ?? "")
  const isOurs =
    said !== null &&
    ["width", "height", "frames", "generatedAtUs", "processingTimeSeconds"].every((name) =>
      Number.isSafeInteger(Math.trunc(Number(said[name] ?? Number.NaN))),
    ) &&
    typeof said.timecode === "string" &&
    isRate(said.frameRate)
  return isOurs ? ({ ...said, held } as MovieMade) : null
}

const isRate = (raw: unknown): boolean =>
  isFields(raw) && Number.isSafeInteger(raw.num) && Number.isSafeInteger(raw.den)

type Fields = Readonly<Record<string, unknown>>

const isFields = (raw: unknown): raw is Fields => typeof raw === "object" && raw !== null

/** Object metadata is anybody's to write: what is no JSON is not ours. */
function parsed(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : null
  } catch {
    return null
  }
}
