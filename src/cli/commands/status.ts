import { intakeGroup } from "../../../topology/groups.ts"
import { findTarget, type Installation, type Platform } from "../../deployment/deployment-target.ts"
import type { Records } from "../../deployment/folder.ts"
import { done } from "../../events/result.ts"
import { ownerOf } from "../../state/lock.ts"
import { jsonText, visible } from "../../system/visible.ts"
import type { Call, Command, Ending } from "../command.ts"
import type { ExitCode } from "../exit-codes.ts"
import { giveUp } from "../terminal/io.ts"
import { type Gathered, gather } from "../views/status/gather.ts"
import { openPlatformSources } from "../views/status/sources.ts"
import { asText, type Report } from "../views/status/text.ts"
import { waitingIn, warningsOf } from "../views/status/warnings.ts"
import { DIR_PARAMETER, withRecords } from "../with-records.ts"

async function run(call: Call): Promise<Ending> {
  const given = call.args[0] ?? null
  const place = findTarget(call, given)
  if (!place.ok) return giveUp(call.io, place.failure)
  if (place.value.kind === "platform") return onServers(call, place.value.platform)
  return withRecords(call, given, { mode: "read" }, async (records, installation) => {
    const { log, table } = records
    const queue = done({ log, groups: async () => done([]) })
    const gathered = await gather(
      call,
      { table: done(table), queue, close: async () => undefined },
      installation.bucket,
    )
    return show(call, { ...ofFolder(records, installation), ...reported(gathered, null) })
  })
}

const ofFolder = ({ state: { folder: state } }: Records, { bucket, root }: Installation) => ({
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
    return show(call, { ...where, ...reported(gathered, intakeGroup(config)) })
  } finally {
    await sources.close()
  }
}

function reported(gathered: Gathered, intakeId: string | null) {
  const { tally, positions, missing } = gathered
  const groups = positions?.groups ?? []
  return {
    states: tally?.states ?? null,
    failures: tally?.failures ?? null,
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

function show({ io, options, clock }: Call, report: Report): ExitCode {
  io.stdout.write(options.json === true ? `${jsonText(report)}\n` : asText(report, clock.nowMs()))
  for (const { part, code, says } of report.missing) {
    io.stderr.write(`error: not shown: ${visible(PARTS[part])}: ${visible(says)}\ncode: ${code} (docs/failures.md)\n`)
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
  options: [
    { syntax: "--json", says: "one JSON object" },
    { syntax: "--dir <dir>", says: "the same as [dir]" },
  ],
  settings: ["state", "platform"],
  examples: [["status shots/", "also while a run is at work"]],
  run,
}
