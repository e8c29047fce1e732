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
