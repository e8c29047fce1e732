import type { GroupPositions, PartitionPosition } from "../../../kafka/positions.ts"
import type { Owner } from "../../../state/lock.ts"
import { visible } from "../../../system/visible.ts"
import type { SequenceRow } from "../../../table/sequence-rows.ts"
import { counted } from "../human.ts"

import { barText, type Screen } from "../sequence/bar.ts"
import { sequenceLine } from "../sequences.ts"
import { type Column, tableText } from "../text-table.ts"
import type { GatheredStatus, MissingPart, Tally, WaitingPosition } from "./gather.ts"

/** What `status --json` writes. What could not be looked at is null, and named in `missing`. */
export type StatusReport = {
  readonly bucket: string | null
  /** Folder of frames; null on servers. */
  readonly folder: string | null
  /** Folder of the state, or the brokers. */
  readonly state: string | null
  readonly owner: Owner | null
  readonly states: Tally["states"] | null
  readonly failures: Tally["failures"] | null
  /** How many there are, how many have a movie, lack frames, or have no movie because it failed. */
  readonly sequences: {
    readonly total: number
    readonly withMovie: number
    readonly withGaps: number
    readonly failed: number
  } | null
  readonly oldestQueuedMs: number | null
  readonly unreachable: number | null
  /** Positions of the log's groups that have begun. */
  readonly lag: readonly WaitingPosition[] | null
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
  readonly missing: readonly MissingPart[]
}

type Line = Omit<WaitingPosition, "topic"> & { readonly topic: string }

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

const workersOf = ({ folder, owner }: StatusReport): readonly string[] => {
  if (folder === null) return []
  if (owner === null) return ["no process is at work"]
  return [`${owner.command} is at work: process ${owner.pid} on ${owner.host} since ${owner.since}`]
}

export function statusText(
  report: StatusReport,
  { nowMs, width }: { readonly nowMs: number; readonly width: number | null },
  shown: readonly string[] = [],
): string {
  const { bucket, folder, state, intake, lag, warnings, missing } = report
  const before = (intake ?? []).map((one) => ({ ...one, group: "ingest", oldestUnacknowledgedMs: null }))
  return [
    visible(`${bucket ?? "all buckets"}  ${folder ?? `on ${state}`}`),
    ...workersOf(report),
    ...tallyLines(report, nowMs),
    ...sequencesLine(report),
    ...shown,
    ...intakeLine(report),
    ...warnings.map((text) => visible(`warning: ${text}`)),
    ...missing.map(({ part }) => `not shown, see the error: ${part}`),
    "",
    ...(lag === null ? [] : [tableText([...before, ...lag], lagColumns(nowMs), width)]),
  ].join("\n")
}

function tallyLines({ states, failures, oldestQueuedMs }: StatusReport, nowMs: number): readonly string[] {
  if (states === null || failures === null) return []
  const waiting = oldestQueuedMs === null ? "" : ` (the oldest for ${Math.round((nowMs - oldestQueuedMs) / 1000)} s)`
  const codes = Object.entries(failures).sort(([, a], [, b]) => b - a)
  return [
    `${states.done} done, ${states.queued} queued${waiting}, ${states.failed} failed`,
    ...codes.map(([code, count]) => `  ${String(count).padStart(6)}  ${visible(code)}`),
  ]
}

/** Counts of the sequences; what `status` shows of each is made of their rows. */
export const sequencesOf = (rows: readonly SequenceRow[] | null): StatusReport["sequences"] =>
  rows && {
    total: rows.length,
    withMovie: rows.filter(({ movie_key: key }) => key !== null).length,
    withGaps: rows.filter(hasGaps).length,
    failed: rows.filter(({ state }) => state === "failed").length,
  }

const hasGaps = ({ frames_missing, frames_failed }: SequenceRow): boolean =>
  frames_missing !== "" || frames_failed !== ""

function sequencesLine({ sequences }: StatusReport): readonly string[] {
  if (sequences === null || sequences.total === 0) return []
  const { total, withMovie, withGaps, failed } = sequences
  const remarks = [...(withGaps > 0 ? [`, ${withGaps} with gaps`] : []), ...(failed > 0 ? [`, ${failed} failed`] : [])]
  return [`${counted(total, "sequence")}: ${withMovie} with a movie${remarks.join("")}`]
}

/** Most sequences that a status shows: those with gaps first. */
const MOST_SHOWN = 20

/** A line and a bar for each sequence; lines are as wide as they need to be where `width` is null. */
export function sequenceLines(rows: readonly SequenceRow[], screen: Screen, width: number | null): readonly string[] {
  const shown = rows.toSorted((a, b) => Number(hasGaps(b)) - Number(hasGaps(a))).slice(0, MOST_SHOWN)
  const more = rows.length - shown.length
  return [
    ...shown.flatMap((row) => {
      const { frames_made: made, frames_failed: failed, frames_missing: missing } = row
      const bar = barText({ made, failed, missing, remarkable: [] }, { ...screen, columns: screen.columns - 2 })
      return [`  ${sequenceLine(row, width === null ? null : width - 2)}`, `  ${bar.split("\n")[0]}`]
    }),
    ...(more > 0 ? [`  and ${counted(more, "more sequence")}: \`sequences\` lists them`] : []),
  ]
}

/** Notifications that were not taken in yet. */
function intakeLine({ intake }: StatusReport): readonly string[] {
  const waiting = (intake ?? []).reduce((sum, { lag }) => sum + lag, 0)
  return waiting === 0 ? [] : [`${counted(waiting, "notification")} not taken in yet`]
}

/** Contradictions in a status, as sentences that say what to do. */
export function warningsOf({ tally, positions }: GatheredStatus, isFolder: boolean): readonly string[] {
  const lost = tally?.unreachable ?? 0
  const remedy = isFolder ? "`run` queues them again." : "`ingest BUCKET` or `reprocess` queues them again."
  const unserved = new Set((positions?.groups ?? []).filter(isUnserved).map(({ groupId }) => groupId))
  return [
    ...(lost === 0
      ? []
      : [
          `${counted(lost, "frame")} marked as queued will reach no group, because the log does not hold them: ${remedy}`,
        ]),
    ...(positions?.groups ?? []).flatMap(groupWarnings),
    ...(positions?.still ?? [])
      .filter((group) => ![...unserved].some((groupId) => groupId.endsWith(group)))
      .map(
        (group) =>
          `Group ${group}: no offset moved between two looks, although records wait for more than a minute. A render of minutes explains it; if it stays so, /healthz of the processes tells which of them stands still.`,
      ),
  ]
}

export const waitingIn = ({ positions }: GroupPositions): number => positions.reduce((sum, { lag }) => sum + lag, 0)

const isUnserved = (group: GroupPositions): boolean => group.members === 0 && waitingIn(group) > 0

function groupWarnings(group: GroupPositions): readonly string[] {
  const { groupId, missingTopics } = group
  const serving = groupId.endsWith("ingest") ? "ingest --serve" : /projector/.test(groupId) ? "projector" : "worker"
  return [
    ...(missingTopics.length === 0
      ? []
      : [`Group ${groupId}: the brokers have no topic ${missingTopics.join(", ")}: run \`topics create\`.`]),
    ...(isUnserved(group)
      ? [
          `Group ${groupId}: ${counted(waitingIn(group), "record")} wait and no process is a member: start \`${serving}\`.`,
        ]
      : []),
  ]
}
