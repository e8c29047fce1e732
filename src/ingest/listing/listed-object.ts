// What a listing asks of the store about one object that it found.

import { namesOfOutput, type OutputsFor, outputAt, outputFolderOf, outputRef } from "../../element/output-places.ts"
import { type StoredOutput, THUMBNAIL } from "../../element/profiles.ts"
import { statedSpaceOf } from "../../element/source.ts"
import { done, type Result } from "../../events/result.ts"
import type { ObjectRef, ObjectStore } from "../../store/index.ts"
import type { ElementRow } from "../../table/rows.ts"

type LookPorts = {
  readonly store: ObjectStore
  readonly outputsFor: OutputsFor
  /** Whether an output is there, where the listing itself tells; null: the store is asked. */
  readonly outputIsThere?: (ref: ObjectRef) => boolean | null
}

/** Where they go now: outputs elsewhere are of an earlier setting. */
export async function allPresent(
  { store, outputIsThere, outputsFor }: LookPorts,
  row: ElementRow | null,
  profiles: readonly StoredOutput[],
): Promise<Result<boolean>> {
  if (row === null || row.thumbnail_key === null) return done(false)
  const names = namesOfOutput(outputAt(row.bucket, row.thumbnail_key), THUMBNAIL)
  const base = outputsFor(row.bucket)
  if (names?.bucket !== base.bucket || !names.stem.startsWith(outputFolderOf(base, row.key))) return done(false)
  for (const profile of profiles) {
    const output = outputRef(names, profile)
    const told = outputIsThere?.(output) ?? null
    if (told === false) return done(false)
    if (told === true) continue
    const head = await store.head(output)
    if (!head.ok && head.failure.code === "store/missing") return done(false)
    if (!head.ok) return head
  }
  return done(true)
}

/** The colour space that an object itself states; null where it states none, or is gone. */
export async function statedBy(store: ObjectStore, ref: ObjectRef): Promise<Result<string | null>> {
  const head = await store.head(ref)
  if (!head.ok) return head.failure.code === "store/missing" ? done(null) : head
  const tags = head.value.tags === undefined ? await store.tags(ref) : done(head.value.tags)
  return done(statedSpaceOf(tags.ok ? tags.value : {}, head.value.metadata))
}
