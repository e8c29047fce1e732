import { done, type Failure, failed, failure, type Result } from "../events/result.ts"
import { type Brokers, brokersAt, type KafkaAccess, type Observe } from "../kafka/index.ts"
import { createAppender } from "../kafka/producing.ts"
import { outgoingRecord } from "../kafka/records.ts"
import { missingTopicsAtStart } from "../kafka/topics.ts"
import type { Clock } from "../system/clock.ts"
import type { Notifications } from "./index.ts"
import { type Audience, type Message, messagesFor } from "./messages.ts"

/** Topic of each channel: `proxy` holds proxy.generated, `completion` the CloudEvents that SpaceHarbor consumes. */
export type NotificationTopics = Readonly<Record<Message["channel"], string>>

export type KafkaNotificationOptions = {
  readonly kafka: KafkaAccess
  readonly topics: NotificationTopics
  readonly clock: Clock
  readonly observe?: Observe
} & Audience

/** Which setting names a channel's topic. */
const SETTING: NotificationTopics = { proxy: "KAFKA_TOPIC", completion: "KAFKA_COMPLETION_TOPIC" }

/**
 * Tells through Kafka: bare JSON under the asset's id, no headers, acknowledged by all replicas in sync. The topics belong
 * to the receivers and must be there. Fails within 12 s, naming the setting: notify/unreachable, notify/refused.
 */
export async function openKafkaNotifications(options: KafkaNotificationOptions): Promise<Result<Notifications>> {
  const { topics } = options
  const brokers = brokersAt(options.kafka, options.observe ?? (() => undefined))
  const refused = await missingTopic(brokers, topics, options.clock)
  if (refused !== null) return failed(refused)
  const appender = createAppender(brokers)
  return done({
    tell: async (outcomes) => {
      const records = outcomes
        .flatMap(messagesFor(options))
        .map(({ channel, key, value }) => outgoingRecord(topics[channel], { key, value: JSON.stringify(value) }))
      const told = await appender.append(records)
      return told.ok ? told : failed(asRefusal(told.failure, topics))
    },
    close: () => appender.close(),
  })
}

async function missingTopic(brokers: Brokers, topics: NotificationTopics, clock: Clock): Promise<Failure | null> {
  const found = await missingTopicsAtStart(brokers, Object.values(topics), clock)
  if (!found.ok) return asRefusal(found.failure, topics)
  const channel = (["proxy", "completion"] as const).find((one) => found.value.includes(topics[one]))
  if (channel === undefined) return null
  const says = `${SETTING[channel]}: the brokers at ${brokers.address} have no topic ${topics[channel]}. Who listens there creates it.`
  return failure("notify/refused", says)
}

const asRefusal = ({ kind, says }: Failure, { proxy, completion }: NotificationTopics): Failure =>
  failure(kind === "outage" ? "notify/unreachable" : "notify/refused", `Telling ${proxy} and ${completion}: ${says}.`)
