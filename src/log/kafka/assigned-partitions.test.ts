import type { KafkaMessage } from "kafkajs"
import { expect, it } from "vitest"
import { createLanes, heldPlaces, type Lanes } from "./assigned-partitions.ts"
import type { Fetched, Place } from "./partition-buffer.ts"
import { namesWith } from "./topic-names.ts"

const at = (partition: number): Place => ({ topic: "element-created", partition })

const messageAt = (offset: number): KafkaMessage => ({
  ...{ key: null, value: Buffer.from("v"), timestamp: "0", attributes: 0, headers: {} },
  offset: String(offset),
})

const records = (...offsets: number[]): Fetched[] => offsets.map((offset) => ({ offset, message: messageAt(offset) }))

const keyed = (...keys: string[]): Fetched[] =>
  keys.map((key, offset) => ({ offset, message: { ...messageAt(offset), key: Buffer.from(key) } }))

/** Takes everything that waits. */
function drain(lanes: Lanes) {
  const taken: NonNullable<ReturnType<Lanes["take"]>>[] = []
  for (let next = lanes.take(); next !== null; next = lanes.take()) taken.push(next)
  return taken
}

const offsetsOf = (taken: ReturnType<typeof drain>): number[] => taken.map(({ message }) => Number(message.offset))

const dueOf = (lanes: Lanes) => lanes.due(true).map(({ lane, offset }) => [lane.place.partition, offset])

function held(...partitions: number[]): Lanes {
  const lanes = createLanes()
  lanes.reassign(partitions.map(at))
  return lanes
}

it("gives records of all partitions in turn, each partition in order", () => {
  const lanes = held(0, 1)
  lanes.takeIn(at(0), records(0, 1, 2))
  lanes.takeIn(at(1), records(7, 8))
  expect(offsetsOf(drain(lanes))).toEqual([0, 7, 1, 8, 2])
})

it("moves the offset up to the first record that is not done, over holes", () => {
  const lanes = held(0)
  lanes.takeIn(at(0), records(3, 7, 9))
  const [first, second, third] = drain(lanes)
  expect(dueOf(lanes)).toEqual([[0, 3]])
  second?.lane.tracker.finish(7)
  third?.lane.tracker.finish(9)
  expect(dueOf(lanes)).toEqual([[0, 3]])
  first?.lane.tracker.finish(3)
  expect(dueOf(lanes)).toEqual([[0, 10]])
})

it("passes over offsets that hold nothing for readers", () => {
  const lanes = held(0)
  lanes.takeIn(at(0), [...records(0), { offset: 1, message: null }])
  lanes.takeIn(at(0), [{ offset: 5, message: null }])
  const taken = drain(lanes)
  taken[0]?.lane.tracker.finish(0)
  expect(dueOf(lanes)).toEqual([[0, 6]])
})

it("keeps the work of a partition that stays, and does not take in again what is fetched again", () => {
  const lanes = held(0)
  lanes.takeIn(at(0), records(0, 1, 2))
  const [first] = drain(lanes)
  expect(lanes.reassign([at(0), at(1)])).toBe(0)
  lanes.takeIn(at(0), records(0, 1, 2, 3))
  expect(first?.lane.losing.signal.aborted).toBe(false)
  expect(offsetsOf(drain(lanes))).toEqual([3])
})

it("loses the work of a partition that goes, and starts afresh when it comes back", () => {
  const lanes = held(0, 1)
  lanes.takeIn(at(0), records(0, 1))
  const [first] = drain(lanes)
  expect(lanes.reassign([at(1)])).toBe(1)
  expect(first?.lane.losing.signal.aborted).toBe(true)
  expect(lanes.out()).toBe(0)
  lanes.reassign([at(0), at(1)])
  lanes.takeIn(at(0), records(0, 1))
  expect(offsetsOf(drain(lanes))).toEqual([0, 1])
})

it("ignores what is fetched of a partition that it does not hold", () => {
  const lanes = held(0)
  lanes.takeIn(at(5), records(0))
  expect(drain(lanes)).toEqual([])
})

it("moves no offset after a rejoin until the fetching shows where the group is", () => {
  const lanes = held(0)
  lanes.takeIn(at(0), records(0, 1))
  const [first] = drain(lanes)
  lanes.reassign([at(0)])
  first?.lane.tracker.finish(0)
  expect(dueOf(lanes)).toEqual([])
  lanes.takeIn(at(0), records(0, 1))
  expect(dueOf(lanes)).toEqual([[0, 1]])
})

it("gives its work up when another member moved the offset past it meanwhile, and goes on from there", () => {
  const lanes = held(0)
  lanes.takeIn(at(0), records(0, 1))
  const [first] = drain(lanes)
  lanes.reassign([at(0)])
  lanes.takeIn(at(0), records(50, 51))
  expect(first?.lane.losing.signal.aborted).toBe(true)
  expect(offsetsOf(drain(lanes))).toEqual([50, 51])
  expect(dueOf(lanes)).toEqual([[0, 50]])
})

it("writes an offset once, and again when it is to be asserted", () => {
  const lanes = held(0)
  lanes.takeIn(at(0), records(4))
  drain(lanes)
  for (const { lane, offset } of lanes.due(true)) lane.committed = offset
  expect(dueOf(lanes)).toEqual([])
  expect(lanes.due(false)).toHaveLength(1)
})

it("lets folders take turns where it looks ahead, across partitions, and each keeps its order", () => {
  const lanes = createLanes(1000)
  lanes.reassign([at(0), at(1)])
  lanes.takeIn(at(0), keyed("b/large/1", "b/large/2", "b/large/3", "b/small/1"))
  lanes.takeIn(at(1), keyed("b/large/4", "b/small/2"))
  const taken = drain(lanes)
  expect(taken.map(({ message }) => message.key?.toString())).toEqual([
    "b/large/1",
    "b/small/1",
    "b/large/2",
    "b/small/2",
    "b/large/3",
    "b/large/4",
  ])
  for (const { lane, message } of taken.slice(1)) lane.tracker.finish(Number(message.offset))
  expect(dueOf(lanes)).toEqual([
    [0, 0],
    [1, 2],
  ])
})

it("drops what waits of a partition that is lost, and keeps the rest in line", () => {
  const lanes = createLanes(1000)
  lanes.reassign([at(0), at(1)])
  lanes.takeIn(at(0), keyed("b/large/1", "b/large/2"))
  lanes.takeIn(at(1), keyed("b/small/1", "b/small/2"))
  lanes.take()
  expect(lanes.reassign([at(1)])).toBe(1)
  expect(drain(lanes).map(({ message }) => message.key?.toString())).toEqual(["b/small/1", "b/small/2"])
})

it("has enough when records or bytes wait up to its bounds, whichever comes first", () => {
  const lanes = createLanes(1000)
  lanes.reassign([at(0)])
  const [lane] = lanes.all()
  const fill = () => (lane === undefined ? null : lanes.fill(lane))
  expect(fill()).toEqual({ isEnough: false, isLittle: true })
  lanes.takeIn(at(0), keyed(...Array.from({ length: 1000 }, (_, frame) => `b/x/${frame}`)))
  expect(fill()).toEqual({ isEnough: true, isLittle: false })
  drain(lanes)
  const heavy = { ...messageAt(2000), value: Buffer.alloc(33 * 2 ** 20) }
  lanes.takeIn(at(0), [
    { offset: 2000, message: heavy },
    { offset: 2001, message: messageAt(2001) },
  ])
  lanes.take()
  expect(fill()?.isEnough).toBe(false)
  lanes.takeIn(at(0), [{ offset: 2002, message: { ...heavy, offset: "2002" } }])
  lanes.take()
  expect(fill()).toEqual({ isEnough: true, isLittle: false })
})

it("tells what it holds by the names on the brokers", () => {
  expect(heldPlaces(held(2, 0), namesWith("oiio."))).toEqual({ "oiio.element-created": [2, 0] })
})
