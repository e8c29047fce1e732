// The WAV beside the frames of a sequence: found by its name, and fetched for the movie.

import { fileNameOf, folderOf } from "../../src/element/key.ts"
import { sequenceKeyOf } from "../../src/events/fact.ts"
import type { Sequence } from "../../src/events/records.generated.ts"
import { done, failed, failure, type Result } from "../../src/events/result.ts"
import type { MovieOrder, ScratchFolder } from "../../src/picture/index.ts"
import type { ObjectHead, ObjectRef } from "../../src/store/index.ts"
import type { RendererPorts } from "../ports.ts"
import { madeFrom, movieOf, nameOfSequence } from "./movie-outputs.ts"

export type SoundPorts = Pick<RendererPorts, "store" | "policy"> & {
  /** File name of a sequence's sound; null for none, undefined where its own name decides. */
  readonly soundFor: (ref: ObjectRef) => string | null | undefined
  /** File names that rules give to sounds; all others have those of their sequences. */
  readonly soundsByRule: ReadonlySet<string>
}

const ENDINGS = [".wav", ".WAV"]

/** The keys that it may have; the first that there is counts. A rule names the file, or none at all. */
export function soundKeysOf(sequence: Sequence, { soundFor }: Pick<SoundPorts, "soundFor">): readonly string[] {
  const { bucket, folder } = sequence
  const ruled = soundFor({ bucket, key: sequenceKeyOf(sequence) })
  const name = nameOfSequence(sequence)
  const usual = name === "" ? [] : ENDINGS.map((ending) => name + ending)
  return (ruled === undefined ? usual : ruled === null ? [] : [ruled]).map((file) => folder + file)
}

/** What the keys of all sequences begin with whose sound a file may be. */
export function soundedBelow(key: string, { soundsByRule }: Pick<SoundPorts, "soundsByRule">): string {
  const file = fileNameOf(key)
  return soundsByRule.has(file) ? folderOf(key) : key.slice(0, key.lastIndexOf("."))
}

/** What HEAD says of it; null where there is none. */
export async function findSound(
  sequence: Sequence,
  { store, soundFor }: Pick<SoundPorts, "store" | "soundFor">,
): Promise<Result<ObjectHead | null>> {
  for (const key of soundKeysOf(sequence, { soundFor })) {
    const head = await store.head({ bucket: sequence.bucket, key })
    if (head.ok) return head
    if (head.failure.code !== "store/missing" && head.failure.code !== "store/bad-key") return head
  }
  return done(null)
}

/** Whether a sequence has another sound than its movie, or no movie yet. */
export async function hasOtherSound(
  sequence: Sequence,
  ports: Pick<SoundPorts, "store" | "soundFor"> & Pick<RendererPorts, "outputsFor">,
): Promise<Result<boolean>> {
  const movie = await movieOf(ports, sequence)
  if (!movie.ok) return movie
  const sound = await findSound(sequence, ports)
  if (!sound.ok) return sound
  const made = movie.value === null ? null : madeFrom(movie.value, "")
  return done(made === null || made.soundVersion !== (sound.value?.sourceVersion ?? null))
}

type Fetching = { readonly scratch: ScratchFolder; readonly signal: AbortSignal }

/** The version that HEAD saw, in a file; what cannot be fetched for good is said in place of it. */
export async function fetchSound(
  head: ObjectHead | null,
  { store, policy }: Pick<SoundPorts, "store" | "policy">,
  { scratch, signal }: Fetching,
): Promise<Result<MovieOrder["sound"]>> {
  if (head === null) return done(null)
  const maxBytes = policy.mostSourceBytes
  if (head.sizeBytes > maxBytes) return done({ problem: `is larger than the limit of ${maxBytes} bytes` })
  const file = scratch.sourceFile(".wav")
  const fetched = await store.fetch(head, { toFile: file, ifMatch: head.etag, maxBytes, signal })
  if (fetched.ok) return done({ file, folder: scratch.folder })
  const { code, kind, says } = fetched.failure
  if (code === "store/precondition-failed" || code === "store/missing") return failed(failure("source/changed", says))
  return kind === "permanent" ? done({ problem: `cannot be read (${code})` }) : fetched
}
