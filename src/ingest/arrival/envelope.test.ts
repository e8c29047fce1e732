import { describe, expect, it } from "vitest"
import { gist, messageIdsOf, messageOf, sourceOf, vastRecord, vastStructured } from "../testing/messages.ts"
import { parseArrival } from "./parse-arrival.ts"

const gists = (body: unknown): string[] => parseArrival(messageOf(body), sourceOf("vast")).map(gist)

const s3 = { Records: [{ ...vastRecord("plates/a+b%281%29.exr"), eventSource: "aws:s3" }] }
const ARN = "arn:aws:sns:eu-central-1:1:frames"
const notification = (message: unknown) => ({
  Type: "Notification",
  MessageId: "m1",
  TopicArn: ARN,
  Message: JSON.stringify(message),
  Timestamp: "2026-04-08T15:41:29.591Z",
})
const inQueue = (...messages: readonly unknown[]) => ({
  Records: messages.map((message, index) => ({
    messageId: `q${index}`,
    receiptHandle: "handle",
    body: JSON.stringify(message),
    eventSource: "aws:sqs",
  })),
})
const eventBridge = (type: string, detail: Readonly<Record<string, unknown>> = {}) => ({
  version: "0",
  id: "17793124-05d4-b198-2fde-7ededc63b103",
  "detail-type": type,
  source: "aws.s3",
  time: "2026-04-08T15:41:29Z",
  detail: {
    bucket: { name: "b" },
    object: { key: "plates/a+b (1).exr", size: 5, etag: "e", "version-id": "v1", sequencer: "00" },
    ...detail,
  },
})

describe("a batch of CloudEvents", () => {
  const event = (id: string, s3_key: string) => vastStructured({ s3_bucket: "frames", s3_key }, { id })

  it("holds an arrival for each of its events, with the event's own id", () => {
    const batch = [event("1", "a.exr"), event("2", "b.exr")]
    expect(gists(batch)).toEqual(["frames/a.exr", "frames/b.exr"])
    expect(messageIdsOf(messageOf(batch))).toEqual(
      [event("1", "a.exr"), event("2", "b.exr")].flatMap((one) => messageIdsOf(messageOf(one))),
    )
  })

  it("with a bad event still holds the others", () => {
    expect(gists([event("1", "a.exr"), 17, []])).toEqual([
      "frames/a.exr",
      "unreadable: The message names no object in any form that is known.",
      "unreadable: The message is an empty list.",
    ])
  })
})

describe("messages of S3 through Amazon's queues", () => {
  it.each([
    ["SNS by HTTP", notification(s3)],
    ["SNS to a function", { Records: [{ EventSource: "aws:sns", Sns: { Message: JSON.stringify(s3) } }] }],
    ["SQS to a function", inQueue(s3)],
    ["SQS as it is received", { Messages: [{ MessageId: "m", Body: JSON.stringify(s3) }] }],
    ["SNS inside SQS", inQueue(notification(s3))],
  ])("%s: keys are form-encoded, whatever the source's dialect is", (_, body) => {
    expect(gists(body)).toEqual(["renders-bucket/plates/a b(1).exr"])
  })

  it("are as many arrivals as there are records in all of them", () => {
    expect(gists(inQueue(s3, notification(eventBridge("Object Created"))))).toEqual([
      "renders-bucket/plates/a b(1).exr",
      "b/plates/a+b (1).exr",
    ])
  })

  it("have the same id when they come again with another receipt", () => {
    const again = JSON.parse(JSON.stringify(inQueue(s3)).replace("handle", "another"))
    const place = { at: { request: "any" }, timestampMs: null }
    expect(messageIdsOf(messageOf(again, place))).toEqual(messageIdsOf(messageOf(inQueue(s3), place)))
  })

  it.each([
    ["text that is no JSON", { ...notification({}), Message: "hello" }, "wraps a message that is not JSON"],
    ["a body that is no text", { Records: [{ body: 5 }] }, "wraps a message that is no text"],
    [
      "a subscription",
      { ...notification({}), Type: "SubscriptionConfirmation", Token: "t" },
      "confirm a subscription yourself",
    ],
  ])("%s is refused with a reason", (_, body, says) => {
    expect(gists(body)).toEqual([expect.stringContaining(says)])
  })

  it("wrapped too often are refused", () => {
    const often = Array.from({ length: 9 }).reduce<unknown>((inner) => notification(inner), s3)
    expect(gists(often)).toEqual(["unreadable: The message is wrapped too often."])
  })
})

describe("events of EventBridge", () => {
  it("name keys as they are", () => {
    const [parsed] = parseArrival(messageOf(eventBridge("Object Created", { reason: "CopyObject" })), sourceOf("vast"))
    expect(parsed).toMatchObject({
      kind: "arrival",
      announced: { bucket: "b", key: "plates/a+b (1).exr", etag: "e", sizeBytes: 5, versionId: "v1", force: true },
    })
  })

  it("tell of removals, and of much that is no arrival", () => {
    expect(gists(eventBridge("Object Deleted", { reason: "DeleteObject" }))).toEqual(["removed: b/plates/a+b (1).exr"])
    for (const type of ["Object Tags Added", "Object Restore Completed", "Scheduled Event"])
      expect(gists(eventBridge(type))).toEqual(["skip: not-a-creation"])
  })
})

describe("what identifies a message that brings no id", () => {
  const body = (s3_key: string) => ({ s3_bucket: "b", s3_key })
  const ids = (given: Parameters<typeof messageOf>[0], with_: Parameters<typeof messageOf>[1] = {}) =>
    messageIdsOf(messageOf(given, with_))

  it("is the same at a redelivery", () => {
    expect(ids(body("a.exr"))).toEqual(ids(body("a.exr")))
  })

  it("differs in a topic that was made anew: other content or another time at the same offset", () => {
    expect(ids(body("a.exr"))).not.toEqual(ids(body("b.exr")))
    expect(ids(body("a.exr"))).not.toEqual(ids(body("a.exr"), { timestampMs: 1 }))
  })

  it("differs between two events of binary mode that differ in their headers only", () => {
    const path = (ce_elementpath: string) => ({ headers: { ce_specversion: "1.0", ce_elementpath }, body: null })
    const request = { at: { request: "any" }, timestampMs: null }
    expect(ids("", { ...path("b/a.exr"), ...request })).not.toEqual(ids("", { ...path("b/c.exr"), ...request }))
  })
})
