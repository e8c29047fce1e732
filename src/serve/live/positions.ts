import { type LogEnd, TOPICS, type Topic } from "../../log/index.ts"

/** The next offset of each partition, by topic. What is not there begins at 0. */
export type Positions = ReadonlyMap<Topic, readonly number[]>

/** The same, as it moves on. */
export type MovingPositions = {
  readonly of: (topic: Topic, partition: number) => number
  readonly move: (topic: Topic, partition: number, next: number) => void
  readonly now: () => Positions
  /** {@link positionsText} of now; what did not move is not written again. */
  readonly text: () => string
}

/** Letter of each topic in an id. A letter keeps its meaning for ever: a browser may come back with an id of last year. */
const LETTERS: Readonly<Record<Topic, string>> = {
  "element-created": "A",
  "element-created-backfill": "B",
  "source-fetched": "C",
  "colorspace-detected": "D",
  "thumbnail-made": "E",
  "proxy-made": "F",
  "source-inspected": "G",
  "element-failed": "H",
  "removal-reported": "I",
  "element-removed": "J",
  "failure-dismissed": "K",
  "hint-reported": "L",
  "sequence-frame": "M",
  "sequence-stated": "N",
  "sequence-settled": "O",
  "movie-made": "P",
  "review-made": "Q",
  "dead-letter": "R",
}

/** Of the form below; raised when that changes. */
const VERSION = "1"

/** Longest id that is given and taken: a header of a request has 16 KB in all. */
export const MOST_ID_CHARACTERS = 12_000

const segment = (topic: Topic, offsets: readonly number[]): string =>
  LETTERS[topic] + offsets.map((offset) => (offset === 0 ? "" : offset.toString(36))).join(".")

const known = (topic: Topic, offsets: readonly number[] | undefined): string =>
  offsets === undefined || offsets.every((offset) => offset === 0) ? "" : segment(topic, offsets)

/** `1A2s.3fF9`: a topic's letter, then the offsets of its partitions in base 36 with dots between them. */
export const positionsText = (positions: Positions): string =>
  VERSION + TOPICS.map((topic) => known(topic, positions.get(topic))).join("")

const FORM = /^1(?:[A-R][0-9a-z.]*)*$/
const SEGMENT = /([A-R])([0-9a-z.]*)/g

/** The positions of an id; null where it is none of ours. */
export function readPositions(text: string): Positions | null {
  if (text.length > MOST_ID_CHARACTERS || !FORM.test(text)) return null
  const found = new Map<Topic, readonly number[]>()
  for (const [, letter, offsets = ""] of text.matchAll(SEGMENT)) {
    const topic = TOPICS.find((one) => LETTERS[one] === letter)
    const each = offsets.split(".").map((offset) => (offset === "" ? 0 : Number.parseInt(offset, 36)))
    if (topic === undefined || found.has(topic) || !each.every(Number.isSafeInteger)) return null
    found.set(topic, each)
  }
  return found
}

/** Positions at the ends of a log. */
export function positionsAt(ends: LogEnd): Positions {
  const found = new Map<Topic, number[]>()
  for (const { topic, partition, offset } of ends) {
    const offsets = found.get(topic) ?? []
    found.set(topic, offsets)
    while (offsets.length <= partition) offsets.push(0)
    offsets[partition] = offset
  }
  return found
}

export const offsetIn = (positions: Positions, topic: Topic, partition: number): number =>
  positions.get(topic)?.[partition] ?? 0

/** How many offsets `from` lies behind `to` in these topics; what is ahead of it counts nothing. */
export const behind = (from: Positions, to: Positions, topics: readonly Topic[]): number =>
  topics
    .flatMap((topic) => (to.get(topic) ?? []).map((end, partition) => end - offsetIn(from, topic, partition)))
    .reduce((sum, distance) => sum + Math.max(0, distance), 0)

/** Whether `from` names a record that `to` does not reach: then it is of another log. */
export const isBeyond = (from: Positions, to: Positions): boolean =>
  [...from].some(([topic, offsets]) => offsets.some((offset, partition) => offset > offsetIn(to, topic, partition)))

export const coordinatesOf = (positions: Positions): LogEnd =>
  [...positions].flatMap(([topic, offsets]) => offsets.map((offset, partition) => ({ topic, partition, offset })))

export function movingPositions(start: Positions): MovingPositions {
  const offsets = new Map([...start].map(([topic, each]): [Topic, number[]] => [topic, [...each]]))
  const segments = new Map(TOPICS.map((topic): [Topic, string] => [topic, known(topic, offsets.get(topic))]))
  return {
    of: (topic, partition) => offsetIn(offsets, topic, partition),
    move: (topic, partition, next) => {
      const each = offsets.get(topic) ?? []
      offsets.set(topic, each)
      while (each.length <= partition) each.push(0)
      each[partition] = next
      segments.set(topic, segment(topic, each))
    },
    now: () => new Map([...offsets].map(([topic, each]) => [topic, [...each]])),
    text: () => VERSION + [...segments.values()].join(""),
  }
}
