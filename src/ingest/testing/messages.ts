import { readdirSync, readFileSync } from "node:fs"
import type { IntakeMessage, IntakeSource, Parsed } from "../arrival/message.ts"
import { parseArrival } from "../arrival/parse-arrival.ts"

/** Messages exactly as versitygw and MinIO sent them, by file name. */
export const sampleNames = (): readonly string[] =>
  readdirSync(new URL("events/", import.meta.url)).filter((name) => name !== "kafka-keys-headers.json")

export const sampleText = (name: string): string => readFileSync(new URL(`./events/${name}`, import.meta.url), "utf8")

/** The servers were fed .jpg files and others: as frames the same messages are arrivals. */
export const asFrames = (text: string): string => text.replaceAll(/\.(jpg|bin)(?=["\\])/g, ".exr")

const AT = { topic: "s3-events", partition: 2, offset: 17 }

export const messageOf = (body: unknown, with_: Partial<IntakeMessage> = {}): IntakeMessage => ({
  headers: {},
  headersAreEncoded: false,
  body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  at: AT,
  timestampMs: 1_775_001_600_000,
  ...with_,
})

export const sourceOf = (dialect: IntakeSource["dialect"], with_: Partial<IntakeSource> = {}): IntakeSource => ({
  dialect,
  buckets: [],
  prefixes: [],
  suffixes: [],
  trust: { ids: true, force: true },
  ...with_,
})

/** What a user would ask: the object of an arrival, the reason of a skip, the words of a refusal. */
export function gist(parsed: Parsed): string {
  if (parsed.kind === "arrival") return `${parsed.announced.bucket}/${parsed.announced.key}`
  if (parsed.kind === "removal") return `removed: ${parsed.announced.bucket}/${parsed.announced.key}`
  if (parsed.kind === "hint") return `${parsed.by}: ${parsed.announced.bucket}/${parsed.announced.key}`
  return parsed.kind === "skip" ? `skip: ${parsed.reason}` : `unreadable: ${parsed.says}`
}

/** Attributes of VAST's element event, as headers of binary mode. */
export const VAST_HEADERS = {
  ce_specversion: "1.0",
  ce_type: "vastdata.com:Element.ElementCreated",
  ce_id: "1004356627333135",
  ce_source: "vastdata.com:media-trigger.5b1e7a52",
  ce_subject: "vast-broker-engine-broker.main",
  ce_time: "2026-04-08T15:41:29.591955+00:00",
  ce_elementpath: "renders-bucket/shot_010/beauty.0001.exr",
  ce_elementhandle: "8025198034623744117",
  ce_elementsourcetype: "vast:s3",
  "content-type": "application/json",
}

/** One record as VAST writes it. */
export const vastRecord = (key: string, eventName = "ObjectCreated:Put") => ({
  eventVersion: "2.2",
  eventSource: "vast:s3",
  awsRegion: "",
  eventTime: "2026-04-08T15:41:29.591955Z",
  eventName,
  userIdentity: { principalId: "u" },
  requestParameters: { sourceIPAddress: "10.0.0.1" },
  responseElements: { "x-amz-request-id": "r", "x-amz-id-2": "i" },
  s3: {
    s3SchemaVersion: "1.0",
    configurationId: "media-trigger.5b1e7a52",
    bucket: { name: "renders-bucket", ownerIdentity: { principalId: "o" }, arn: "arn:aws:s3:::renders-bucket" },
    object: { key, size: 52428800, eTag: "d41d", sequencer: "009f00000000000f42fd" },
  },
})

/** The same event in structured mode: attributes and data in one JSON value. */
export const vastStructured = (data: unknown, with_: Readonly<Record<string, unknown>> = {}) => ({
  specversion: "1.0",
  type: "vastdata.com:Element.ElementCreated",
  id: "1004356627333135",
  source: "vastdata.com:media-trigger.5b1e7a52",
  subject: "vast-broker-engine-broker.main",
  time: "2026-04-08T15:41:29.591955+00:00",
  datacontenttype: "application/json",
  ...with_,
  data,
})

/** The ids of the elements that a message tells of. */
export const messageIdsOf = (message: IntakeMessage): readonly string[] =>
  parseArrival(message, sourceOf("vast")).flatMap((one) =>
    one.kind === "arrival" || one.kind === "removal" ? [one.announced.elementId] : [],
  )

/** A way to say that a frame is there or gone, as an intake of messages hears it. Attributes stand as headers of Kafka. */
export type Form = {
  readonly name: string
  readonly message: (
    news: "created" | "removed",
    key: string,
  ) => { readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
}

export const BUCKET = "frames"

const recordOf = (news: "created" | "removed", key: string) => {
  const record = vastRecord(key, news === "created" ? "ObjectCreated:Put" : "ObjectRemoved:Delete")
  return { ...record, s3: { ...record.s3, bucket: { ...record.s3.bucket, name: BUCKET } } }
}

const attributesOf = (news: "created" | "removed", key: string) => ({
  type: `vastdata.com:Element.Element${news === "created" ? "Created" : "Deleted"}`,
  id: `${news} ${key}`,
})

const notification = (news: "created" | "removed", key: string): string =>
  JSON.stringify({ Records: [recordOf(news, key)] })

const flat = (key: string) => ({ s3_bucket: BUCKET, s3_key: key })

/** Every form in which one and the same thing is said. */
export const FORMS: readonly Form[] = [
  {
    name: "an element event in binary mode",
    message: (news, key) => {
      const { type: ce_type, id: ce_id } = attributesOf(news, key)
      const headers = { ...VAST_HEADERS, ce_type, ce_id, ce_elementpath: `${BUCKET}/${key}` }
      return { body: { Records: [recordOf(news, key)] }, headers }
    },
  },
  {
    name: "an element event in structured mode",
    message: (news, key) => ({ body: vastStructured({ Records: [recordOf(news, key)] }, attributesOf(news, key)) }),
  },
  {
    name: "a batch of events",
    message: (news, key) => ({ body: [vastStructured(flat(key), attributesOf(news, key))] }),
  },
  { name: "a bucket notification", message: (news, key) => ({ body: notification(news, key) }) },
  {
    name: "a notification through SNS",
    message: (news, key) => ({ body: { Type: "Notification", TopicArn: "arn:t", Message: notification(news, key) } }),
  },
  {
    name: "a notification through SQS",
    message: (news, key) => ({ body: { Records: [{ messageId: "m", body: notification(news, key) }] } }),
  },
  {
    name: "an event of EventBridge",
    message: (news, key) => ({
      body: {
        "detail-type": news === "created" ? "Object Created" : "Object Deleted",
        ...{ source: "aws.s3", id: `${news} ${key}`, time: "2026-04-08T15:41:29Z" },
        detail: { bucket: { name: BUCKET }, object: { key, size: 52428800, etag: "d41d" } },
      },
    }),
  },
]
