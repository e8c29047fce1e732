import type { Admin } from "kafkajs"
import type { Result } from "../../events/result.ts"
import type { Brokers } from "../../kafka/index.ts"
import { type Extent, extentsOf, offsetsIn, positionsIn } from "../../kafka/positions.ts"
import type { Names } from "../../kafka/topics.ts"
import { type Lag, type LogEnd, TOPICS, type Topic } from "../index.ts"

export type Positions = {
  extents(topic: Topic): Promise<Result<readonly Extent[]>>
  /** First offset, per partition, of a record taken in at or after this time. */
  since(topic: Topic, sinceMs: number): Promise<Result<ReadonlyMap<number, number>>>
  ends(topics: readonly Topic[]): Promise<Result<LogEnd>>
  lag(group?: string): Promise<Result<readonly Lag[]>>
}

export function createPositions(brokers: Brokers, names: Names): Positions {
  const { administer } = brokers
  return {
    extents: (topic) =>
      administer(`Asking for the extent of ${topic}`, (admin) => extentsOf(admin, names.topic(topic))),
    since: (topic, sinceMs) =>
      administer(`Asking for a time in ${topic}`, async (admin) => {
        const found = await admin.fetchTopicOffsetsByTimestamp(names.topic(topic), sinceMs)
        return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]))
      }),
    ends: (topics) =>
      administer("Asking for the ends of the log", async (admin) => {
        const each = await Promise.all(
          topics.map(async (topic) =>
            (await extentsOf(admin, names.topic(topic))).map(({ partition, high }) => ({
              topic,
              partition,
              offset: high,
            })),
          ),
        )
        return each.flat()
      }),
    lag: async (group) =>
      administer("Asking for the positions of the groups", async (admin) => {
        const groups = group === undefined ? await groupsOf(admin, names) : [group]
        return (await Promise.all(groups.map((one) => lagsOf(admin, one, names)))).flat()
      }),
  }
}

async function groupsOf(admin: Admin, names: Names): Promise<readonly string[]> {
  const { groups } = await admin.listGroups()
  return groups.flatMap(({ groupId }) => names.groupOf(groupId) ?? []).toSorted()
}

/**
 * Of the topics that the group has an offset in, every partition: one without an offset is read from its start. A topic
 * without any offset of the group is none of its own.
 */
async function lagsOf(admin: Admin, group: string, names: Names): Promise<readonly Lag[]> {
  const committed = await admin.fetchOffsets({ groupId: names.group(group), topics: TOPICS.map(names.topic) })
  const read = committed.filter(({ partitions }) => partitions.some(({ offset }) => Number(offset) >= 0))
  const each = await Promise.all(read.map((one) => positionsIn(admin, one.topic, offsetsIn(one))))
  return each.flat().map((one) => ({ ...one, group, topic: one.topic.slice(names.prefix.length) as Topic }))
}
