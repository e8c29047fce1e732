import { done, type Result } from "../../events/result.ts"
import { ownerOf } from "../../state/lock.ts"
import type { Table } from "../../table/index.ts"
import type { Call, Command, Ending } from "../command.ts"
import { type Column, tableText } from "../format/rows.ts"
import { jsonText, visible } from "../format/visible.ts"
import { giveUp } from "../io.ts"
import { type Waiting, withOldest } from "../oldest.ts"
import { bucketOf, type Opened, withPlace } from "../with-place.ts"
import { DIR_PARAMETER } from "../with-records.ts"

type Tally = {
  readonly states: Readonly<Record<string, number>>
  readonly failures: Readonly<Record<string, number>>
  readonly oldestQueuedMs: number | null
}

const lagColumns = (nowMs: number): readonly Column<Waiting>[] => [
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

const run = (call: Call): Promise<Ending> =>
  withPlace(call, call.args[0] ?? null, { mode: "read" }, async (opened) => {
    const { log, table } = opened.records
    const tally = await tallyOf(table, bucketOf(opened))
    if (!tally.ok) return giveUp(call.io, tally.failure)
    const lag = await log.lag()
    if (!lag.ok) return giveUp(call.io, lag.failure)
    const waiting = await withOldest(log, lag.value)
    if (!waiting.ok) return giveUp(call.io, waiting.failure)
    const report = { ...whereOf(opened), ...tally.value, lag: waiting.value }
    call.io.stdout.write(call.options.json === true ? `${jsonText(report)}\n` : asText(report, call.clock.nowMs()))
    return 0
  })

/** What is looked at: a folder and who works on it, or servers. */
function whereOf(opened: Opened) {
  if (opened.kind === "platform") {
    const { kafkaBroker, s3Buckets } = opened.platform.config
    return { bucket: s3Buckets.join(",") || null, folder: null, state: kafkaBroker, owner: null }
  }
  const { records, installation } = opened
  const { folder: state } = records.state
  return { bucket: installation.bucket, folder: installation.root, state, owner: ownerOf(state) }
}

async function tallyOf(table: Table, bucket: string | undefined): Promise<Result<Tally>> {
  const states: Record<string, number> = { queued: 0, done: 0, failed: 0 }
  const failures: Record<string, number> = {}
  let oldestQueuedMs: number | null = null
  for await (const row of table.elements(bucket === undefined ? {} : { bucket })) {
    if (!row.ok) return row
    const { state, failure_code, changed_at_ms } = row.value
    if (state === "removed") continue
    states[state] = (states[state] ?? 0) + 1
    if (failure_code !== null) failures[failure_code] = (failures[failure_code] ?? 0) + 1
    if (state === "queued") oldestQueuedMs = Math.min(oldestQueuedMs ?? Number.POSITIVE_INFINITY, changed_at_ms)
  }
  return done({ states, failures, oldestQueuedMs })
}

type Report = Tally & ReturnType<typeof whereOf> & { readonly lag: readonly Waiting[] }

const workersOf = ({ folder, owner }: Report): readonly string[] => {
  if (folder === null) return []
  if (owner === null) return ["no process is at work"]
  return [`${owner.command} is at work: process ${owner.pid} on ${owner.host} since ${owner.since}`]
}

function asText(report: Report, nowMs: number): string {
  const { bucket, folder, state, states, failures, oldestQueuedMs, lag } = report
  const waiting = oldestQueuedMs === null ? "" : ` (the oldest for ${Math.round((nowMs - oldestQueuedMs) / 1000)} s)`
  const codes = Object.entries(failures).sort(([, a], [, b]) => b - a)
  return [
    visible(`${bucket ?? "all buckets"}  ${folder ?? `on ${state}`}`),
    ...workersOf(report),
    `${states.done} done, ${states.queued} queued${waiting}, ${states.failed} failed`,
    ...codes.map(([code, count]) => `  ${String(count).padStart(6)}  ${visible(code)}`),
    "",
    tableText(lag, lagColumns(nowMs)),
  ].join("\n")
}

export const status: Command = {
  name: "status",
  summary: "what is done, queued and failed, and how far each consumer group is",
  parameters: [DIR_PARAMETER],
  options: [
    { syntax: "--json", says: "one JSON object" },
    { syntax: "--dir <dir>", says: "the same as [dir]" },
  ],
  settings: ["state", "platform"],
  examples: [["status shots/", "also while a run is at work"]],
  run,
}
