import { isFarm } from "../../element/farms.ts"
import { elementIdOf } from "../../events/identity.ts"
import { done, type Result } from "../../events/result.ts"
import type { EventLog } from "../../log/index.ts"
import type { ObjectRef } from "../../store/index.ts"
import type { Clock } from "../../system/clock.ts"
import type { IntakeMessage, IntakeSource } from "../arrival/message.ts"
import type { IntakeObservation } from "../index.ts"
import { createdFact } from "../listing/listing.ts"
import { appendTaken, recordsOf, type TakenIn, takeIn, tell } from "../take-in.ts"
import type { Refusal } from "./access.ts"
import type { Allowance } from "./limits.ts"

/** Whether an object is in the store, and whether the table has a row of it. Fails where store or table cannot be asked. */
export type Existing = {
  readonly object: (ref: ObjectRef) => Promise<Result<boolean>>
  readonly row: (ref: ObjectRef) => Promise<Result<boolean>>
}

/** The version of the object that is in the store now; null where there is none. Fails where the store cannot be asked. */
export type VersionOf = (ref: ObjectRef) => Promise<Result<string | null>>

export type TakingRequest = {
  readonly source: IntakeSource
  readonly limits: { readonly mostRecords: number; readonly recordsPerMinute: number }
  readonly exists: Existing | null
  readonly versionOf?: VersionOf
  readonly allowance: Allowance
  readonly append: EventLog["append"]
  readonly clock: Clock
  readonly observe: (observation: IntakeObservation) => void
  /** Address of the sender. */
  readonly address: string
}

/** One body of a sender that may send. Null when its records are durable; else why they are refused. */
export async function takeRequest(message: IntakeMessage, of: TakingRequest): Promise<Refusal | null> {
  const { source, limits, allowance, clock, address } = of
  const taken = takeIn(message, source, clock.nowMs())
  const records = taken.arrivals.length + taken.removals.length + taken.hints.length + taken.skipped.length
  if (records > limits.mostRecords) {
    const says = `The body has ${records} records, more than the ${limits.mostRecords} that are taken (OIIO_INTAKE_RECORDS).`
    return { reason: "records", says }
  }
  const seconds = allowance.take(address, Math.max(1, records))
  if (seconds !== null) {
    const says = `This sender brings more than ${limits.recordsPerMinute} records a minute; try again later (OIIO_INTAKE_RATE).`
    return { reason: "rate", says, headers: { "retry-after": `${seconds}` } }
  }
  if (recordsOf(taken).length === 0 && taken.skipped.includes("bucket"))
    return { reason: "bucket", says: "The bucket is none of those that are taken care of here (S3_BUCKETS)." }
  return believe(taken, of)
}

/** Objects looked for at once. */
const AT_ONCE = 16

/** Keeps arrivals of objects that exist and removals of objects that the table knows, so that invented ones fill no table. */
async function believe(taken: TakenIn, of: TakingRequest): Promise<Refusal | null> {
  const { exists } = of
  if (exists === null) return keep(taken, of)
  const arrivals = await trueOf(taken.arrivals, (arrival) => isThere(arrival, exists.object))
  const removals = await trueOf(taken.removals, ({ value: { element } }) => exists.row(element))
  // Of a farm's work a rule of the settings says where it is; there need not be an object of that name.
  const hints = await trueOf(taken.hints, async ({ value: { by, element } }) =>
    isFarm(by) ? done(true) : exists.object(element),
  )
  if (!arrivals.ok || !removals.ok || !hints.ok)
    return { reason: "outage", says: "Store or table cannot be asked just now; try again." }
  const believed = { ...taken, arrivals: arrivals.value, removals: removals.value, hints: hints.value }
  if (recordsOf(taken).length > 0 && recordsOf(believed).length === 0)
    return { reason: "no-object", says: "None of the objects is there, or was." }
  return keep(believed, of)
}

/** The items for which `isTrue` holds. Fails with the first answer that failed. */
async function trueOf<T>(all: readonly T[], isTrue: (one: T) => Promise<Result<boolean>>): Promise<Result<T[]>> {
  const found: T[] = []
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const some = all.slice(from, from + AT_ONCE)
    const answers = await Promise.all(some.map(isTrue))
    for (const [index, answer] of answers.entries()) {
      if (!answer.ok) return answer
      if (answer.value) found.push(some[index] as T)
    }
  }
  return done(found)
}

/** The object counts as there under either spelling of its key. */
async function isThere(
  { value: { element } }: TakenIn["arrivals"][number],
  object: Existing["object"],
): Promise<Result<boolean>> {
  const { bucket, key, keyAlternative } = element
  const found = await object({ bucket, key })
  return found.ok && !found.value && keyAlternative !== null ? object({ bucket, key: keyAlternative }) : found
}

const STORE_AWAY: Refusal = { reason: "outage", says: "The store cannot be asked just now; try again." }

/**
 * A body that says only which object it is about is the same for every version of the object: the version that is there
 * now makes the id, so that whoever drops repeated ids misses no overwrite, and a redelivery is still one. Null where the
 * store cannot say.
 */
async function versioned(taken: TakenIn, { versionOf }: TakingRequest): Promise<TakenIn | null> {
  if (versionOf === undefined || taken.undated.size === 0) return taken
  const arrivals: TakenIn["arrivals"][number][] = []
  for (const arrival of taken.arrivals) {
    const { element, causationId, logicalTimeMs } = arrival.value
    const undated = taken.undated.get(element.elementId)
    const version = undated === undefined ? done(null) : await versionOf(element)
    if (!version.ok) return null
    if (undated === undefined || version.value === null) arrivals.push(arrival)
    else {
      const elementId = elementIdOf({ request: { ...undated, sourceVersion: version.value } })
      const isOwn = element.triggerId === element.elementId
      const named = { ...element, elementId, triggerId: isOwn ? elementId : element.triggerId }
      arrivals.push(createdFact(named, { causationId: isOwn ? elementId : causationId, logicalTimeMs }))
    }
  }
  return { ...taken, arrivals }
}

/** The sender must learn that the message has no effect; the other records of the body are durable all the same. */
const notUnderstood = (says: string): string =>
  `${says} It is kept in the dead-letter topic; sending it again does not help.`

async function keep(given: TakenIn, of: TakingRequest): Promise<Refusal | null> {
  const { append, observe } = of
  const taken = await versioned(given, of)
  if (taken === null) return STORE_AWAY
  const appended = await appendTaken(append, [taken])
  if (!appended.ok) return { reason: "outage", says: "The arrivals cannot be kept just now; try again." }
  tell(taken, "http", observe)
  return taken.letter === null ? null : { reason: "unreadable", says: notUnderstood(taken.letter.says) }
}
