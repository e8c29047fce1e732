import { AssignerProtocol, type Assignment, type PartitionAssigner } from "kafkajs"

/** A member of a group, as the leader of a rebalance sees it. */
export type Member = {
  readonly id: string
  readonly topics: readonly string[]
  /** The partitions that it says it held before. */
  readonly held: Assignment
}

export type TopicPartition = { readonly topic: string; readonly partition: number }

const holds = ({ held }: Member, { topic, partition }: TopicPartition): boolean =>
  held[topic]?.includes(partition) === true

const heldCount = ({ held }: Member): number => Object.values(held).reduce((sum, { length }) => sum + length, 0)

/**
 * Shares partitions out evenly, and leaves with a member what it held as far as its share allows, so that a rebalance
 * interrupts little work. At most `mostActive` members get any (1: one works, the others stand by), those that held
 * most before all others. A partition goes only to a member that subscribed to its topic. Pure: the same members and
 * partitions give the same shares, whoever leads.
 */
export function assignSticky(
  members: readonly Member[],
  partitions: readonly TopicPartition[],
  mostActive: number,
): ReadonlyMap<string, readonly TopicPartition[]> {
  const active = members
    .toSorted((one, other) => heldCount(other) - heldCount(one) || (one.id < other.id ? -1 : 1))
    .slice(0, mostActive)
  const shares = new Map<string, TopicPartition[]>(members.map(({ id }) => [id, []]))
  const share = (id: string): TopicPartition[] => shares.get(id) as TopicPartition[]
  const large = Math.ceil(partitions.length / Math.max(1, active.length))
  const homeless = partitions.filter((partition) => {
    const holder = active.find((member) => holds(member, partition) && member.topics.includes(partition.topic))
    if (holder === undefined || share(holder.id).length >= large) return true
    share(holder.id).push(partition)
    return false
  })
  for (const partition of homeless) {
    const able = active.filter(({ topics }) => topics.includes(partition.topic))
    const least = able.reduce<Member | null>(
      (best, member) => (best === null || share(member.id).length < share(best.id).length ? member : best),
      null,
    )
    if (least !== null) share(least.id).push(partition)
  }
  level(active, shares)
  return shares
}

/** Moves partitions from members that have two more than another, since rounding up lets early members keep too many. */
function level(active: readonly Member[], shares: ReadonlyMap<string, TopicPartition[]>): void {
  for (;;) {
    const sorted = active.toSorted((one, other) => sizeOf(shares, one) - sizeOf(shares, other))
    const [least, most] = [sorted[0], sorted.at(-1)]
    if (least === undefined || most === undefined || sizeOf(shares, most) - sizeOf(shares, least) < 2) return
    const theirs = shares.get(most.id) as TopicPartition[]
    const index = theirs.findLastIndex(({ topic }) => least.topics.includes(topic))
    if (index < 0) return
    shares.get(least.id)?.push(...theirs.splice(index, 1))
  }
}

const sizeOf = (shares: ReadonlyMap<string, readonly TopicPartition[]>, { id }: Member): number =>
  shares.get(id)?.length ?? 0

const VERSION = 1

/** The assigner of a group, for kafkajs; `held` tells what this member holds at the moment of joining again. */
export const stickyAssigner =
  (mostActive: number, held: () => Assignment): PartitionAssigner =>
  ({ cluster }) => ({
    name: mostActive === 1 ? "oiio-standby" : "oiio-sticky",
    version: VERSION,
    protocol: ({ topics }) => ({
      name: mostActive === 1 ? "oiio-standby" : "oiio-sticky",
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: Buffer.from(JSON.stringify(held())),
      }),
    }),
    assign: async ({ members }) => {
      const known = members.map(({ memberId, memberMetadata }) => memberOf(memberId, memberMetadata))
      const topics = [...new Set(known.flatMap(({ topics }) => topics))].toSorted()
      await cluster.addMultipleTargetTopics(topics)
      const partitions = topics.flatMap((topic) =>
        cluster.findTopicPartitionMetadata(topic).map(({ partitionId: partition }) => ({ topic, partition })),
      )
      return [...assignSticky(known, partitions, mostActive)].map(([memberId, share]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: VERSION,
          assignment: assignmentOf(share),
          userData: Buffer.alloc(0),
        }),
      }))
    },
  })

function assignmentOf(share: readonly TopicPartition[]): Assignment {
  const assignment: Assignment = {}
  for (const { topic, partition } of share) assignment[topic] = [...(assignment[topic] ?? []), partition]
  return assignment
}

function memberOf(id: string, metadata: Buffer): Member {
  const decoded = AssignerProtocol.MemberMetadata.decode(metadata)
  return { id, topics: decoded?.topics ?? [], held: heldIn(decoded?.userData) }
}

/** What a member says that it holds. Another program may have written it: what does not have our form counts as nothing. */
function heldIn(userData: Buffer | null | undefined): Assignment {
  const text = userData?.toString() ?? ""
  if (!/^\{("[\w.-]+":\[(\d+(,\d+)*)?\](,(?=")|(?=\})))*\}$/.test(text)) return {}
  return JSON.parse(text) as Assignment
}
