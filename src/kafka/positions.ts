import type { Admin } from "kafkajs"
import { classify } from "./failures.ts"

/** A consumer group and the topics that it should read, both by their names on the brokers. */
export type GroupTopics = {
  readonly groupId: string
  /** Null: the topics in which it has committed an offset. */
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
      const offsets = new Map(committed.map((one) => [one.topic, offsetsIn(one)]))
      const each = await Promise.all(known.map((topic) => positionsIn(admin, topic, offsets.get(topic) ?? new Map())))
      return {
        groupId,
        hasBegun: [...offsets.values()].some((each) => [...each.values()].some((offset) => offset >= 0)),
        members: members.get(groupId) ?? null,
        positions: each.flat(),
        missingTopics: (topics ?? []).filter((topic) => !there.has(topic)),
      }
    }),
  )
}

/** Extent of a partition: the first offset that is there, and the next that will be written. */
export type Extent = { readonly partition: number; readonly low: number; readonly high: number }

/** The extent of each partition of a topic, given by its whole name, in the order of their numbers. */
export async function extentsOf(admin: Admin, topic: string): Promise<readonly Extent[]> {
  const found = await admin.fetchTopicOffsets(topic)
  return found
    .map(({ partition, low, high }) => ({ partition, low: Number(low), high: Number(high) }))
    .toSorted((one, other) => one.partition - other.partition)
}

/** How far a group is in each partition of a topic; `offsets`: what it committed, by partition, -1 for nothing. */
export async function positionsIn(
  admin: Admin,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<readonly PartitionPosition[]> {
  return (await extentsOf(admin, topic)).map(({ partition, low, high }) => {
    const committed = Math.max(offsets.get(partition) ?? -1, low)
    return { topic, partition, committed, end: high, lag: Math.max(0, high - committed) }
  })
}

type Committed = { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }

/** Committed offsets by partition, -1 for none. */
export const offsetsIn = ({ partitions }: Committed): ReadonlyMap<number, number> =>
  new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]))

/** Members by group. Empty where the brokers do not tell: some servers that speak Kafka's protocol do not describe groups. */
async function membersOf(admin: Admin, groupIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  try {
    const { groups } = await admin.describeGroups([...groupIds])
    return new Map(groups.map(({ groupId, members }) => [groupId, members.length]))
  } catch (error) {
    if (classify(error, "").kind === "outage") throw error
    return new Map()
  }
}
