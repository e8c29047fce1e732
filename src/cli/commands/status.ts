import { intakeGroup } from "../../../topology/groups.ts"
import { findTarget, type Installation, type Platform } from "../../deployment/deployment-target.ts"
import { expectedGroups } from "../../deployment/expected-groups.ts"
import { openTable } from "../../deployment/index.ts"
import type { FolderRecords } from "../../deployment/roles.ts"
import { kafkaAccess } from "../../deployment/server-access.ts"
import { done } from "../../events/result.ts"
import { ownerOf } from "../../state/lock.ts"
import { jsonText, visible } from "../../system/visible.ts"
import type { Call, Command, Ending } from "../command.ts"
import { DIR_ALIAS, DIR_PARAMETER, surroundingsOf, withFolderRecords } from "../open-records.ts"
import { TRINO, waitFor } from "../server-waits.ts"
import { codeLine, columnsOf, type ExitCode, giveUp, isUnicode } from "../terminal/io.ts"
import { type GatheredStatus, gather, type StatusSources } from "../views/status/gather.ts"
import {
  type StatusReport,
  sequenceLines,
  sequencesOf,
  statusText,
  waitingIn,
  warningsOf,
} from "../views/status/text.ts"
import { tableWidth } from "../views/text-table.ts"

async function run(call: Call): Promise<Ending> {
  const target = findTarget(call, call.args[0] ?? null)
  if (!target.ok) return giveUp(call.io, target.failure)
  if (target.value.kind === "platform") return onServers(call, target.value.platform)
  const { installation } = target.value
  return withFolderRecords(call, installation, async (records) => {
    const { log, table } = records
    const queue = done({ log, groups: async () => done([]) })
    const gathered = await gather(
      call,
      { table: done(table), queue, close: async () => undefined },
      installation.bucket,
    )
    return show(call, { ...ofFolder(records, installation), ...reported(gathered, null) }, gathered)
  })
}

const ofFolder = ({ state: { folder: state } }: FolderRecords, { bucket, root }: Installation) => ({
  bucket,
  folder: root,
  state,
  owner: ownerOf(state),
})

async function onServers(call: Call, platform: Platform): Promise<Ending> {
  const { config } = platform
  const sources = await openPlatformSources(call, platform)
  try {
    const gathered = await gather(call, sources, undefined)
    const where = { bucket: config.s3Buckets.join(",") || null, folder: null, state: config.kafkaBroker, owner: null }
    return show(call, { ...where, ...reported(gathered, intakeGroup(config)) }, gathered)
  } finally {
    await sources.close()
  }
}

/** Opens Trino and Kafka. A server that is away is a failure of its own part of the status alone. */
async function openPlatformSources(call: Call, platform: Platform): Promise<StatusSources> {
  const { config } = platform
  const surroundings = surroundingsOf(call)
  const table = await waitFor(call, TRINO, openTable({ kind: "platform", platform }, surroundings))
  const kafka = kafkaAccess(config)
  const prefix = config.kafkaTopicPrefix
  const { openUndecodedLog } = await import("../../log/kafka/index.ts")
  const log = kafka.ok
    ? openUndecodedLog({ clock: call.clock, observe: surroundings.observeKafka, kafka: kafka.value, prefix })
    : null
  return {
    table,
    queue:
      log === null
        ? (kafka as Extract<typeof kafka, { ok: false }>)
        : done({ log, groups: () => log.groups(expectedGroups(config)) }),
    close: async () => {
      await Promise.all([log?.close(), table.ok ? table.value.close() : null])
    },
  }
}

function reported(gathered: GatheredStatus, intakeId: string | null) {
  const { tally, sequences, positions, missing } = gathered
  const groups = positions?.groups ?? []
  return {
    states: tally?.states ?? null,
    failures: tally?.failures ?? null,
    sequences: sequencesOf(sequences),
    oldestQueuedMs: tally?.oldestQueuedMs ?? null,
    unreachable: tally?.unreachable ?? null,
    lag: positions?.lag ?? null,
    intake: positions === null ? null : groups.flatMap((one) => (one.groupId === intakeId ? one.positions : [])),
    groups:
      positions === null
        ? null
        : groups.map((one) => ({
            group: one.groupId,
            hasBegun: one.hasBegun,
            members: one.members,
            waiting: waitingIn(one),
          })),
    warnings: warningsOf(gathered, intakeId === null),
    missing,
  }
}

function show({ io, options, clock, env }: Call, report: StatusReport, { sequences }: GatheredStatus): ExitCode {
  const screen = { columns: columnsOf(io.stdout), characters: isUnicode(env) ? "unicode" : "ascii" } as const
  const width = tableWidth(io)
  const text = (): string =>
    statusText(report, { nowMs: clock.nowMs(), width }, sequenceLines(sequences ?? [], screen, width))
  io.stdout.write(options.json === true ? `${jsonText(report)}\n` : text())
  for (const { part, code, says } of report.missing) {
    io.stderr.write(`error: not shown: ${visible(PARTS[part])}: ${visible(says)}\n${codeLine({ code })}`)
  }
  if (report.missing.length === 0) return 0
  return report.missing.every(({ code }) => code === "config/invalid") ? 2 : 3
}

const PARTS = {
  table: "what is done, queued and failed",
  positions: "how far the groups are",
  queue: "queued frames that no group will reach",
} as const

export const status: Command = {
  details:
    "On servers it asks Trino and the brokers, never the schema registry or the store; where one of them is away, the rest is shown, what is missing is named (field `missing` of --json), and the exit code is 3. It waits 20 s for a server, 60 s for a look through the queue. It warns (field `warnings`) of frames that are marked as queued and will reach no group, of groups with work and no process, and of offsets that stand still between two looks.",
  parameters: [DIR_PARAMETER],
  options: [{ syntax: "--json", says: "one JSON object" }, DIR_ALIAS],
  settings: ["state", "platform"],
  examples: [["status shots/", "also while a run is at work"]],
  run,
}
