/** The Kafka client: connections, groups, producing, topics and positions, for whoever speaks to brokers. It knows no fact. */

import { createRequire } from "node:module"
import { type Admin, type ISocketFactory, Kafka, type KafkaConfig, type LogEntry, logLevel } from "kafkajs"
import { redactor } from "../events/redaction.ts"
import { type Failure, failed, type Result } from "../events/result.ts"
import { readAllCompressions } from "./compression/index.ts"
import { classify } from "./failures.ts"

/** User name and password, in one of the three ways that brokers know. */
export type Sasl = {
  readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512"
  readonly username: string
  readonly password: string
}

/** PEM texts. Without `ca` the authorities of the system are trusted; `cert` and `key` are the client's own. */
export type Tls = { readonly ca?: string; readonly cert?: string; readonly key?: string }

export type KafkaAccess = {
  /** host:port of some brokers; the others are learned from them. */
  readonly brokers: readonly string[]
  /** `{}` is TLS with the system's authorities; absent: no TLS. */
  readonly tls?: Tls
  readonly sasl?: Sasl
  /** How sockets are opened, where it is not straight to the broker. */
  readonly openSocket?: ISocketFactory
}

/** What a user of the client tells about itself, for logs and metrics. It never holds a credential. */
export type KafkaEvent =
  | { readonly kind: "outage"; readonly group: string | null; readonly says: string }
  | {
      readonly kind: "joined"
      readonly group: string
      /** Empty where the group is full: every partition belongs to another member, and this one stands by. */
      readonly held: readonly { readonly topic: string; readonly partition: number }[]
      readonly partitions: number
    }
  /** The member is out of the group and tries to come back. */
  | { readonly kind: "left"; readonly group: string }
  | { readonly kind: "lost"; readonly group: string; readonly partitions: number }
  | { readonly kind: "client"; readonly level: "warn" | "error"; readonly says: string }

export type Observe = (event: KafkaEvent) => void

/** Access to one set of brokers. Each consumer gets a client of its own, because a client shares committed offsets per group. */
export type Brokers = {
  readonly client: () => Kafka
  readonly address: string
  /** Does the work with an admin connection of its own, which is closed afterwards. */
  readonly administer: <T>(doing: string, work: (admin: Admin) => Promise<T>) => Promise<Result<T>>
  readonly observe: Observe
  /** What an error of the client means, without any credential. */
  readonly explain: (error: unknown, doing: string) => Failure
}

/** Said in full: kafkajs chooses other defaults when NODE_ENV is `test`. */
export const RETRY = { initialRetryTime: 200, maxRetryTime: 3_000, multiplier: 2, factor: 0.2, retries: 2 }

export function brokersAt(access: KafkaAccess, observe: Observe): Brokers {
  const conceal = concealing(access)
  const config = configOf(access, (entry) =>
    observe({
      kind: "client",
      level: entry.level === logLevel.ERROR ? "error" : "warn",
      says: conceal(`${entry.namespace}: ${entry.log.message}`),
    }),
  )
  readAllCompressions()
  restIdleConnections()
  const client = (): Kafka => new Kafka(config)
  const address = access.brokers.join(", ")
  const explain = (error: unknown, doing: string): Failure => {
    const problem = classify(error, doing)
    return { ...problem, says: conceal(problem.says) }
  }
  return {
    explain,
    client,
    address,
    observe,
    administer: async (doing, work) => {
      const admin = client().admin()
      try {
        await admin.connect()
        return { ok: true, value: await work(admin) }
      } catch (error) {
        return failed(explain(error, `${doing} at ${address}`))
      } finally {
        await quietly(admin.disconnect())
      }
    },
  }
}

function configOf(access: KafkaAccess, say: (entry: LogEntry) => void): KafkaConfig {
  const { brokers, tls, sasl, openSocket } = access
  return {
    clientId: "oiio-proxy-generator",
    brokers: [...brokers],
    logLevel: logLevel.WARN,
    logCreator: () => say,
    connectionTimeout: 5_000,
    requestTimeout: 10_000,
    retry: RETRY,
    ...(tls === undefined ? {} : { ssl: { ...tls } }),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
    ...(openSocket === undefined ? {} : { socketFactory: openSocket }),
  }
}

/** The types of kafkajs need a literal mechanism to know what else is in the object. */
function saslOf({ mechanism, username, password }: Sasl): NonNullable<KafkaConfig["sasl"]> {
  if (mechanism === "plain") return { mechanism, username, password }
  return mechanism === "scram-sha-256" ? { mechanism, username, password } : { mechanism, username, password }
}

/** Blots the password out of messages. The client's own never hold it, but a broker may repeat anything. */
const concealing = ({ sasl }: KafkaAccess): ((says: string) => string) =>
  redactor(sasl === undefined ? [] : [sasl.password])

/** Waits for a connection to close. Whether closing failed makes no difference. */
export const quietly = (goodbye: Promise<unknown>): Promise<void> =>
  goodbye.then(
    () => undefined,
    () => undefined,
  )

/** The part that we change of the request queue that kafkajs keeps for each connection. */
type RequestQueue = {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

const Queue: { readonly prototype: RequestQueue } = createRequire(import.meta.url)("kafkajs/src/network/requestQueue")
const schedule = Queue.prototype.scheduleCheckPendingRequests
if (typeof schedule !== "function") throw new TypeError("kafkajs schedules no check of pending requests any more")

/**
 * Lets connections of the Kafka client rest while they have nothing to send. kafkajs 2.2.4 looks after each answer whether
 * requests wait because a broker throttles them. Where none does, it asks for a timer in the past and then looks again,
 * for ever: a thousand times a second for each connection, 2 % of a core for ten idle ones, and Node 24 prints
 * TimeoutNegativeWarning (tulios/kafkajs, issues 1704 and 1751, both open). A request that has to wait schedules a look by
 * itself, so that none is lost. The client's classes are one for the whole process; its version is pinned.
 */
export function restIdleConnections(): void {
  Queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this)
  }
}
