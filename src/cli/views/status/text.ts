import type { PartitionPosition } from "../../../kafka/positions.ts"
import type { Owner } from "../../../state/lock.ts"
import { visible } from "../../../system/visible.ts"
import { counted } from "../format/human.ts"
import { type Column, tableText } from "../format/rows.ts"
import type { Missing, Tally } from "./gather.ts"
import type { Waiting } from "./oldest-unacknowledged.ts"

/** What `status --json` writes. What could not be looked at is null, and named in `missing`. */
export type Report = {
  readonly bucket: string | null
  /** Folder of frames; null on servers. */
  readonly folder: string | null
  /** Folder of the state, or the brokers. */
  readonly state: string | null
  readonly owner: Owner | null
  readonly states: Tally["states"] | null
  readonly failures: Tally["failures"] | null
  readonly oldestQueuedMs: number | null
  readonly unreachable: number | null
  /** Positions of the log's groups that have begun. */
  readonly lag: readonly Waiting[] | null
  /** Position of the intake in the topics that notifications come from. */
  readonly intake: readonly PartitionPosition[] | null
  /** Every group that should be at work. */
  readonly groups:
    | readonly {
        readonly group: string
        readonly hasBegun: boolean
        readonly members: number | null
        readonly waiting: number
      }[]
    | null
  readonly warnings: readonly string[]
  readonly missing: readonly Missing[]
}

type Line = Omit<Waiting, "topic"> & { readonly topic: string }

const lagColumns = (nowMs: number): readonly Column<Line>[] => [
  { title: "group", of: ({ group }) => group },
  { title: "topic", of: ({ topic }) => topic },
  { title: "partition", of: ({ partition }) => String(partition), alignRight: true },
  { title: "committed", of: ({ committed }) => String(committed), alignRight: true },
  { title: "end", of: ({ end }) => String(end), alignRight: true },
  { title: "lag", of: ({ lag }) => String(lag), alignRight: true },
  { title: "oldest waits", of: ({ oldestUnacknowledgedMs: since }) => age(since, nowMs), alignRight: true },
]

const age = (sinceMs: number | null, nowMs: number): string =>
  sinceMs === null ? "" : `${Math.max(0, Math.round((nowMs - sinceMs) / 1000))} s`

const workersOf = ({ folder, owner }: Report): readonly string[] => {
  if (folder === null) return []
  if (owner === null) return ["no process is at work"]
  return [`${owner.command} is at work: process ${owner.pid} on ${owner.host} since ${owner.since}`]
}

export function asText(report: Report, nowMs: number): string {
  const { bucket, folder, state, intake, lag, warnings, missing } = report
  const before = (intake ?? []).map((one) => ({ ...one, group: "ingest", oldestUnacknowledgedMs: null }))
  return [
    visible(`${bucket ?? "all buckets"}  ${folder ?? `on ${state}`}`),
    ...workersOf(report),
    ...tallyLines(report, nowMs),
    ...intakeLine(report),
    ...warnings.map((text) => visible(`warning: ${text}`)),
    ...missing.map(({ part }) => `not shown, see the error: ${part}`),
    "",
    ...(lag === null ? [] : [tableText([...before, ...lag], lagColumns(nowMs))]),
  ].join("\n")
}

function tallyLines({ states, failures, oldestQueuedMs }: Report, nowMs: number): readonly string[] {
  if (states === null || failures === null) return []
  const waiting = oldestQueuedMs === null ? "" : ` (the oldest for ${Math.round((nowMs - oldestQueuedMs) / 1000)} s)`
  const codes = Object.entries(failures).sort(([, a], [, b]) => b - a)
  return [
    `${states.done} done, ${states.queued} queued${waiting}, ${states.failed} failed`,
    ...codes.map(([code, count]) => `  ${String(count).padStart(6)}  ${visible(code)}`),
  ]
}

/** Arrivals that no row tells of yet. */
function intakeLine({ intake }: Report): readonly string[] {
  const waiting = (intake ?? []).reduce((sum, { lag }) => sum + lag, 0)
  return waiting === 0 ? [] : [`${counted(waiting, "notification")} not taken in yet`]
}
