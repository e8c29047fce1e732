import { GROUPS, intakeGroup } from "../../topology/groups.ts"
import type { Config } from "../config/index.ts"
import { asksForReviews } from "../config/review-rules.ts"
import { done, type Result } from "../events/result.ts"
import type { GroupPositions, GroupTopics } from "../kafka/positions.ts"
import type { AdapterSurroundings } from "./roles.ts"
import { kafkaAccess } from "./server-access.ts"

/** Groups that should be at work. Where the settings name no intake topics, those that the intake group reads count. */
export function expectedGroups(config: Config): readonly GroupTopics[] {
  const prefix = config.kafkaTopicPrefix
  const topics = config.intakeTopics.map(({ topic }) => topic)
  return [
    { groupId: intakeGroup(config), topics: topics.length === 0 ? null : topics },
    ...Object.values(GROUPS)
      .filter((one) => one !== GROUPS.reviewer || asksForReviews(config))
      .map(({ group, consumes }) => ({
        groupId: `${prefix}${group}`,
        topics: consumes.map((topic) => `${prefix}${topic}`),
      })),
  ]
}

export type GroupsOnServers = {
  /** Every group that should be at work, also one that never began. Fails log/unreachable, log/refused. */
  readonly groups: () => Promise<Result<readonly GroupPositions[]>>
  readonly close: () => Promise<void>
}

/** Asks the brokers for the groups; they are reached when something is asked. Fails config/invalid. */
export async function openGroups(
  config: Config,
  { clock, observeKafka: observe }: AdapterSurroundings,
): Promise<Result<GroupsOnServers>> {
  const kafka = kafkaAccess(config)
  if (!kafka.ok) return kafka
  const { openUndecodedLog } = await import("../log/kafka/index.ts")
  const log = openUndecodedLog({ kafka: kafka.value, prefix: config.kafkaTopicPrefix, clock, observe })
  return done({ groups: () => log.groups(expectedGroups(config)), close: () => log.close() })
}
