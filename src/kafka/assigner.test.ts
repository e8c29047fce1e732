import fc from "fast-check"
import { AssignerProtocol, type Cluster } from "kafkajs"
import { expect, it } from "vitest"
import { assignSticky, type Member, stickyAssigner, type TopicPartition } from "./assigner.ts"

const partitions = (count: number, topic = "t"): TopicPartition[] =>
  Array.from({ length: count }, (_, partition) => ({ topic, partition }))

const member = (id: string, held: Member["held"] = {}, topics: readonly string[] = ["t"]): Member => ({
  id,
  topics,
  held,
})

const numbers = (shares: ReturnType<typeof assignSticky>, id: string): number[] =>
  (shares.get(id) ?? []).map(({ partition }) => partition).toSorted((one, other) => one - other)

it("shares out evenly among new members", () => {
  const shares = assignSticky([member("a"), member("b"), member("c")], partitions(7), Number.POSITIVE_INFINITY)
  expect([...shares.values()].map(({ length }) => length).toSorted()).toEqual([2, 2, 3])
})

it("leaves a member what it held when another joins, down to its share", () => {
  const shares = assignSticky([member("new"), member("old", { t: [0, 1, 2, 3] })], partitions(4), 9)
  expect(numbers(shares, "old")).toEqual([0, 1])
  expect(numbers(shares, "new")).toEqual([2, 3])
})

it("moves nothing that need not move when a member leaves", () => {
  const shares = assignSticky([member("a", { t: [0, 1] }), member("b", { t: [2, 3] })], partitions(6), 9)
  expect(numbers(shares, "a").slice(0, 2)).toEqual([0, 1])
  expect(numbers(shares, "b").slice(0, 2)).toEqual([2, 3])
})

it("keeps the one that works at work, whoever joins, where one is to be active", () => {
  const members = [member("aaa"), member("worker", { t: [0, 1] }), member("zzz")]
  const shares = assignSticky(members, partitions(3), 1)
  expect(numbers(shares, "worker")).toEqual([0, 1, 2])
  expect([shares.get("aaa"), shares.get("zzz")]).toEqual([[], []])
})

it("gives a topic only to members that subscribed to it", () => {
  const members = [member("old", {}, ["t"]), member("new", {}, ["t", "u"])]
  const shares = assignSticky(members, [...partitions(2), ...partitions(3, "u")], 9)
  expect(shares.get("old")?.every(({ topic }) => topic === "t")).toBe(true)
  expect(shares.get("new")?.filter(({ topic }) => topic === "u")).toHaveLength(3)
})

it("gives every partition to exactly one member, evenly, whatever members claim to have held", () => {
  const held = fc.array(fc.nat(11), { maxLength: 12 }).map((list) => ({ t: list }))
  const members = fc
    .uniqueArray(fc.record({ id: fc.string({ minLength: 1 }), held }), {
      minLength: 1,
      maxLength: 6,
      selector: ({ id }) => id,
    })
    .map((list) => list.map(({ id, held: claim }) => member(id, claim)))
  fc.assert(
    fc.property(members, fc.nat(12), fc.integer({ min: 1, max: 6 }), (all, count, mostActive) => {
      const shares = [...assignSticky(all, partitions(count), mostActive).values()]
      const given = shares.flat().map(({ partition }) => partition)
      expect(given.toSorted((one, other) => one - other)).toEqual(partitions(count).map(({ partition }) => partition))
      const sizes = shares.map(({ length }) => length).toSorted((one, other) => other - one)
      const active = sizes.slice(0, Math.min(mostActive, all.length))
      expect(Math.max(...active) - Math.min(...active)).toBeLessThanOrEqual(1)
      expect(shares.filter(({ length }) => length > 0).length).toBeLessThanOrEqual(mostActive)
    }),
  )
})

/** As kafkajs calls it, with a cluster that has one topic of three partitions. */
async function assigned(userData: readonly string[]) {
  const cluster = {
    addMultipleTargetTopics: async () => undefined,
    findTopicPartitionMetadata: () => [0, 1, 2].map((partitionId) => ({ partitionId })),
  } as unknown as Cluster
  const assigner = stickyAssigner(9, () => ({}))({ cluster, groupId: "g", logger: undefined as never })
  const members = userData.map((text, index) => ({
    memberId: `m${index}`,
    memberMetadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics: ["t"], userData: Buffer.from(text) }),
  }))
  const shares = await assigner.assign({ members, topics: ["t"] })
  return shares.map(({ memberAssignment }) => AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment.t)
}

it("carries what a member holds through the group's own protocol", async () => {
  expect(await assigned(["{}", '{"t":[0,2]}'])).toEqual([[1], [0, 2]])
})

it.each(["", "not json", '{"t":[0],}', '{"t":["x"]}', "[1]", "\u0000"])(
  "takes %j for holding nothing",
  async (text) => {
    expect((await assigned([text])).flat()).toEqual([0, 1, 2])
  },
)
