import { failure } from "../../events/failure.ts"
import { failed, type Result } from "../../events/result.ts"
import { brokersAt, type KafkaAccess, type Observe } from "../../kafka/index.ts"
import { TIMING } from "../../kafka/membership.ts"
import { type GroupPositions, type GroupTopics, groupPositions } from "../../kafka/positions.ts"
import type { Clock } from "../../system/clock.ts"
import type { EventLog } from "../index.ts"
import { createPositions } from "./positions.ts"
import { storedMessage } from "./records.ts"
import { readFrom } from "./replay.ts"
import { namesWith } from "./topic-names.ts"

/** What the brokers alone can tell, without a schema registry: positions, and records with key, time and headers. */
export type UndecodedLog = Pick<EventLog, "read" | "ends" | "lag" | "close"> & {
  groups(groups: readonly GroupTopics[]): Promise<Result<readonly GroupPositions[]>>
  /** Host and port of the brokers, for sentences. */
  readonly address: string
}

const NOT_LOOKED_AT = failed(failure("log/undecodable", "The value was not looked at: no schema registry was asked."))

/** Connects only when something is asked, so that nothing fails here; each answer may be log/unreachable or log/refused. */
export function openUndecodedLog(options: {
  readonly kafka: KafkaAccess
  readonly prefix: string
  readonly clock: Clock
  readonly observe: Observe
}): UndecodedLog {
  const names = namesWith(options.prefix)
  const brokers = brokersAt(options.kafka, options.observe)
  const positions = createPositions(brokers, names)
  const closing = new AbortController()
  const { clock } = options
  const readable = async (consumed: Parameters<typeof storedMessage>[0]) => storedMessage(consumed, () => NOT_LOOKED_AT)
  return {
    address: brokers.address,
    groups: (groups) =>
      brokers.administer("Asking for the positions of the groups", (admin) => groupPositions(admin, groups)),
    ends: positions.ends,
    lag: positions.lag,
    read: (topic, readOptions = {}) =>
      readFrom(
        { brokers, names, clock, timing: TIMING, positions, readable, closing: closing.signal },
        topic,
        readOptions,
      ),
    close: async () => closing.abort(),
  }
}
