import { done, type Result } from "../../events/result.ts"
import type { Lag } from "../../log/index.ts"
import { ownerOf } from "../../state/lock.ts"
import type { Table } from "../../table/index.ts"
import type { Call, Command, Ending } from "../command.ts"
import { type Column, tableText } from "../format/rows.ts"
import { giveUp } from "../io.ts"
import { DIR_PARAMETER, withRecords } from "../with-records.ts"

type Tally = {
  readonly states: Readonly<Record<string, number>>
  readonly failures: Readonly<Record<string, number>>
  readonly oldestQueuedMs: number | null
}

const LAG: readonly Column<Lag>[] = [
  { title: "group", of: ({ group }) => group },
  { title: "topic", of: ({ topic }) => topic },
  { title: "partition", of: ({ partition }) => String(partition), alignRight: true },
  { title: "committed", of: ({ committed }) => String(committed), alignRight: true },
  { title: "end", of: ({ end }) => String(end), alignRight: true },
  { title: "lag", of: ({ lag }) => String(lag), alignRight: true },
]

const run = (call: Call): Promise<Ending> =>
  withRecords(call, call.args[0] ?? null, { mode: "read" }, async ({ log, table, state }, { bucket, root }) => {
    const tally = await tallyOf(table, bucket)
    if (!tally.ok) return giveUp(call.io, tally.failure)
    const lag = await log.lag()
    if (!lag.ok) return giveUp(call.io, lag.failure)
    const report = {
      bucket,
      folder: root,
      state: state.folder,
      owner: ownerOf(state.folder),
      ...tally.value,
      lag: lag.value,
    }
    call.io.stdout.write(
      call.options.json === true ? `${JSON.stringify(report)}\n` : asText(report, call.clock.nowMs()),
    )
    return 0
  })

async function tallyOf(table: Table, bucket: string): Promise<Result<Tally>> {
  const states: Record<string, number> = { queued: 0, done: 0, failed: 0 }
  const failures: Record<string, number> = {}
  let oldestQueuedMs: number | null = null
  for await (const row of table.elements({ bucket })) {
    if (!row.ok) return row
    const { state, failure_code, changed_at_ms } = row.value
    states[state] = (states[state] ?? 0) + 1
    if (failure_code !== null) failures[failure_code] = (failures[failure_code] ?? 0) + 1
    if (state === "queued") oldestQueuedMs = Math.min(oldestQueuedMs ?? Number.POSITIVE_INFINITY, changed_at_ms)
  }
  return done({ states, failures, oldestQueuedMs })
}

type Report = Tally & {
  readonly bucket: string
  readonly folder: string
  readonly owner: ReturnType<typeof ownerOf>
  readonly lag: readonly Lag[]
}

function asText({ bucket, folder, owner, states, failures, oldestQueuedMs, lag }: Report, nowMs: number): string {
  const waiting = oldestQueuedMs === null ? "" : ` (the oldest for ${Math.round((nowMs - oldestQueuedMs) / 1000)} s)`
  const codes = Object.entries(failures).sort(([, a], [, b]) => b - a)
  return [
    `${bucket}  ${folder}`,
    owner === null
      ? "no process is at work"
      : `${owner.command} is at work: process ${owner.pid} on ${owner.host} since ${owner.since}`,
    `${states.done} done, ${states.queued} queued${waiting}, ${states.failed} failed`,
    ...codes.map(([code, count]) => `  ${String(count).padStart(6)}  ${code}`),
    "",
    tableText(lag, LAG),
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
  settings: ["state"],
  examples: [["status shots/", "also while a run is at work"]],
  run,
}
