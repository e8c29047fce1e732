import kafkajs from "kafkajs"
import { describe, expect, it } from "vitest"
import { done, failed, failure } from "../../events/result.ts"
import { BUG, leavesNoPromiseUnhandled, rejecting, throwing } from "../../events/testing/unhandled.ts"
import { joinGroup, TIMING } from "../../kafka/membership.ts"
import { fakeBrokers } from "../../kafka/testing/fake-brokers.ts"
import { namesWith } from "../../kafka/topics.ts"
import { type Clock, systemClock } from "../../system/clock.ts"
import { type DeliveryPorts, deliverFrom } from "./delivery.ts"
import { storedMessage } from "./records.ts"
import { readFrom } from "./replay.ts"
import type { Session } from "./session.ts"

leavesNoPromiseUnhandled()

const names = namesWith("oiio.")
const TOPIC = names.topic("element-created")
const readMessage: DeliveryPorts["readMessage"] = async (consumed) =>
  storedMessage(consumed, () => failed(failure("log/undecodable", "Nobody looked.")))

/** Sleeps as it should, but for the sleep of so many milliseconds. */
const brokenFor = (brokenMs: number): Clock => ({
  ...systemClock,
  sleep: (ms, signal) => (ms === brokenMs ? rejecting() : systemClock.sleep(ms, signal)),
})

const ASSERT_MS = 60_000
const LOOK_AGAIN_MS = 5_000
const SILENCE_MS = (30_000 + 2 * TIMING.sessionTimeoutMs) / 4

describe("a bug in a delivery from Kafka", () => {
  /** A reader of one topic, whose next record is asked for. */
  async function reading(options: Partial<DeliveryPorts> = {}) {
    const { brokers, member } = fakeBrokers()
    const stop = new AbortController()
    const sessions = new Set<Session>()
    const clock = options.clock ?? systemClock
    const ports: DeliveryPorts = {
      ...{ names, clock, timing: { ...TIMING, commitEveryMs: 1 }, readMessage, sessions },
      observe: () => undefined,
      append: async () => done(undefined),
      join: ({ topics }, hooks) =>
        joinGroup({ brokers, clock, hooks, timing: TIMING, groupId: "g", topics: topics.map(names.topic) }),
      ...options,
    }
    const subscription = { group: "renderer", topics: ["element-created"], credits: 8, stop: stop.signal } as const
    const deliveries = deliverFrom(ports, subscription)
    const next = deliveries.next()
    // Looked at later than it may reject.
    next.catch(() => undefined)
    return { deliveries, next, stop, sessions, member: await member }
  }

  it.each([
    ["the offsets are asserted", ASSERT_MS],
    ["the client is watched for silence", SILENCE_MS],
    ["the offsets are moved", 0],
  ])("ends it, where the timer is broken by which %s", async (_, ms) => {
    const { next, member } = await reading({ clock: brokenFor(ms) })
    member.joins()
    await expect(next).rejects.toBe(BUG)
  })

  it("ends it, where whoever watches throws at a join", async () => {
    const { next, member } = await reading({ observe: throwing })
    expect(() => member.joins()).toThrow(BUG)
    await expect(next).rejects.toBe(BUG)
  })

  it("ends it, where whoever watches throws at an outage", async () => {
    const { next, member } = await reading({ observe: throwing })
    member.emits("CRASH", { error: new kafkajs.KafkaJSNonRetriableError("gone") })
    await expect(next).rejects.toBe(BUG)
  })

  it.each([
    ["throws", throwing],
    ["rejects", rejecting],
  ])("ends it, where the reading of a record %s", async (_, broken) => {
    const { next, member } = await reading({ readMessage: broken })
    member.joins()
    await member.brings(TOPIC, ["one"])
    await expect(next).rejects.toBe(BUG)
  })

  it.each([
    ["throws", throwing],
    ["rejects", rejecting],
  ])("is that of whoever acknowledges, where the appending %s", async (_, append) => {
    const { next, stop, deliveries, member } = await reading({ append })
    member.joins()
    await member.brings(TOPIC, ["one"])
    const delivery = (await next).value
    if (!delivery?.ok) throw new Error("nothing was delivered")
    await expect(delivery.value.acknowledge([{} as never])).rejects.toBe(BUG)
    stop.abort()
    await deliveries.return(undefined)
  })

  it("is met by whoever closes the log, where it comes while nobody reads any more", async () => {
    const { next, stop, sessions, member } = await reading({ observe: throwing })
    const [session] = sessions
    expect(() => member.joins()).toThrow(BUG)
    stop.abort()
    await next
    await expect(session?.leave()).rejects.toBe(BUG)
  })
})

describe("a bug in a replay from Kafka", () => {
  async function replaying(clock: Clock) {
    const { brokers, member } = fakeBrokers()
    const records = readFrom(
      {
        ...{ brokers, names, clock, readMessage, timing: TIMING, closing: new AbortController().signal },
        positions: {
          extents: async () => done([{ partition: 0, low: 0, high: 1 }]),
        } as unknown as Parameters<typeof readFrom>[0]["positions"],
      },
      ["element-created"],
      {},
    )
    const next = records.next()
    next.catch(() => undefined)
    return { next, member: await member }
  }

  it.each([
    ["the extent is asked for again", LOOK_AGAIN_MS],
    ["the client is watched for silence", SILENCE_MS],
  ])("ends it, where the timer is broken by which %s", async (_, ms) => {
    await expect((await replaying(brokenFor(ms))).next).rejects.toBe(BUG)
  })
})
