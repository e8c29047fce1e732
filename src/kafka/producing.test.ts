import kafkajs, {
  type Kafka,
  type Message,
  type ProducerBatch,
  type ProducerConfig,
  type RecordMetadata,
} from "kafkajs"
import { describe, expect, it } from "vitest"
import { failureOf, unwrap } from "../events/testing/results.ts"
import { leavesNoPromiseUnhandled, rejecting } from "../events/testing/unhandled.ts"
import { classify } from "./failures.ts"
import type { Brokers } from "./index.ts"
import { createAppender, splitByBytes } from "./producing.ts"
import type { OutgoingRecord } from "./records.ts"

leavesNoPromiseUnhandled()

const PARTITIONS = 3

type Request = { readonly values: readonly string[] }

/** A client whose brokers answer as the test says; partitions are chosen by the partitioner it was given. */
function brokersThat(answer: (request: Request, confirmed: RecordMetadata[]) => RecordMetadata[] | Promise<never>) {
  const requests: Request[] = []
  const producer = ({ createPartitioner }: ProducerConfig) => {
    const choose = createPartitioner?.()
    const partitionMetadata = Array.from({ length: PARTITIONS }, (_, partitionId) => ({
      ...{ partitionErrorCode: 0, partitionId, leader: 1, replicas: [1], isr: [1] },
    }))
    const placed = (topic: string, message: Message): number => choose?.({ topic, partitionMetadata, message }) ?? -1
    const place = (topic: string, message: Message): RecordMetadata => {
      const partition = placed(topic, message)
      // As in a retry for another broker, after this one has answered.
      placed(topic, message)
      return { topicName: topic, partition, errorCode: 0 }
    }
    return {
      connect: async () => undefined,
      disconnect: async () => undefined,
      sendBatch: async ({ topicMessages = [] }: ProducerBatch) => {
        const request = { values: topicMessages.flatMap(({ messages }) => messages.map(({ value }) => String(value))) }
        requests.push(request)
        return answer(
          request,
          topicMessages.flatMap(({ topic, messages }) => messages.map((message) => place(topic, message))),
        )
      },
    }
  }
  const brokers: Brokers = {
    client: () => ({ producer }) as unknown as Kafka,
    address: "test",
    administer: () => Promise.reject(new Error("not here")),
    observe: () => undefined,
    explain: classify,
  }
  return { appender: createAppender(brokers), requests }
}

const record = (value: string, with_: Partial<OutgoingRecord & { key: string }> = {}): OutgoingRecord => ({
  topic: with_.topic ?? "t",
  message: { key: with_.key ?? null, value },
  sizeBytes: with_.sizeBytes ?? 100,
})

const said = (type: string): Error => Object.assign(new Error(type), { type })

it("sends what is appended while a request is under way with the next one, in order", async () => {
  const { appender, requests } = brokersThat((_, confirmed) => confirmed)
  const results = await Promise.all(["a", "b", "c", "d"].map((value) => appender.append([record(value)])))
  for (const result of results) unwrap(result)
  expect(requests.map(({ values }) => values)).toEqual([["a"], ["b", "c", "d"]])
})

it("never puts more into a request than a broker takes", async () => {
  const { appender, requests } = brokersThat((_, confirmed) => confirmed)
  unwrap(await appender.append(["a", "b", "c"].map((value) => record(value, { sizeBytes: 400_000 }))))
  expect(requests.map(({ values }) => values)).toEqual([["a", "b"], ["c"]])
})

it("takes messages whose partition no broker confirmed for not sent, although the client says that all is well", async () => {
  const { appender } = brokersThat((_, confirmed) => confirmed.slice(1))
  expect(failureOf(await appender.append([record("a", { key: "k" })]))).toMatchObject({ code: "log/unreachable" })
})

it("leaves a message without key on its partition when the client asks again", async () => {
  const { appender } = brokersThat((_, confirmed) => confirmed)
  for (let index = 0; index < 30; index++) unwrap(await appender.append([record(String(index))]))
})

it("halves what a broker finds too large, and gives up on the one record that is", async () => {
  const { appender, requests } = brokersThat(({ values }, confirmed) =>
    values.includes("big") ? Promise.reject(said("MESSAGE_TOO_LARGE")) : confirmed,
  )
  const found = failureOf(await appender.append(["a", "b", "big", "c"].map((value) => record(value))))
  expect(found.code).toBe("log/too-large")
  expect(requests.map(({ values }) => values)).toEqual([["a", "b", "big", "c"], ["a", "b"], ["big", "c"], ["big"]])
})

it("lets a refusal fail only the append that caused it", async () => {
  const { appender } = brokersThat(({ values }, confirmed) =>
    values.includes("bad") ? Promise.reject(said("INVALID_RECORD")) : confirmed,
  )
  const results = await Promise.all(["first", "good", "bad", "fine"].map((value) => appender.append([record(value)])))
  expect(results.map(({ ok }) => ok)).toEqual([true, true, false, true])
})

it("gives an outage to all, and connects anew for the next", async () => {
  let isOut = true
  const { appender } = brokersThat((_, confirmed) =>
    isOut ? Promise.reject(new kafkajs.KafkaJSNonRetriableError("gone")) : confirmed,
  )
  expect(failureOf(await appender.append([record("a")])).kind).toBe("outage")
  isOut = false
  unwrap(await appender.append([record("a")]))
})

it("opens no connection for what comes after its end", async () => {
  const { appender, requests } = brokersThat((_, confirmed) => confirmed)
  await appender.close()
  expect(failureOf(await appender.append([record("late")])).kind).toBe("outage")
  expect(requests).toEqual([])
})

const sized = (...sizes: number[]) => sizes.map((sizeBytes) => ({ sizeBytes }))
const sizesOf = (runs: readonly (readonly { readonly sizeBytes: number }[])[]) =>
  runs.map((run) => run.map(({ sizeBytes }) => sizeBytes))

it("fills each run up to the limit, in order", () => {
  expect(sizesOf(splitByBytes(sized(4, 6, 1, 9, 10, 3), 10))).toEqual([[4, 6], [1, 9], [10], [3]])
})

it("gives an item above the limit a run of its own", () => {
  expect(sizesOf(splitByBytes(sized(2, 50, 3, 3), 10))).toEqual([[2], [50], [3, 3]])
})

it("makes no run of nothing", () => {
  expect(splitByBytes([], 10)).toEqual([])
})

describe("a bug in the client that appends", () => {
  it.each([
    ["throws what is no error", () => Promise.reject("not an error")],
    [
      "throws it before it asks",
      () => {
        throw "not an error"
      },
    ],
  ])("is met by all who append, and none waits for ever, where it %s", async (_, sendBatch) => {
    const producer = { connect: async () => undefined, disconnect: async () => undefined, sendBatch }
    const brokers: Brokers = {
      client: () => ({ producer: () => producer }) as unknown as Kafka,
      address: "test",
      administer: rejecting,
      observe: () => undefined,
      explain: classify,
    }
    const appender = createAppender(brokers)
    const record = { topic: "t", message: { key: null, value: "v" }, sizeBytes: 1 }
    const ended = await Promise.allSettled([1, 2, 3].map(() => appender.append([record])))
    expect(ended).toEqual(Array(3).fill({ status: "rejected", reason: "not an error" }))
    await appender.close()
  })
})
