import type { Admin } from "kafkajs"
import { classify } from "./failures.ts"

/** A consumer group and the topics that it should read, both by their names on the brokers. */
export type GroupTopics = {
  readonly groupId: string
  /** Null: those that it has an offset in. */
  readonly topics: readonly string[] | null
}

export type PartitionPosition = {
  readonly topic: string
  readonly partition: number
  /** The next offset that the group reads. */
  readonly committed: number
  /** The next offset that will be written. */
  readonly end: number
  readonly lag: number
}

export type GroupPositions = {
  readonly groupId: string
  /** Whether it ever committed an offset in one of the topics. */
  readonly hasBegun: boolean
  /** Processes in the group now; null where the brokers do not tell. */
  readonly members: number | null
  readonly positions: readonly PartitionPosition[]
  /** Topics that the brokers do not have. */
  readonly missingTopics: readonly string[]
}

/** How far each group is in every partition of its topics: one without an offset is read from its start. */
export async function groupPositions(admin: Admin, groups: readonly GroupTopics[]): Promise<readonly GroupPositions[]> {
  const there = new Set(await admin.listTopics())
  const members = await membersOf(
    admin,
    groups.map(({ groupId }) => groupId),
  )
  return Promise.all(
    groups.map(async ({ groupId, topics }) => {
      const wanted = topics?.filter((topic) => there.has(topic))
      const committed =
        wanted?.length === 0
          ? []
          : await admin.fetchOffsets({ groupId, ...(wanted === undefined ? {} : { topics: wanted }) })
      const known = wanted ?? committed.map(({ topic }) => topic).filter((topic) => there.has(topic))
      const offsets = new Map(
        committed.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => [`${partition} ${topic}`, Number(offset)] as const),
        ),
      )
      const each = await Promise.all(known.map((topic) => positionsIn(admin, topic, offsets)))
      return {
        groupId,
        hasBegun: [...offsets.values()].some((offset) => offset >= 0),
        members: members.get(groupId) ?? null,
        positions: each.flat(),
        missingTopics: (topics ?? []).filter((topic) => !there.has(topic)),
      }
    }),
  )
}

async function positionsIn(
  admin: Admin,
  topic: string,
  offsets: ReadonlyMap<string, number>,
): Promise<readonly PartitionPosition[]> {
  const extents = await admin.fetchTopicOffsets(topic)
  return extents
    .map(({ partition, low, high }) => {
      const end = Number(high)
      const committed = Math.max(offsets.get(`${partition} ${topic}`) ?? -1, Number(low))
      return { topic, partition, committed, end, lag: Math.max(0, end - committed) }
    })
    .toSorted((one, other) => one.partition - other.partition)
}

/** Empty where the brokers do not tell, as some that only speak Kafka's protocol do not. */
async function membersOf(admin: Admin, groupIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  try {
    const { groups } = await admin.describeGroups([...groupIds])
    return new Map(groups.map(({ groupId, members }) => [groupId, members.length]))
  } catch (error) {
    if (classify(error, "").kind === "outage") throw error
    return new Map()
  }
}
