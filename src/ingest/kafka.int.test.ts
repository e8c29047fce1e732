import { describe, expect, it, onTestFinished } from "vitest"
import { freshName, freshTopic } from "../../test/services/fresh.ts"
import { quietKafka, withAdmin } from "../../test/services/kafka-admin.ts"
import { sharedServices } from "../../test/services/shared.ts"
import type { Dialect } from "../element/source.ts"
import { type Failure, failed, failure } from "../events/result.ts"
import { unwrap } from "../events/testing/results.ts"
import type { EventLog } from "../log/index.ts"
import { memoryRecords, openMemoryLog } from "../log/memory.ts"
import { readAll } from "../log/testing/harness.ts"
import { systemClock } from "../system/clock.ts"
import { type IntakeUnderTest, intakeContract } from "./contract.ts"
import { openKafkaIntake } from "./kafka.ts"
import { asFrames, sampleText, sourceOf, VAST_HEADERS, vastRecord } from "./testing/messages.ts"

type Sent = { readonly value: string | Buffer | null; readonly headers?: Readonly<Record<string, string>> }

const QUICK = { sessionTimeoutMs: 6_000, heartbeatMs: 500, fetchWaitMs: 100 }

async function given(dialect: Dialect, partitions = 1, log = openMemoryLog({ clock: systemClock })) {
  const { kafka } = await sharedServices("kafka")
  const topic = await freshTopic(kafka, "arrivals", partitions)
  const groupId = freshName("ingest")
  const send = async (...messages: readonly Sent[]): Promise<void> => {
    const producer = quietKafka(kafka.broker).producer()
    await producer.connect()
    await producer.send({
      topic,
      messages: messages.map(({ value, headers }) => ({ value, headers: { ...headers } })),
    })
    await producer.disconnect()
  }
  /** One ingest process; gives what ended it. */
  const starts = async (append: EventLog["append"] = log.append): Promise<() => Promise<Failure | null>> => {
    const stop = new AbortController()
    const opened = await openKafkaIntake({
      kafka: { brokers: [kafka.broker] },
      groupId,
      sources: new Map([[topic, sourceOf(dialect)]]),
      append,
      clock: systemClock,
      timing: QUICK,
      observe: () => undefined,
      observeKafka: () => undefined,
    })
    const running = unwrap(opened).run(stop.signal)
    const stops = (): Promise<Failure | null> => {
      stop.abort()
      return running
    }
    onTestFinished(() => stops().then(() => undefined))
    return stops
  }
  const elements = async () =>
    (await readAll(log, "element-created")).flatMap(({ content }) =>
      "fact" in content && content.fact.topic === "element-created" ? [content.fact.value.element] : [],
    )
  const letters = async () =>
    (await readAll(log, "dead-letter")).flatMap(({ content }) => ("deadLetter" in content ? [content.deadLetter] : []))
  return { kafka, topic, log, send, starts, elements, letters }
}

const eventually = (condition: () => Promise<boolean>): Promise<void> =>
  expect.poll(condition, { timeout: 180_000, interval: 50 }).toBe(true)

describe("arrivals from Kafka", () => {
  it("are appended, with what the notification of a real server said", async () => {
    const t = await given("versitygw")
    await t.send(
      { value: asFrames(sampleText("versitygw-Put-unicode.json")) },
      { value: sampleText("versitygw-TestEvent.json") },
    )
    await t.starts()
    await eventually(async () => (await t.elements()).length === 1)
    expect(await t.elements()).toMatchObject([{ bucket: "frames", key: "w/ünïcødé-日本-😀.exr", sizeBytes: 29 }])
  })

  it("in CloudEvents' binary mode carry their attributes as headers", async () => {
    const t = await given("vast")
    await t.send({ value: JSON.stringify({ Records: [vastRecord("a.exr")] }), headers: VAST_HEADERS })
    await t.starts()
    await eventually(async () => (await t.elements()).length === 1)
    expect(await t.elements()).toMatchObject([
      { bucket: "renders-bucket", key: "shot_010/beauty.0001.exr", triggerId: VAST_HEADERS.ce_id },
    ])
  })

  it("what nobody can read is buried with its coordinates, and the rest goes on", async () => {
    const t = await given("vast")
    const flat = (s3_key: string) => ({ value: JSON.stringify({ s3_bucket: "b", s3_key }) })
    await t.send(flat("a.exr"), { value: "{" }, { value: null }, { value: Buffer.alloc(900_000, 255) }, flat("b.exr"))
    await t.starts()
    await eventually(async () => (await t.elements()).length === 2)
    expect((await t.letters()).map(({ at, says, lengthBytes }) => [at, says, lengthBytes])).toEqual([
      [{ topic: t.topic, partition: 0, offset: 1 }, "The message is not JSON.", 1],
      [{ topic: t.topic, partition: 0, offset: 2 }, "The message has no value.", 0],
      [{ topic: t.topic, partition: 0, offset: 3 }, "The message is not UTF-8.", 900_000],
    ])
  })

  it("are taken once by a group that stops and starts again", async () => {
    const t = await given("vast")
    await t.send({ value: JSON.stringify({ s3_bucket: "b", s3_key: "a.exr" }) })
    const stops = await t.starts()
    await eventually(async () => (await t.elements()).length === 1)
    expect(await stops()).toBeNull()
    await t.send({ value: JSON.stringify({ s3_bucket: "b", s3_key: "b.exr" }) })
    await t.starts()
    await eventually(async () => (await t.elements()).some(({ key }) => key === "b.exr"))
    expect((await t.elements()).map(({ key }) => key)).toEqual(["a.exr", "b.exr"])
  })

  it("come again with the same id when they were not durable", async () => {
    const t = await given("vast")
    await t.send({ value: JSON.stringify({ s3_bucket: "b", s3_key: "a.exr" }) })
    const tried: string[] = []
    const stops = await t.starts(async (records) => {
      for (const record of records) if (record.topic === "element-created") tried.push(record.value.element.elementId)
      return failed(failure("log/refused", "not today"))
    })
    await eventually(async () => tried.length === 1)
    expect(await stops()).toMatchObject({ code: "log/refused" })
    await t.starts()
    await eventually(async () => (await t.elements()).length === 1)
    expect((await t.elements()).map(({ elementId }) => elementId)).toEqual(tried)
  })

  it("are shared by two processes, and none is lost when one of them leaves", async () => {
    const t = await given("vast", 4)
    const stops = await t.starts()
    await t.starts()
    const keys = Array.from({ length: 400 }, (_, index) => `frame.${String(index).padStart(4, "0")}.exr`)
    const sendSome = (some: readonly string[]): Promise<void> =>
      t.send(...some.map((s3_key) => ({ value: JSON.stringify({ s3_bucket: "b", s3_key }) })))
    await sendSome(keys.slice(0, 200))
    await stops()
    await sendSome(keys.slice(200))
    // A producer that tries again may have written some messages twice: then these are two.
    const messages = await withAdmin(t.kafka.broker, async (admin) =>
      (await admin.fetchTopicOffsets(t.topic)).reduce((sum, { high }) => sum + Number(high), 0),
    )
    const idsOf = async () => new Set((await t.elements()).map(({ elementId }) => elementId))
    await eventually(async () => (await idsOf()).size >= messages)
    expect((await idsOf()).size).toBe(messages)
    expect(new Set((await t.elements()).map(({ key }) => key)).size).toBe(keys.length)
  })

  it("cannot start without their topic, and the setting is named", async () => {
    const { kafka } = await sharedServices("kafka")
    const opened = await openKafkaIntake({
      kafka: { brokers: [kafka.broker] },
      groupId: freshName("ingest"),
      sources: new Map([[freshName("nowhere"), sourceOf("aws")]]),
      append: async () => failed(failure("log/refused", "")),
      clock: systemClock,
      observe: () => undefined,
      observeKafka: () => undefined,
    })
    expect(opened.ok ? "" : opened.failure.says).toMatch(/^OIIO_INTAKE_TOPICS: the brokers at .* have no topic nowhere/)
  })
})

/** As the role `ingest` runs it: what cannot be appended now waits until it can be. */
async function overKafka(): Promise<IntakeUnderTest> {
  const records = memoryRecords()
  const log = openMemoryLog({ clock: systemClock, records })
  const t = await given("vast", 1, log)
  const patiently: EventLog["append"] = async (facts) => {
    for (;;) {
      const appended = await log.append(facts)
      if (appended.ok || appended.failure.kind !== "outage") return appended
      await systemClock.sleep(20)
    }
  }
  return {
    log,
    run: () => t.starts(patiently),
    brings: async ({ is, key }, form) => {
      const { body, headers = {} } = form.message(is, key)
      await t.send({ value: typeof body === "string" ? body : JSON.stringify(body), headers })
      return true
    },
    bringsUnreadable: () => t.send({ value: "{not json" }),
    breakDown: () => {
      records.outage = failure("log/unreachable", "The log is away.")
      return () => {
        records.outage = null
      }
    },
    // Every run ends with its test.
    dispose: async () => undefined,
  }
}

intakeContract("Kafka", overKafka, { takes: "messages", bringsAgain: "the intake" })
