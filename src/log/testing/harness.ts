import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished } from "vitest"
import type { Result } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import { elementOf } from "../../events/testing/sequence-facts.ts"
import type { Delivery, EventLog, ReadOptions, StoredRecord, Subscription, Topic } from "../index.ts"

/** Bytes that did not come from this program. */
export type Foreign = { readonly topic: Topic; readonly key: string | null; readonly value: Uint8Array | null }

/** One fresh, empty log, and what only its adapter can do to it. */
export type LogUnderTest = {
  readonly log: EventLog
  /** The same records through a new log, as the next process finds them when this one died without a word. */
  reopen(): Promise<EventLog>
  appendForeign(record: Foreign): Promise<void>
  /** Keeps a schema as an older or newer version would have, and gives its id. */
  storeSchema(topic: Topic, text: string): Promise<number>
  /** The log as another process opens it meanwhile. */
  elsewhere(): Promise<EventLog>
  /** A log on the same records that dies before its groups' offsets move; null where they move with the facts. */
  readonly diesEarly: (() => Promise<EventLog>) | null
  /** Puts the log out of reach, or its medium's room to write, until the returned function is called. */
  breakDown(): Promise<() => Promise<void>>
  dispose(): Promise<void>
}

export type OpenLog = () => Promise<LogUnderTest>

/** Where adapters differ. Each is tested as declared, and printed in the suite's name. */
export type LogLimits = {
  /** A record that a consumer does not see for this long is taken for one that does not come, milliseconds. */
  readonly quietMs: number
  /** What a later reader of a group does while the first one reads. */
  readonly laterReader: "takes over" | "stands by"
  /** What another process can do with the log meanwhile. */
  readonly otherProcess: "sees nothing" | "reads" | "reads and writes"
  /** When a group's offset moves: in one transaction with the facts, or soon after them, so that a crash delivers again. */
  readonly offsets: "with the facts" | "after the facts"
  /** What the outage of `breakDown` keeps from being answered. */
  readonly outage: "of everything" | "of writing"
  /** Partitions of each topic in this suite. */
  readonly partitions: number
}

export type Suite = { readonly open: () => Promise<LogUnderTest>; readonly limits: LogLimits }

/** Opens for one test, disposed after it. */
export const opener = (open: OpenLog) => async (): Promise<LogUnderTest> => {
  const opened = await open()
  onTestFinished(() => opened.dispose())
  return opened
}

export const append = async (log: EventLog, ...facts: Parameters<EventLog["append"]>[0]): Promise<void> =>
  unwrap(await log.append(facts))

/** Acknowledges a delivery that must be there, and it must work. */
export async function acknowledge(delivery: Delivery | undefined): Promise<void> {
  if (delivery === undefined) throw new Error("nothing was delivered")
  unwrap(await delivery.acknowledge())
}

export type Consumer = {
  /** The next delivery; the test's deadline ends a wait for one that does not come. */
  next(): Promise<Delivery>
  take(count: number): Promise<Delivery[]>
  /** Nothing is delivered for `quietMs`; what comes later is not lost to `next`. */
  staysQuiet(quietMs: number): Promise<void>
  /** Ends the iteration and waits for its end; gives what it still delivered. */
  stops(): Promise<readonly Result<Delivery>[]>
  /** What the iteration yields, failures included. */
  raw(): Promise<IteratorResult<Result<Delivery>, unknown>>
}

export function consume(log: EventLog, given: Partial<Subscription> = {}): Consumer {
  const stop = new AbortController()
  const subscription = { group: "renderer", topics: ["element-created" as const], credits: 100, ...given }
  const iterator = log.deliver({ ...subscription, stop: given.stop ?? stop.signal })[Symbol.asyncIterator]()
  onTestFinished(() => stop.abort())
  let asked: Promise<IteratorResult<Result<Delivery>, unknown>> | null = null
  const raw = (): ReturnType<Consumer["raw"]> => {
    const answer = asked ?? iterator.next()
    asked = null
    return answer
  }
  const next = async (): Promise<Delivery> => {
    const { done, value } = await raw()
    if (done === true) throw new Error("the iteration ended")
    return unwrap(value)
  }
  return {
    raw,
    next,
    take: (count) => inTurn(count, next),
    staysQuiet: async (quietMs) => {
      asked ??= iterator.next()
      expect(await Promise.race([asked, sleep(quietMs, "quiet")])).toBe("quiet")
    },
    stops: async () => {
      stop.abort()
      const rest: Result<Delivery>[] = []
      for (let answer = await raw(); answer.done !== true; answer = await raw()) rest.push(answer.value)
      return rest
    },
  }
}

async function inTurn<T>(count: number, next: () => Promise<T>): Promise<T[]> {
  const found: T[] = []
  while (found.length < count) found.push(await next())
  return found
}

export async function readAll(log: EventLog, topic: Topic, options?: ReadOptions): Promise<StoredRecord[]> {
  const found: StoredRecord[] = []
  for await (const record of log.read(topic, options)) found.push(unwrap(record))
  return found
}

/** Key of the element that a record speaks of. */
export function keyOf({ content }: StoredRecord): string {
  if (!("fact" in content)) throw new Error(`no fact but ${JSON.stringify(content)}`)
  return elementOf(content.fact).key
}

export const keysOf = (records: readonly StoredRecord[]): string[] => records.map(keyOf)

/** What the group has still to do, all topics together. */
export const lagOf = async (log: EventLog, group: string): Promise<number> =>
  unwrap(await log.lag(group)).reduce((sum, { lag }) => sum + lag, 0)
