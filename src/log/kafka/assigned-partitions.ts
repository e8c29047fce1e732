import type { Assignment, KafkaMessage } from "kafkajs"
import { type Fetched, isOvertaken, type Lane, laneAt, lose, type Place, takeInto } from "./partition-buffer.ts"
import { createQueue, type Queue } from "./queue.ts"
import type { Names } from "./topic-names.ts"

export type Due = { readonly lane: Lane; readonly offset: number }

/** The partitions that a member holds. */
export type Lanes = {
  /** After a rejoin: lanes of other partitions are lost, those that stay keep their work. Gives how many were lost. */
  reassign(places: readonly Place[]): number
  /** Takes fetched records of a partition in; what is known already is left out. */
  takeIn(place: Place, fetched: readonly Fetched[]): void
  /** The next record, of another lane or, where it looks ahead, folder at each turn; it counts as out. Null when none waits. */
  take(): { readonly lane: Lane; readonly message: KafkaMessage } | null
  /** Offsets that the group should be moved to; with `onlyMoved` false also where it should be already. */
  due(onlyMoved: boolean): readonly Due[]
  /** What lets a directory be held back, null where directories take no turns. */
  readonly turns: Queue["turns"]
  /** Deliveries out in all lanes. */
  out(): number
  all(): readonly Lane[]
  /** Whether enough of a lane waits, or so little that its fetching should go on. */
  fill(lane: Lane): { readonly isEnough: boolean; readonly isLittle: boolean }
}

const nameOf = ({ topic, partition }: Place): string => `${topic}/${partition}`

/** `lookAhead`: most records that wait so that directories can take turns; 0: partitions take turns, each in order. */
export function createLanes(lookAhead = 0): Lanes {
  const lanes = new Map<string, Lane>()
  const queue = createQueue(lookAhead)
  const all = (): Lane[] => [...lanes.values()]
  const renewed = (place: Place): Lane => {
    const lane = laneAt(place)
    lanes.set(nameOf(place), lane)
    return lane
  }
  return {
    turns: queue.turns,
    reassign: (places) => {
      const names = new Set(places.map(nameOf))
      const lost = all().filter(({ place }) => !names.has(nameOf(place)))
      for (const lane of lost) {
        lanes.delete(nameOf(lane.place))
        lose(lane)
      }
      for (const lane of lanes.values()) {
        lane.mayCommit = false
        lane.paused = false
      }
      for (const place of places) if (!lanes.has(nameOf(place))) renewed(place)
      if (lost.length > 0) queue.forgetLost()
      return lost.length
    },
    takeIn: (place, fetched) => {
      const [first] = fetched
      const known = lanes.get(nameOf(place))
      if (first === undefined || known === undefined) return
      if (!isOvertaken(known, first.offset)) return takeInto(known, fetched)
      lose(known)
      queue.forgetLost()
      takeInto(renewed(place), fetched)
    },
    take: () => {
      for (const lane of lanes.values()) queue.take(lane)
      return queue.give()
    },
    due: (onlyMoved) => all().flatMap((lane) => dueOf(lane, onlyMoved)),
    out: () => all().reduce((sum, { out }) => sum + out, 0),
    all,
    fill: (lane) => queue.fill(lane, lanes.size),
  }
}

function dueOf(lane: Lane, onlyMoved: boolean): readonly Due[] {
  const offset = lane.tracker.watermark()
  if (!lane.mayCommit || offset === null) return []
  return onlyMoved && offset === lane.committed ? [] : [{ lane, offset }]
}

/** What a member tells the others that it holds. */
export function heldPlaces(lanes: Lanes, names: Names): Assignment {
  const held: Assignment = {}
  for (const { place } of lanes.all()) {
    const topic = names.topic(place.topic)
    held[topic] = [...(held[topic] ?? []), place.partition]
  }
  return held
}
