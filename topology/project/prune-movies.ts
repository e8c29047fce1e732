import { framesOfText } from "../../src/element/frame-ranges.ts"
import type { OutputsFor } from "../../src/element/output-places.ts"
import type { Sequence } from "../../src/events/records.generated.ts"
import { done, type Result } from "../../src/events/result.ts"
import type { ObjectHead, ObjectStore } from "../../src/store/index.ts"
import type { Table } from "../../src/table/index.ts"
import type { SequenceRow } from "../../src/table/sequence-rows.ts"
import { LEAST_FRAMES } from "../sequence/assemble.ts"
import { outputsOfSequence } from "../sequence/movie-outputs.ts"

/** A movie, or what belongs to one, of a sequence that has too few frames left for any. */
export type PrunableMovie = { readonly kind: "movie"; readonly sequence: Sequence; readonly output: ObjectHead }

type MoviePorts = {
  readonly store: ObjectStore
  readonly outputsFor: OutputsFor
  readonly table: Pick<Table, "sequences">
}

/** In the order of sequences. What cannot be looked at stands as a failure between them; an outage is the last value. */
export async function* prunableMovies(
  { table, ...ports }: MoviePorts,
  query: { readonly bucket?: string },
): AsyncGenerator<Result<PrunableMovie>> {
  for await (const row of table.sequences()) {
    if (!row.ok) return yield row
    if (hasMovie(row.value) || row.value.bucket !== (query.bucket ?? row.value.bucket)) continue
    const { sequence_id: sequenceId, bucket, folder, head, tail } = row.value
    const sequence = { sequenceId, bucket, folder, head, tail }
    const outputs = await outputsOfSequence(ports, sequence)
    if (!outputs.ok) yield outputs
    if (!outputs.ok && outputs.failure.kind === "outage") return
    if (!outputs.ok) continue
    for (const output of outputs.value)
      if (output.metadata.revision !== row.value.revision) yield done({ kind: "movie", sequence, output })
  }
}

const hasMovie = ({ frames_made: made }: SequenceRow): boolean =>
  made !== "" && (framesOfText(made)?.length ?? 0) >= LEAST_FRAMES

/** Deletes it; false where it is another one by now. */
export async function pruneMovie(store: ObjectStore, { output }: PrunableMovie): Promise<Result<boolean>> {
  const { bucket, key, etag, metadata } = output
  const head = await store.head({ bucket, key })
  if (!head.ok) return head.failure.code === "store/missing" ? done(false) : head
  // The same bytes may be another revision's.
  if (head.value.metadata["as-of"] !== metadata["as-of"]) return done(false)
  const deleted = await store.delete({ bucket, key }, { ifMatch: etag })
  if (deleted.ok) return done(true)
  return deleted.failure.code === "store/precondition-failed" ? done(false) : deleted
}
