import type { Assignment, IHeaders, KafkaMessage, Offsets } from "kafkajs"
import type { Names } from "../../kafka/topics.ts"
import type { Subscription, Topic } from "../index.ts"
import { createRoundRobin, foldersOf, type RoundRobin } from "../round-robin.ts"
import {
  abandon,
  backlogOf,
  type FetchedRecord,
  isOvertaken,
  type Partition,
  type PartitionBuffer,
  partitionBuffer,
  takeFrom,
  takeInto,
} from "./partition-buffer.ts"

/** An offset that the group should be moved to. */
export type DueOffset = { readonly buffer: PartitionBuffer; readonly offset: number }

export type TakenPage = { readonly buffer: PartitionBuffer; readonly messages: readonly KafkaMessage[] }

export type TakenMessage = { readonly buffer: PartitionBuffer; readonly message: KafkaMessage }

/** The partitions that a member holds, and the order in which their records are delivered. */
export type AssignedPartitions = {
  /** After a rejoin: other partitions are lost, those that stay keep their work. Gives how many were lost. */
  reassign(partitions: readonly Partition[]): number
  /** Takes fetched records of a partition in; what is known already is left out. */
  takeIn(partition: Partition, fetched: readonly FetchedRecord[]): void
  /** The next record, of another partition or, where it looks ahead, folder at each turn; it counts as out. Null when none waits. */
  take(): TakenMessage | null
  /** All that waits in the next partition of which nothing is out, up to so many records; they count as out. Null when none does. */
  takePage(most: number): TakenPage | null
  /** Offsets that the group should be moved to; with `onlyMoved` false also where it should be already. */
  due(onlyMoved: boolean): readonly DueOffset[]
  /** What lets a directory be held back, null where directories take no turns. */
  readonly turns: Pick<RoundRobin<unknown>, "hold" | "release"> | null
  /** Deliveries of all partitions that are not acknowledged. */
  out(): number
  all(): readonly PartitionBuffer[]
  /** Whether so many records of a partition wait that fetching should pause, or so few that it should go on. */
  fill(buffer: PartitionBuffer): { readonly isEnough: boolean; readonly isLittle: boolean }
}

type QueuedMessage = TakenMessage & { readonly bytes: number }

/** Records of a partition that wait before its fetching pauses, where folders take no turns. */
const MOST_WAITING = 512

/** Bytes of records that wait, all partitions together. */
const MOST_BYTES = 64 * 2 ** 20

const nameOf = ({ topic, partition }: Partition): string => `${topic}/${partition}`

/**
 * `onHeld` hears of partitions that are new here, or come back. `lookAhead`: most records that wait so that directories can take turns; 0:
 * partitions take turns, each in order.
 */
export function createAssignedPartitions(
  lookAhead = 0,
  onHeld: NonNullable<Subscription["onHeld"]> = () => undefined,
): AssignedPartitions {
  const buffers = new Map<string, PartitionBuffer>()
  const turns = createRoundRobin<QueuedMessage>()
  const all = (): PartitionBuffer[] => [...buffers.values()]
  const forgetLost = (): void => turns.retain(({ buffer }) => !buffer.losing.signal.aborted)
  const renewed = (partition: Partition): PartitionBuffer => {
    const buffer = partitionBuffer(partition)
    buffers.set(nameOf(partition), buffer)
    onHeld({ ...partition, lost: buffer.losing.signal })
    return buffer
  }
  return {
    turns: lookAhead > 0 ? turns : null,
    reassign: (partitions) => {
      const names = new Set(partitions.map(nameOf))
      const lost = all().filter(({ at }) => !names.has(nameOf(at)))
      for (const buffer of lost) {
        buffers.delete(nameOf(buffer.at))
        abandon(buffer)
      }
      for (const buffer of buffers.values()) {
        buffer.mayCommit = false
        buffer.paused = false
      }
      for (const partition of partitions) if (!buffers.has(nameOf(partition))) renewed(partition)
      if (lost.length > 0) forgetLost()
      return lost.length
    },
    takeIn: (partition, fetched) => {
      const [first] = fetched
      const known = buffers.get(nameOf(partition))
      if (first === undefined || known === undefined) return
      if (!isOvertaken(known, first.offset)) return takeInto(known, fetched)
      abandon(known)
      forgetLost()
      takeInto(renewed(partition), fetched)
    },
    take: () => {
      for (const buffer of buffers.values()) enqueue(buffer, turns, lookAhead)
      const next = turns.take()
      if (next === undefined) return null
      const { buffer, message, bytes } = next
      buffer.queued--
      buffer.queuedBytes -= bytes
      buffer.out++
      return { buffer, message }
    },
    takePage: (most) => takePage(buffers, most),
    due: (onlyMoved) => all().flatMap((buffer) => dueOf(buffer, onlyMoved)),
    out: () => all().reduce((sum, { out }) => sum + out, 0),
    all,
    fill: (buffer) => {
      const [most, mostBytes] = [Math.max(MOST_WAITING, lookAhead / buffers.size), MOST_BYTES / buffers.size]
      const backlog = backlogOf(buffer)
      return {
        isEnough: backlog >= most || buffer.queuedBytes >= mostBytes,
        isLittle: backlog <= most / 4 && buffer.queuedBytes <= mostBytes / 4,
      }
    },
  }
}

/** Gives what waits in a buffer its place among the turns: all of it where folders take turns, else one record. */
function enqueue(buffer: PartitionBuffer, turns: RoundRobin<QueuedMessage>, lookAhead: number): void {
  while (lookAhead > 0 || buffer.queued === 0) {
    const message = takeFrom(buffer)
    if (message === null) return
    const bytes = bytesOf(message)
    buffer.queued++
    buffer.queuedBytes += bytes
    if (lookAhead === 0) turns.add([nameOf(buffer.at)], { buffer, message, bytes })
    else
      turns.add(foldersOf(buffer.at.topic, message.key?.toString() ?? null), {
        buffer,
        message: copied(message),
        bytes,
      })
  }
}

/** The other partitions come first next time. */
function takePage(buffers: Map<string, PartitionBuffer>, most: number): TakenPage | null {
  for (const [name, buffer] of buffers) {
    const messages = buffer.out > 0 ? [] : pageOf(buffer, most)
    if (messages.length === 0) continue
    buffer.out += messages.length
    buffers.delete(name)
    buffers.set(name, buffer)
    return { buffer, messages }
  }
  return null
}

function pageOf(buffer: PartitionBuffer, most: number): readonly KafkaMessage[] {
  const messages: KafkaMessage[] = []
  while (messages.length < most) {
    const message = takeFrom(buffer)
    if (message === null) break
    messages.push(message)
  }
  return messages
}

function dueOf(buffer: PartitionBuffer, onlyMoved: boolean): readonly DueOffset[] {
  const offset = buffer.tracker.watermark()
  if (!buffer.mayCommit || offset === null) return []
  return onlyMoved && offset === buffer.committed ? [] : [{ buffer, offset }]
}

/** Estimated memory of a message: key and value, and as much again for headers and objects. */
const bytesOf = ({ key, value }: KafkaMessage): number => 2 * ((key?.length ?? 0) + (value?.length ?? 0))

/** A message is a view of the response that brought it: one that waits for long must not keep all of that. */
function copied(message: KafkaMessage): KafkaMessage {
  const { key, value, headers = {} } = message
  const held = { key: key === null ? null : Buffer.from(key), value: value === null ? null : Buffer.from(value) }
  return { ...message, ...held, headers: copiedHeaders(headers) } as KafkaMessage
}

const copyOf = (value: Buffer | string): Buffer | string => (typeof value === "string" ? value : Buffer.from(value))

const copiedHeaders = (headers: IHeaders): IHeaders =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.map(copyOf) : copyOf(value)]],
    ),
  )

/** The partitions of an assignment that belong to `topics`. */
export const partitionsIn = (assignment: Assignment, topics: readonly Topic[], names: Names): readonly Partition[] =>
  topics.flatMap((topic) => (assignment[names.topic(topic)] ?? []).map((partition) => ({ topic, partition })))

/** The reverse: what a member tells the others that it holds. */
export function assignmentOf({ all }: AssignedPartitions, names: Names): Assignment {
  const held: Assignment = {}
  for (const { at } of all()) {
    const topic = names.topic(at.topic)
    held[topic] = [...(held[topic] ?? []), at.partition]
  }
  return held
}

/** The group's offsets were moved there. */
export function settleOffsets(due: readonly DueOffset[]): void {
  for (const { buffer, offset } of due) {
    buffer.committed = offset
    buffer.tracker.settle()
  }
}

/** Offsets as the client takes them. */
export const offsetsOf = (due: readonly DueOffset[], names: Names): Offsets => ({
  topics: [...Map.groupBy(due, ({ buffer }) => names.topic(buffer.at.topic))].map(([topic, each]) => ({
    topic,
    partitions: each.map(({ buffer, offset }) => ({ partition: buffer.at.partition, offset: String(offset) })),
  })),
})
