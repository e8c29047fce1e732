/** The steps by which elements come in, as data: the topology shows them, and the intakes append nothing else. */

import type { Fact } from "../events/fact.ts"
import type { DeadLetter } from "../log/index.ts"

export const TAKE_IN = {
  name: "take-in",
  says: "reads every dialect of notification; each record of a message is an arrival, a removal, a hint, or passed over",
  appends: ["element-created", "removal-reported", "hint-reported", "dead-letter"],
} as const

export const LIST_BUCKETS = {
  name: "list-buckets",
  says: "compares a listing with the rows: what no notification told of arrives, what is missing is reported",
  appends: ["element-created-backfill", "removal-reported", "hint-reported"],
} as const

export const LIST_FOLDER = {
  name: "list-folder",
  says: "compares a folder with the rows, once or for as long as it is watched",
  appends: ["element-created", "removal-reported", "hint-reported"],
} as const

/** Records that a step of ingest appends. */
export type AppendedBy<Step extends { readonly appends: readonly string[] }> = Extract<
  Fact | DeadLetter,
  { readonly topic: Step["appends"][number] }
>
