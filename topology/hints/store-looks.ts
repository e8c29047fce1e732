// What is in the store beside or below a hint: objects of a size that can be, and sequences.

import { frameNameOf } from "../../src/element/frame-name.ts"
import { isBelowOutputs } from "../../src/element/output-places.ts"
import { isSource } from "../../src/element/source.ts"
import type { SequenceOf } from "../../src/events/identity.ts"
import { done, failed, failure, type Result } from "../../src/events/result.ts"
import type { ObjectHead, ObjectRef } from "../../src/store/index.ts"
import { GROUPS } from "../groups.ts"
import type { FlowPorts, RendererPorts } from "../ports.ts"
import type { SoundPorts } from "../sequence/movie-sound.ts"
import type { RegroupPorts } from "../sequence/regroup.ts"

export type HintPorts = FlowPorts &
  Pick<RendererPorts, "store" | "outputsFor"> &
  Pick<RegroupPorts, "sequenceRuleFor"> &
  Pick<SoundPorts, "soundFor" | "soundsByRule">

export type SequenceName = Omit<SequenceOf, "bucket">

/** Sequences that are told of one hint. */
const MOST_SEQUENCES = 10_000

/** Keys that begin with a prefix; unless it is to be looked at deeply, only those of that very folder. */
export type Where = { readonly bucket: string; readonly prefix: string; readonly isDeep: boolean }

type FoundSequences = { readonly sequences: readonly SequenceName[]; readonly isCut: boolean }

/** Sequences that are there. */
export async function sequencesBelow(
  where: Where,
  ports: HintPorts,
  signal: AbortSignal,
): Promise<Result<FoundSequences>> {
  const found = new Map<string, SequenceName>()
  for (let startAfter: string | null = ""; startAfter !== null; ) {
    const behind = await lookFrom(startAfter, found, { where, ports, signal })
    if (!behind.ok) return behind
    startAfter = behind.value
  }
  return done({ sequences: [...found.values()].slice(0, MOST_SEQUENCES), isCut: found.size > MOST_SEQUENCES })
}

/** Looks until a folder comes that is not looked into, and gives the place behind it; null at the end. */
async function lookFrom(
  after: string,
  found: Map<string, SequenceName>,
  of: { readonly where: Where; readonly ports: HintPorts; readonly signal: AbortSignal },
): Promise<Result<string | null>> {
  const { bucket, prefix, isDeep } = of.where
  for await (const listed of of.ports.store.list(bucket, { prefix, ...(after !== "" && { startAfter: after }) })) {
    if (of.signal.aborted) return failed(failure("stopped", `${GROUPS.hints.name} was interrupted`))
    if (!listed.ok && listed.failure.kind !== "permanent") return listed
    if (!listed.ok) continue
    const { key } = listed.value
    const slash = key.indexOf("/", prefix.length)
    if (!isDeep && slash >= 0) return done(`${key.slice(0, slash + 1)}${LAST_LETTER}`)
    const sequence = sequenceOf({ bucket, key }, of.ports)
    if (sequence !== null) found.set(JSON.stringify(sequence), sequence)
    if (found.size > MOST_SEQUENCES) break
  }
  return done(null)
}

/** Sorts behind all names. */
const LAST_LETTER = "\u{10ffff}"

/** The sequence of a frame; null for what is no frame of one. */
export function sequenceOf(ref: ObjectRef, { policy, outputsFor, sequenceRuleFor }: HintPorts): SequenceName | null {
  if (!isSource(ref.key, policy.endings) || isBelowOutputs(outputsFor, ref)) return null
  const name = frameNameOf(ref.key, sequenceRuleFor(ref))
  return name === null ? null : { folder: name.folder, head: name.head, tail: name.tail }
}

/** Bytes [start, end) of the version that HEAD saw; another one is looked at anew. */
export async function readOf(
  head: ObjectHead,
  { start, end }: { readonly start: number; readonly end: number },
  { store }: Pick<HintPorts, "store">,
): Promise<Result<Uint8Array>> {
  if (start >= end) return done(new Uint8Array())
  const bytes = await store.readRange(head, { start, end, ifMatch: head.etag })
  const isOther = !bytes.ok && bytes.failure.code === "store/precondition-failed"
  return isOther ? failed(failure("source/changed", bytes.failure.says)) : bytes
}
