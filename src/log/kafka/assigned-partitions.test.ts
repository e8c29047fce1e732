import type { KafkaMessage } from "kafkajs"
import { expect, it } from "vitest"
import { namesWith } from "../../kafka/topics.ts"
import { type AssignedPartitions, assignmentOf, createAssignedPartitions } from "./assigned-partitions.ts"
import type { FetchedRecord, Partition } from "./partition-buffer.ts"

const at = (partition: number): Partition => ({ topic: "element-created", partition })

const messageAt = (offset: number): KafkaMessage => ({
  ...{ key: null, value: Buffer.from("v"), timestamp: "0", attributes: 0, headers: {} },
  offset: String(offset),
})

const records = (...offsets: number[]): FetchedRecord[] =>
  offsets.map((offset) => ({ offset, message: messageAt(offset) }))

const keyed = (...keys: string[]): FetchedRecord[] =>
  keys.map((key, offset) => ({ offset, message: { ...messageAt(offset), key: Buffer.from(key) } }))

/** Takes everything that waits. */
function drain(partitions: AssignedPartitions) {
  const taken: NonNullable<ReturnType<AssignedPartitions["take"]>>[] = []
  for (let next = partitions.take(); next !== null; next = partitions.take()) taken.push(next)
  return taken
}

const offsetsOf = (taken: ReturnType<typeof drain>): number[] => taken.map(({ message }) => Number(message.offset))

const dueOf = (partitions: AssignedPartitions) =>
  partitions.due(true).map(({ buffer, offset }) => [buffer.at.partition, offset])

function held(...numbers: number[]): AssignedPartitions {
  const partitions = createAssignedPartitions()
  partitions.reassign(numbers.map(at))
  return partitions
}

it("gives records of all partitions in turn, each partition in order", () => {
  const partitions = held(0, 1)
  partitions.takeIn(at(0), records(0, 1, 2))
  partitions.takeIn(at(1), records(7, 8))
  expect(offsetsOf(drain(partitions))).toEqual([0, 7, 1, 8, 2])
})

it("moves the offset up to the first record that is not done, over holes", () => {
  const partitions = held(0)
  partitions.takeIn(at(0), records(3, 7, 9))
  const [first, second, third] = drain(partitions)
  expect(dueOf(partitions)).toEqual([[0, 3]])
  second?.buffer.tracker.finish(7)
  third?.buffer.tracker.finish(9)
  expect(dueOf(partitions)).toEqual([[0, 3]])
  first?.buffer.tracker.finish(3)
  expect(dueOf(partitions)).toEqual([[0, 10]])
})

it("passes over offsets that hold nothing for readers", () => {
  const partitions = held(0)
  partitions.takeIn(at(0), [...records(0), { offset: 1, message: null }])
  partitions.takeIn(at(0), [{ offset: 5, message: null }])
  const taken = drain(partitions)
  taken[0]?.buffer.tracker.finish(0)
  expect(dueOf(partitions)).toEqual([[0, 6]])
})

it("keeps the work of a partition that stays, and does not take in again what is fetched again", () => {
  const partitions = held(0)
  partitions.takeIn(at(0), records(0, 1, 2))
  const [first] = drain(partitions)
  expect(partitions.reassign([at(0), at(1)])).toBe(0)
  partitions.takeIn(at(0), records(0, 1, 2, 3))
  expect(first?.buffer.losing.signal.aborted).toBe(false)
  expect(offsetsOf(drain(partitions))).toEqual([3])
})

it("loses the work of a partition that goes, and starts afresh when it comes back", () => {
  const partitions = held(0, 1)
  partitions.takeIn(at(0), records(0, 1))
  const [first] = drain(partitions)
  expect(partitions.reassign([at(1)])).toBe(1)
  expect(first?.buffer.losing.signal.aborted).toBe(true)
  expect(partitions.out()).toBe(0)
  partitions.reassign([at(0), at(1)])
  partitions.takeIn(at(0), records(0, 1))
  expect(offsetsOf(drain(partitions))).toEqual([0, 1])
})

it("ignores what is fetched of a partition that it does not hold", () => {
  const partitions = held(0)
  partitions.takeIn(at(5), records(0))
  expect(drain(partitions)).toEqual([])
})

it("moves no offset after a rejoin until the fetching shows where the group is", () => {
  const partitions = held(0)
  partitions.takeIn(at(0), records(0, 1))
  const [first] = drain(partitions)
  partitions.reassign([at(0)])
  first?.buffer.tracker.finish(0)
  expect(dueOf(partitions)).toEqual([])
  partitions.takeIn(at(0), records(0, 1))
  expect(dueOf(partitions)).toEqual([[0, 1]])
})

it("gives its work up when another member moved the offset past it meanwhile, and goes on from there", () => {
  const partitions = held(0)
  partitions.takeIn(at(0), records(0, 1))
  const [first] = drain(partitions)
  partitions.reassign([at(0)])
  partitions.takeIn(at(0), records(50, 51))
  expect(first?.buffer.losing.signal.aborted).toBe(true)
  expect(offsetsOf(drain(partitions))).toEqual([50, 51])
  expect(dueOf(partitions)).toEqual([[0, 50]])
})

it("writes an offset once, and again when it is to be asserted", () => {
  const partitions = held(0)
  partitions.takeIn(at(0), records(4))
  drain(partitions)
  for (const { buffer, offset } of partitions.due(true)) buffer.committed = offset
  expect(dueOf(partitions)).toEqual([])
  expect(partitions.due(false)).toHaveLength(1)
})

it("lets folders take turns where it looks ahead, across partitions, and each keeps its order", () => {
  const partitions = createAssignedPartitions(1000)
  partitions.reassign([at(0), at(1)])
  partitions.takeIn(at(0), keyed("b/large/1", "b/large/2", "b/large/3", "b/small/1"))
  partitions.takeIn(at(1), keyed("b/large/4", "b/small/2"))
  const taken = drain(partitions)
  expect(taken.map(({ message }) => message.key?.toString())).toEqual([
    "b/large/1",
    "b/small/1",
    "b/large/2",
    "b/small/2",
    "b/large/3",
    "b/large/4",
  ])
  for (const { buffer, message } of taken.slice(1)) buffer.tracker.finish(Number(message.offset))
  expect(dueOf(partitions)).toEqual([
    [0, 0],
    [1, 2],
  ])
})

it("drops what waits of a partition that is lost, and keeps the rest in line", () => {
  const partitions = createAssignedPartitions(1000)
  partitions.reassign([at(0), at(1)])
  partitions.takeIn(at(0), keyed("b/large/1", "b/large/2"))
  partitions.takeIn(at(1), keyed("b/small/1", "b/small/2"))
  partitions.take()
  expect(partitions.reassign([at(1)])).toBe(1)
  expect(drain(partitions).map(({ message }) => message.key?.toString())).toEqual(["b/small/1", "b/small/2"])
})

it("has enough when records or bytes wait up to its bounds, whichever comes first", () => {
  const partitions = createAssignedPartitions(1000)
  partitions.reassign([at(0)])
  const [buffer] = partitions.all()
  const fill = () => (buffer === undefined ? null : partitions.fill(buffer))
  expect(fill()).toEqual({ isEnough: false, isLittle: true })
  partitions.takeIn(at(0), keyed(...Array.from({ length: 1000 }, (_, frame) => `b/x/${frame}`)))
  expect(fill()).toEqual({ isEnough: true, isLittle: false })
  drain(partitions)
  const heavy = { ...messageAt(2000), value: Buffer.alloc(33 * 2 ** 20) }
  partitions.takeIn(at(0), [
    { offset: 2000, message: heavy },
    { offset: 2001, message: messageAt(2001) },
  ])
  partitions.take()
  expect(fill()?.isEnough).toBe(false)
  partitions.takeIn(at(0), [{ offset: 2002, message: { ...heavy, offset: "2002" } }])
  partitions.take()
  expect(fill()).toEqual({ isEnough: true, isLittle: false })
})

it("tells what it holds by the names on the brokers", () => {
  expect(assignmentOf(held(2, 0), namesWith("oiio."))).toEqual({ "oiio.element-created": [2, 0] })
})
