// Objects that a listing finds and that state something of sequences.

import { isBelowOutputs, type OutputsFor } from "../../element/output-places.ts"
import type { FactOf } from "../../events/fact.ts"
import { elementIdOf } from "../../events/identity.ts"
import { done, type Result } from "../../events/result.ts"
import type { EventLog } from "../../log/index.ts"
import { statementKindOf } from "../../sequence/stated/index.ts"
import type { ObjectEntry, ObjectRef } from "../../store/index.ts"
import type { Clock } from "../../system/clock.ts"
import { hintFact, listedElement } from "./listing.ts"

/** Ids of hints that need not be told of again; where there is none who knows them, no hint is told of. */
export type HintsTold = () => Promise<Result<ReadonlySet<string>>>

export const isHint = (ref: ObjectRef, outputsFor: OutputsFor): boolean =>
  statementKindOf(ref.key) !== null && !isBelowOutputs(outputsFor, ref)

type HintPorts = {
  readonly append: EventLog["append"] | null
  readonly clock: Pick<Clock, "nowMs">
  readonly hintsTold?: HintsTold
}

/** Behind the frames, since what says that a sequence is complete is about what came before. */
export async function appendHints(ports: HintPorts, hints: readonly ObjectEntry[]): Promise<Result<void>> {
  if (ports.append === null || ports.hintsTold === undefined || hints.length === 0) return done(undefined)
  const told = await ports.hintsTold()
  if (!told.ok) return told
  const facts = hints
    .map((entry) => listedHint(entry, statementKindOf(entry.key) ?? "", ports.clock.nowMs()))
    .filter(({ value }) => !told.value.has(value.element.elementId))
  return facts.length === 0 ? done(undefined) : ports.append(facts)
}

/** The hint of a listed object. Its id comes from its version: listed twice, it is the same. */
function listedHint({ bucket, key, sourceVersion }: ObjectEntry, by: string, nowMs: number): FactOf<"hint-reported"> {
  const elementId = elementIdOf({ listing: { bucket, key, sourceVersion, renderKey: "" } })
  return hintFact(listedElement({ bucket, key, elementId }, nowMs), { causationId: elementId, by })
}

/** Ids of the hints that the log holds: of what stands there a listing need not tell again. */
export async function hintsInLog({ read }: Pick<EventLog, "read">): Promise<Result<ReadonlySet<string>>> {
  const ids = new Set<string>()
  for await (const record of read("hint-reported")) {
    if (!record.ok) return record
    const { content } = record.value
    if ("fact" in content && content.fact.topic === "hint-reported") ids.add(content.fact.value.element.elementId)
  }
  return done(ids)
}
