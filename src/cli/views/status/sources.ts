import { GROUPS, intakeGroup } from "../../../../topology/groups.ts"
import type { Config } from "../../../config/index.ts"
import type { Platform } from "../../../deployment/deployment-target.ts"
import { openPlatformTable } from "../../../deployment/platform.ts"
import { kafkaAccess } from "../../../deployment/server-access.ts"
import { done, type Result } from "../../../events/result.ts"
import type { GroupPositions, GroupTopics } from "../../../kafka/positions.ts"
import type { EventLog } from "../../../log/index.ts"
import type { Table } from "../../../table/index.ts"
import type { Call } from "../../command.ts"
import { TRINO, waitFor } from "../../waited-for.ts"
import { openingOf } from "../../with-place.ts"

/** What can be asked about the queue; on servers neither schemas nor a registry are needed for it. */
export type QueueSource = {
  readonly log: Pick<EventLog, "lag" | "read" | "ends">
  /** Every group that should be at work, also one that never began; empty for a folder, which has one process. */
  readonly groups: () => Promise<Result<readonly GroupPositions[]>>
}

/** The parts that status is made of, each there or not. */
export type StatusSources = {
  readonly table: Result<Pick<Table, "elements">>
  readonly queue: Result<QueueSource>
  readonly close: () => Promise<void>
}

/** Opens Trino and the way to the brokers, at once; what is away is a failure of that part alone. */
export async function openPlatformSources(call: Call, platform: Platform): Promise<StatusSources> {
  const { config } = platform
  const opening = openingOf(call, platform)
  const table = await waitFor(call, TRINO, openPlatformTable(opening, false))
  const kafka = kafkaAccess(config)
  const prefix = config.kafkaTopicPrefix
  const { openUndecodedLog } = await import("../../../log/kafka/index.ts")
  const log = kafka.ok ? openUndecodedLog({ ...opening, kafka: kafka.value, prefix }) : null
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

/** The intake's topics are another system's; where these settings do not name them, those that the group reads. */
function expectedGroups(config: Config): readonly GroupTopics[] {
  const prefix = config.kafkaTopicPrefix
  const topics = config.intakeTopics.map(({ topic }) => topic)
  return [
    { groupId: intakeGroup(config), topics: topics.length === 0 ? null : topics },
    ...Object.values(GROUPS).map(({ group, consumes }) => ({
      groupId: `${prefix}${group}`,
      topics: consumes.map((topic) => `${prefix}${topic}`),
    })),
  ]
}
