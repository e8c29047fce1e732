// Objects that a listing finds, or misses, and that have a say in sequences.

import { folderOf } from "../../element/key.ts"
import { isBelowOutputs, type OutputsFor } from "../../element/output-places.ts"
import type { FactOf } from "../../events/fact.ts"
import { elementIdOf } from "../../events/identity.ts"
import type { HintReported } from "../../events/records.generated.ts"
import { done, type Result } from "../../events/result.ts"
import type { Coordinates, EventLog } from "../../log/index.ts"
import { hintKindOf, SOUND } from "../../sequence/stated/index.ts"
import type { ObjectEntry, ObjectRef } from "../../store/index.ts"
import type { Clock } from "../../system/clock.ts"
import { hintFact, listedElement } from "./listing.ts"

/** What the log has been told of hints. */
export type ToldHints = {
  /** Ids of hints that need not be told of again. */
  readonly ids: ReadonlySet<string>
  /** The last hint of each object of which it was not told that it is gone. */
  readonly there: ReadonlyMap<string, ToldHint>
  /** Id of the last hint that said of an object that it is gone. */
  readonly gone: ReadonlyMap<string, string>
}

type ToldHint = ObjectRef & { readonly elementId: string; readonly by: string }

/** Where there is none who knows what was told, no hint is told of. */
export type HintsTold = () => Promise<Result<ToldHints>>

export const isHint = (ref: ObjectRef, outputsFor: OutputsFor): boolean =>
  hintKindOf(ref.key) !== null && !isBelowOutputs(outputsFor, ref)

type HintPorts = {
  readonly append: EventLog["append"] | null
  readonly clock: Pick<Clock, "nowMs">
  readonly hintsTold?: HintsTold
}

/** What a listing has come to. */
export type ListedHints = {
  /** `isYoung`: it may still be written, and is left for a later listing. */
  note(entry: ObjectEntry, isYoung: boolean): void
  noteFrame(ref: ObjectRef): void
  /** Behind the frames, since what says that a sequence is complete is about what came before. */
  append(ports: HintPorts): Promise<Result<void>>
}

/**
 * `below`: all is listed of the bucket that begins so. Then what is missing is said to be gone, and a WAV counts that lies beside
 * frames. Absent: only what is named by others is looked at.
 */
export function openListedHints(bucket: string, below?: string): ListedHints {
  const stable: ObjectEntry[] = []
  const listed = new Set<string>()
  const folders = new Set<string>()
  const isOfFrames = ({ key }: ObjectRef): boolean =>
    below === undefined || hintKindOf(key) !== SOUND || folders.has(folderOf(key))
  return {
    note: (entry, isYoung) => {
      listed.add(nameOf(entry))
      if (!isYoung) stable.push(entry)
    },
    noteFrame: ({ key }) => folders.add(folderOf(key)),
    append: async ({ append, clock, hintsTold }) => {
      if (append === null || hintsTold === undefined) return done(undefined)
      if (below === undefined && stable.length === 0) return done(undefined)
      const told = await hintsTold()
      if (!told.ok) return told
      const nowMs = clock.nowMs()
      const facts = stable.filter(isOfFrames).map((entry) => listedHint(entry, told.value, nowMs))
      const news = facts.filter(({ value }) => !told.value.ids.has(value.element.elementId))
      const isMissing = (one: ToldHint): boolean =>
        below !== undefined && one.bucket === bucket && one.key.startsWith(below) && !listed.has(nameOf(one))
      const missing = [...told.value.there.values()].filter(isMissing).map((one) => goneHint(one, nowMs))
      return news.length + missing.length === 0 ? done(undefined) : append([...news, ...missing])
    },
  }
}

/** Says of objects of which nobody finds anything that they are gone; of what was never told of nothing is said. */
export async function appendGone(
  { append, clock, hintsTold }: HintPorts & { readonly append: EventLog["append"]; readonly hintsTold: HintsTold },
  bucket: string,
  keys: readonly string[],
): Promise<Result<void>> {
  const hints = keys.filter((key) => hintKindOf(key) !== null)
  if (hints.length === 0) return done(undefined)
  const told = await hintsTold()
  if (!told.ok) return told
  const there = hints.flatMap((key) => told.value.there.get(nameOf({ bucket, key })) ?? [])
  return there.length === 0 ? done(undefined) : append(there.map((one) => goneHint(one, clock.nowMs())))
}

const nameOf = ({ bucket, key }: ObjectRef): string => `${bucket}/${key}`

/**
 * The hint of a listed object. Its id comes from its version: listed twice, it is the same; but not where it was gone
 * meanwhile.
 */
function listedHint(
  { bucket, key, sourceVersion }: ObjectEntry,
  { gone }: ToldHints,
  nowMs: number,
): FactOf<"hint-reported"> {
  const renderKey = gone.get(nameOf({ bucket, key })) ?? ""
  const elementId = elementIdOf({ listing: { bucket, key, sourceVersion, renderKey } })
  const by = hintKindOf(key) ?? ""
  return hintFact(listedElement({ bucket, key, elementId }, nowMs), { causationId: elementId, by })
}

function goneHint({ bucket, key, by, elementId: before }: ToldHint, nowMs: number): FactOf<"hint-reported"> {
  const elementId = elementIdOf({ missing: { elementId: before } })
  return hintFact(listedElement({ bucket, key, elementId }, nowMs), { causationId: before, by, gone: true })
}

/** What the log has been told; asked again, it reads what has come since. */
export function openHintsTold({ read }: Pick<EventLog, "read">): HintsTold {
  const told = { ids: new Set<string>(), there: new Map<string, ToldHint>(), gone: new Map<string, string>() }
  const positions = new Map<number, Coordinates>()
  const readOn: HintsTold = async () => {
    for await (const record of read("hint-reported", { from: [...positions.values()] })) {
      if (!record.ok) return record
      const { content, at } = record.value
      positions.set(at.partition, { ...at, offset: at.offset + 1 })
      if ("fact" in content && content.fact.topic === "hint-reported") hear(told, content.fact.value)
    }
    return done(told)
  }
  let last: ReturnType<HintsTold> = Promise.resolve(done(told))
  return () => {
    last = last.then(readOn)
    return last
  }
}

function hear(
  told: {
    readonly ids: Set<string>
    readonly there: Map<string, ToldHint>
    readonly gone: Map<string, string>
  },
  { element: { bucket, key, elementId }, by, gone }: HintReported,
): void {
  // What farms say, and that a sequence is new, is of no object.
  if (by !== hintKindOf(key)) return
  const name = nameOf({ bucket, key })
  told.ids.add(elementId)
  if (gone) {
    told.there.delete(name)
    told.gone.set(name, elementId)
  } else told.there.set(name, { bucket, key, elementId, by })
}
