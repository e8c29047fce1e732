/** Messages of an intake, before and after they are read. */

import type { FarmPlace, FarmWork } from "../../element/farms.ts"
import type { OutputsFor } from "../../element/output-places.ts"
import type { Dialect, Endings } from "../../element/source.ts"
import type { Element } from "../../events/records.generated.ts"

/** One message that may tell of new objects, as Kafka or HTTP brought it. */
export type IntakeMessage = {
  /** Names in lower case. CloudEvents attributes stand under `ce_`, whatever the transport writes before them. */
  readonly headers: Readonly<Record<string, string>>
  /** HTTP percent-encodes header values; some senders do not, so both readings are tried. */
  readonly headersAreEncoded: boolean
  readonly body: Uint8Array | null
  readonly at: MessagePosition
  /** The record's time in Kafka, epoch milliseconds; null for a request. */
  readonly timestampMs: number | null
  /** Why the body is not what was sent, where the transport could not unpack it. */
  readonly notUnpacked?: string
}

/** Where a message stands in its topic; a request stands nowhere. */
export type MessagePosition =
  | { readonly topic: string; readonly partition: number; readonly offset: number }
  | { readonly request: string }

/** What an intake believes of its senders. What it does not believe is left out; the arrival itself is taken. */
export type IntakeTrust = {
  /** Asset, job, project and shot ids. A sender that sets them completes jobs and renames rows of others. */
  readonly ids: boolean
  /** ObjectCreated:Copy, which asks for a new render of what is current. */
  readonly force: boolean
}

/** One source of messages: its dialect, and which of its objects are wanted. Empty lists let everything through. */
export type IntakeSource = {
  readonly dialect: Dialect
  readonly buckets: readonly string[]
  readonly prefixes: readonly string[]
  /** Ends of keys, upper and lower case alike. */
  readonly suffixes: readonly string[]
  /** Endings of pictures that are taken in; absent: the contract's. */
  readonly endings?: Endings
  readonly trust: IntakeTrust
  /** What lies where outputs go is no source; absent: they go beside their sources. */
  readonly outputsFor?: OutputsFor
  /** Where the frames of a farm's job are; absent: nobody says so of any. */
  readonly placeOfWork?: (work: FarmWork) => FarmPlace | null
}

/** What a message says of one new or removed object. When it was taken in, and as which attempt, is not its to say. */
export type Announced = Omit<Element, "arrivedAtMs" | "attempt">

export const SKIP_REASONS = [
  "test-event",
  "no-records",
  "not-a-creation",
  "output",
  "folder",
  "hidden",
  "extension",
  "suffix",
  "prefix",
  "bucket",
  "not-complete",
  "unmapped",
] as const

/** Why a message or a record of it is passed over: nothing is wrong with it. */
export type SkipReason = (typeof SKIP_REASONS)[number]

/** What an arrival's id is derived from when its message says neither which version nor which moment it tells of. */
export type Undated = { readonly sha256: string; readonly recordIndex: number }

/** What became of one record of a message, or of a message that has none. */
export type Parsed =
  | {
      readonly kind: "arrival"
      readonly announced: Announced
      /** When it happened by the clock of the store; null where the store did not send the message, or stated no time. */
      readonly storeTimeMs: number | null
      readonly undated: Undated | null
    }
  /** It is about sequences: what says something of them, as `by` of the fact. */
  | { readonly kind: "hint"; readonly announced: Announced; readonly by: string; readonly gone: boolean }
  | { readonly kind: "removal"; readonly announced: Announced; readonly eventTimeMs: number | null }
  | { readonly kind: "skip"; readonly reason: SkipReason; readonly remark?: string }
  | { readonly kind: "unreadable"; readonly says: string }

/** `remark`: what whoever runs this may want to change, as a sentence. */
export const skip = (reason: SkipReason, remark?: string): Parsed => ({
  kind: "skip",
  reason,
  ...(remark !== undefined && { remark }),
})

export const unreadable = (says: string): Parsed => ({ kind: "unreadable", says })
