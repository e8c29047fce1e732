import type { IHeaders, KafkaMessage } from "kafkajs"
import { createTurns, foldersOf, type Turns } from "../round-robin.ts"
import { backlogOf, type Lane, takeFrom } from "./partition-buffer.ts"

/** What a member has fetched of its partitions, in the order in which it is to be delivered. */
export type Queue = {
  /** Takes over what waits in a lane; all of it where folders take turns, else one record. */
  take(lane: Lane): void
  /** The next record, which counts as out; null when none waits. */
  give(): { readonly lane: Lane; readonly message: KafkaMessage } | null
  /** Directories take turns, so that one can be held back; null where they do not. */
  readonly turns: Pick<Turns<unknown>, "hold" | "release"> | null
  /** Drops the records of lanes that were lost. */
  forgetLost(): void
  /** Whether enough of a lane waits, or so little that its fetching should go on. */
  fill(lane: Lane, lanes: number): { readonly isEnough: boolean; readonly isLittle: boolean }
}

type Queued = { readonly lane: Lane; readonly message: KafkaMessage; readonly bytes: number }

/** Records of a partition that wait before its fetching pauses, where folders take no turns. */
const MOST_WAITING = 512

/** Bytes of records that wait, all partitions together. */
const MOST_BYTES = 64 * 2 ** 20

/** `lookAhead`: most records that wait so that folders can take turns; 0: partitions take turns, each in order. */
export function createQueue(lookAhead: number): Queue {
  const turns = createTurns<Queued>()
  const pathOf = ({ place: { topic, partition } }: Lane, { key }: KafkaMessage): readonly string[] =>
    lookAhead > 0 ? foldersOf(topic, key?.toString() ?? null) : [`${topic}/${partition}`]
  return {
    turns: lookAhead > 0 ? turns : null,
    take: (lane) => {
      while (lookAhead > 0 || lane.queued === 0) {
        const message = takeFrom(lane)
        if (message === null) return
        const bytes = bytesOf(message)
        lane.queued++
        lane.queuedBytes += bytes
        turns.add(pathOf(lane, message), { lane, message: lookAhead > 0 ? copied(message) : message, bytes })
      }
    },
    give: () => {
      const next = turns.take()
      if (next === undefined) return null
      const { lane, message, bytes } = next
      lane.queued--
      lane.queuedBytes -= bytes
      lane.out++
      return { lane, message }
    },
    forgetLost: () => turns.retain(({ lane }) => !lane.losing.signal.aborted),
    fill: (lane, lanes) => {
      const [most, mostBytes] = [Math.max(MOST_WAITING, lookAhead / lanes), MOST_BYTES / lanes]
      const backlog = backlogOf(lane)
      return {
        isEnough: backlog >= most || lane.queuedBytes >= mostBytes,
        isLittle: backlog <= most / 4 && lane.queuedBytes <= mostBytes / 4,
      }
    },
  }
}

/** Key and value, and as much again for headers and objects. */
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
