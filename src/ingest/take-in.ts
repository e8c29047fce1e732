import type { FactOf } from "../events/fact.ts"
import type { Result } from "../events/result.ts"
import { statedMs } from "../events/time.ts"
import { appendApart, deadLetter } from "../log/dead-letter.ts"
import type { DeadLetter, EventLog } from "../log/index.ts"
import {
  type Announced,
  type IntakeMessage,
  type IntakeSource,
  type IntakeTrust,
  type SkipReason,
  type Undated,
  unreadable,
} from "./arrival/message.ts"
import { parseArrival } from "./arrival/parse-arrival.ts"
import type { IntakeObservation } from "./index.ts"
import { createdFact, hintFact, reportedFact } from "./listing/listing.ts"
import type { AppendedBy, TAKE_IN } from "./steps.ts"

/** What one message means for the log. */
export type TakenIn = {
  readonly message: IntakeMessage
  readonly arrivals: readonly FactOf<"element-created">[]
  readonly removals: readonly FactOf<"removal-reported">[]
  readonly hints: readonly FactOf<"hint-reported">[]
  readonly skipped: readonly SkipReason[]
  /** What whoever runs this may want to change. */
  readonly remarks: readonly string[]
  /** Arrivals whose id is to name the version of the object as well, by the id that they have without it. */
  readonly undated: ReadonlyMap<string, Undated>
  /** What arrivals and removals said that this intake does not believe. */
  readonly distrusted: readonly (keyof IntakeTrust)[]
  /** The message itself, when it or a record of it cannot be read. */
  readonly letter: DeadLetter | null
}

/** Where a dead letter says that a request stood. */
const REQUEST = { topic: "http", partition: 0, offset: 0 }

/** Pure but for what it is given: the same message at the same time means the same. */
export function takeIn(message: IntakeMessage, source: IntakeSource, nowMs: number): TakenIn {
  const parsed = message.notUnpacked === undefined ? parseArrival(message, source) : [unreadable(message.notUnpacked)]
  const problems = parsed.flatMap((one) => (one.kind === "unreadable" ? [one.says] : []))
  const arrived = parsed.flatMap((one) =>
    one.kind === "arrival" ? [{ ...withinTrust(one.announced, source.trust), storeTimeMs: one.storeTimeMs }] : [],
  )
  const removed = parsed.flatMap((one) =>
    one.kind === "removal" ? [{ ...withinTrust(one.announced, source.trust), eventTimeMs: one.eventTimeMs }] : [],
  )
  return {
    message,
    // This machine's clock orders nothing: the store's clock does, or the next process that looks at the object.
    arrivals: arrived.map(({ announced, storeTimeMs }) =>
      createdFact(
        { ...announced, attempt: 0, arrivedAtMs: nowMs },
        { causationId: announced.triggerId, logicalTimeMs: statedMs(storeTimeMs, nowMs) },
      ),
    ),
    removals: removed.map(({ announced, eventTimeMs }) =>
      reportedFact(
        { ...announced, attempt: 0, arrivedAtMs: nowMs },
        { causationId: announced.triggerId, eventTimeMs, sourceVersion: null, logicalTimeMs: 0 },
      ),
    ),
    hints: parsed.flatMap((one) =>
      one.kind === "hint"
        ? [
            hintFact(
              { ...withinTrust(one.announced, source.trust).announced, attempt: 0, arrivedAtMs: nowMs },
              { causationId: one.announced.triggerId, by: one.by, gone: one.gone },
            ),
          ]
        : [],
    ),
    undated: new Map(
      parsed.flatMap((one) =>
        one.kind === "arrival" && one.undated !== null ? [[one.announced.elementId, one.undated] as const] : [],
      ),
    ),
    distrusted: [...arrived, ...removed].flatMap(({ distrusted }) => distrusted),
    skipped: parsed.flatMap((one) => (one.kind === "skip" ? [one.reason] : [])),
    remarks: parsed.flatMap((one) => (one.kind === "skip" && one.remark !== undefined ? [one.remark] : [])),
    letter: problems.length === 0 ? null : letterOf(message, problems),
  }
}

function letterOf({ at, body }: IntakeMessage, says: readonly string[]): DeadLetter {
  const more = says.length > 1 ? ` And ${says.length - 1} more like it.` : ""
  return deadLetter("request" in at ? REQUEST : at, `${says[0]}${more}`, body ?? new Uint8Array())
}

/** What is appended for one message. */
export const recordsOf = ({ arrivals, removals, hints, letter }: TakenIn): readonly AppendedBy<typeof TAKE_IN>[] => [
  ...arrivals,
  ...removals,
  ...hints,
  ...(letter === null ? [] : [letter]),
]

/**
 * Makes all that messages mean durable. A message of which the log cannot write an arrival becomes a dead letter, and its
 * neighbours are not its business.
 */
export const appendTaken = (append: EventLog["append"], taken: readonly TakenIn[]): Promise<Result<void>> =>
  appendApart(append, taken, recordsOf, ({ message }, { says }) => [letterOf(message, [says])])

/** Tells of a message that has been taken in. */
export function tell(
  { arrivals, removals, hints, skipped, remarks, distrusted, letter }: TakenIn,
  from: string,
  observe: (observation: IntakeObservation) => void,
): void {
  if (arrivals.length > 0) observe({ kind: "arrived", from, arrivals: arrivals.length })
  if (removals.length > 0) observe({ kind: "removals", from, removals: removals.length })
  if (hints.length > 0) observe({ kind: "hints", from, hints: hints.length })
  for (const what of distrusted) observe({ kind: "distrusted", from, what })
  for (const reason of skipped) observe({ kind: "skipped", from, reason })
  for (const says of remarks) observe({ kind: "remark", from, says })
  if (letter !== null) observe({ kind: "dead-letter", topic: from, says: letter.says })
}

type Trusted = { readonly announced: Announced; readonly distrusted: readonly (keyof IntakeTrust)[] }

const NO_IDS = { assetId: null, jobId: null, projectId: null, shotId: null }

/** The arrival without what its intake does not believe. */
function withinTrust(announced: Announced, trust: IntakeTrust): Trusted {
  const { assetId, jobId, projectId, shotId, force } = announced
  const hasIds = [assetId, jobId, projectId, shotId].some((id) => id !== null)
  const dropsIds = hasIds && !trust.ids
  const dropsForce = force && !trust.force
  return {
    announced: { ...announced, ...(dropsIds ? NO_IDS : {}), force: force && !dropsForce },
    distrusted: [...(dropsIds ? (["ids"] as const) : []), ...(dropsForce ? (["force"] as const) : [])],
  }
}
