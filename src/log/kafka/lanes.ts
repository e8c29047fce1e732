import type { Assignment, KafkaMessage } from "kafkajs"
import { type Fetched, isOvertaken, type Lane, laneAt, lose, type Place, takeFrom, takeInto } from "./lane.ts"
import type { Names } from "./topic-names.ts"

export type Due = { readonly lane: Lane; readonly offset: number }

/** The partitions that a member holds. */
export type Lanes = {
  /** After a rejoin: lanes of other partitions are lost, those that stay keep their work. Gives how many were lost. */
  reassign(places: readonly Place[]): number
  /** Takes fetched records of a partition in; what is known already is left out. */
  takeIn(place: Place, fetched: readonly Fetched[]): void
  /** The next record, of another lane at each turn; it counts as out. Null when none waits. */
  take(): { readonly lane: Lane; readonly message: KafkaMessage } | null
  /** Offsets that the group should be moved to; with `onlyMoved` false also where it should be already. */
  due(onlyMoved: boolean): readonly Due[]
  /** Deliveries out in all lanes. */
  out(): number
  all(): readonly Lane[]
}

const nameOf = ({ topic, partition }: Place): string => `${topic}/${partition}`

export function createLanes(): Lanes {
  const lanes = new Map<string, Lane>()
  let turn = 0
  const all = (): Lane[] => [...lanes.values()]
  const renewed = (place: Place): Lane => {
    const lane = laneAt(place)
    lanes.set(nameOf(place), lane)
    return lane
  }
  return {
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
      return lost.length
    },
    takeIn: (place, fetched) => {
      const [first] = fetched
      const known = lanes.get(nameOf(place))
      if (first === undefined || known === undefined) return
      if (!isOvertaken(known, first.offset)) return takeInto(known, fetched)
      lose(known)
      takeInto(renewed(place), fetched)
    },
    take: () => {
      const each = all()
      for (let index = 0; index < each.length; index++) {
        const lane = each[(turn + index) % each.length] as Lane
        const message = takeFrom(lane)
        if (message === null) continue
        turn += index + 1
        lane.out++
        return { lane, message }
      }
      return null
    },
    due: (onlyMoved) => all().flatMap((lane) => dueOf(lane, onlyMoved)),
    out: () => all().reduce((sum, { out }) => sum + out, 0),
    all,
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
