import { describe, expect, it } from "vitest"
import { BUG, leavesNoPromiseUnhandled, rejecting, throwing } from "../events/testing/unhandled.ts"
import { fakeBrokers } from "../kafka/testing/fake-brokers.ts"
import { openMemoryLog } from "../log/memory.ts"
import { systemClock } from "../system/clock.ts"
import type { HttpIntakeOptions } from "./http.ts"
import { type KafkaIntakeOptions, takeInFrom } from "./kafka.ts"
import { ANYBODY, givenHttpIntake, LIMITS } from "./testing/http-intake.ts"
import { sourceOf } from "./testing/messages.ts"

leavesNoPromiseUnhandled()

const BODY = { s3_bucket: "b", s3_key: "a.exr" }

describe("a bug behind the HTTP intake", () => {
  const measured = { ...LIMITS, leastBytesPerSecond: 1 }

  /** Each thing that the intake is given, broken in both ways that a function can break. */
  const broken: readonly (readonly [string, Partial<HttpIntakeOptions>])[] = [
    ["the log throws", { append: throwing }],
    ["the log rejects", { append: rejecting }],
    ["whoever watches throws", { observe: throwing }],
    ["the clock throws", { clock: { nowMs: throwing, steadyMs: throwing, sleep: throwing } }],
    ["the clock rejects", { clock: { ...systemClock, sleep: rejecting }, limits: measured }],
    ["the timer of slow bodies throws", { clock: { ...systemClock, sleep: throwing }, limits: measured }],
    ["the list of addresses throws", { access: { ...ANYBODY, allows: throwing } }],
    ["the look at the object throws", { exists: { object: throwing, row: throwing } }],
    ["the look at the object rejects", { exists: { object: rejecting, row: rejecting } }],
    ["the question for its version throws", { versionOf: throwing }],
    ["the question for its version rejects", { versionOf: rejecting }],
  ]

  it.each(broken)("is a 500 where %s, and the server goes on", async (_, options) => {
    const { post } = await givenHttpIntake(options)
    expect(await post(BODY)).toBe(500)
    expect(await post(BODY)).toBe(500)
  })

  it("is told with its stack to whoever watches, and without it to the sender", async () => {
    const { ask, observed } = await givenHttpIntake({ append: throwing })
    expect((await ask(BODY)).says).toBe("The request could not be answered (TypeError); try again.\n")
    expect(observed).toMatchObject([{ kind: "refused", reason: "bug", stack: BUG.stack }])
  })

  it("ends the intake where it cannot even be told", async () => {
    const { post, run } = await givenHttpIntake({ append: throwing, observe: throwing })
    const running = run()
    // Looked at later than it rejects.
    running.catch(() => undefined)
    expect(await post(BODY)).toBe(500)
    await expect(running).rejects.toBe(BUG)
  })
})

describe("a bug behind the Kafka intake", () => {
  const TOPIC = "arrivals"

  /** A running intake, a member of its group. */
  async function running(options: Partial<KafkaIntakeOptions>) {
    const { brokers, member } = fakeBrokers()
    const stop = new AbortController()
    const given = {
      groupId: "ingest",
      sources: new Map([[TOPIC, sourceOf("vast")]]),
      append: openMemoryLog({ clock: systemClock }).append,
      clock: systemClock,
      observe: () => undefined,
      observeKafka: () => undefined,
      ...options,
    }
    const ended = takeInFrom(brokers, given, stop.signal)
    // Looked at later than it may reject.
    ended.catch(() => undefined)
    return { ended, stop, member: await member }
  }

  const inBatch: readonly (readonly [string, Partial<KafkaIntakeOptions>])[] = [
    ["the log throws", { append: throwing }],
    ["the log rejects", { append: rejecting }],
    ["whoever watches throws", { observe: throwing }],
    ["the clock throws", { clock: { ...systemClock, nowMs: throwing } }],
    [
      "a setting throws",
      {
        sources: new Map([
          [
            TOPIC,
            {
              ...sourceOf("vast"),
              get buckets() {
                return throwing()
              },
            },
          ],
        ]),
      },
    ],
  ]

  it.each(inBatch)("ends it where %s in a batch, after leaving the group", async (_, options) => {
    const { ended, member } = await running(options)
    member.joins()
    await member.brings(TOPIC, [JSON.stringify(BODY)])
    await expect(ended).rejects.toBe(BUG)
    expect(member.hasLeft()).toBe(true)
  })

  it("ends it where a listener of the client meets it, although nobody waits for that", async () => {
    const { ended, member } = await running({ observeKafka: throwing })
    expect(() => member.joins()).toThrow(BUG)
    await expect(ended).rejects.toBe(BUG)
    expect(member.hasLeft()).toBe(true)
  })

  it("ends it where the watch over a silent client meets it", async () => {
    const { ended } = await running({ clock: { ...systemClock, sleep: rejecting } })
    await expect(ended).rejects.toBe(BUG)
  })

  it("is not lost where it comes while the intake is being stopped", async () => {
    const { ended, stop, member } = await running({ observeKafka: throwing })
    stop.abort()
    expect(() => member.joins()).toThrow(BUG)
    await expect(ended).rejects.toBe(BUG)
  })

  it("leaves a message that nobody can read a dead letter, and the intake goes on", async () => {
    const log = openMemoryLog({ clock: systemClock })
    const told: string[] = []
    const { ended, stop, member } = await running({ append: log.append, observe: ({ kind }) => told.push(kind) })
    member.joins()
    await member.brings(TOPIC, ["{", JSON.stringify(BODY)])
    await expect.poll(() => told).toEqual(["dead-letter", "arrived", "waiting"])
    stop.abort()
    expect(await ended).toBeNull()
  })
})
