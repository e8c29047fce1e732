import { describe, expect, it } from "vitest"
import { mirroredBelow } from "../../element/output-places.ts"
import { elementIdOf } from "../../events/identity.ts"
import { takeIn } from "../take-in.ts"
import { gist, messageOf, sourceOf, VAST_HEADERS, vastRecord, vastStructured } from "../testing/messages.ts"
import type { Announced, IntakeMessage, IntakeSource } from "./message.ts"
import { parseArrival } from "./parse-arrival.ts"

const gists = (message: IntakeMessage, source: IntakeSource = sourceOf("vast")): string[] =>
  parseArrival(message, source).map(gist)

function arrivals(message: IntakeMessage, source: IntakeSource = sourceOf("vast")): Announced[] {
  return parseArrival(message, source).map((one) => {
    if (one.kind !== "arrival") throw new Error(gist(one))
    return one.announced
  })
}

const FRAME = "renders-bucket/shot_010/beauty.0001.exr"

describe("VAST element events", () => {
  it("in binary mode: attributes as headers, records as value", () => {
    const message = messageOf({ Records: [vastRecord("shot_010/beauty.0001.exr")] }, { headers: VAST_HEADERS })
    const [arrival] = arrivals(message)
    expect(arrival).toMatchObject({
      bucket: "renders-bucket",
      key: "shot_010/beauty.0001.exr",
      keyAlternative: null,
      triggerId: "1004356627333135",
      trigger: "ObjectCreated:Put",
      sizeBytes: 52428800,
      etag: "d41d",
    })
    const cloudEvent = { source: VAST_HEADERS.ce_source, id: VAST_HEADERS.ce_id, recordIndex: 0 }
    expect(arrival?.elementId).toBe(elementIdOf({ cloudEvent }))
  })

  it("in structured mode, with records, with an element path, with flat data", () => {
    expect(gists(messageOf(vastStructured({ Records: [vastRecord("shot_010/beauty.0001.exr")] })))).toEqual([FRAME])
    expect(gists(messageOf(vastStructured({ Records: [] }, { elementpath: FRAME })))).toEqual([FRAME])
    const flat = { s3_bucket: "renders-bucket", s3_key: "shot_010/beauty.0001.exr" }
    expect(gists(messageOf(vastStructured(flat)))).toEqual([FRAME])
    expect(gists(messageOf(vastStructured(null, { elementpath: FRAME })))).toEqual([FRAME])
  })

  it("the same event has one id in both modes", () => {
    const data = { Records: [vastRecord("shot_010/beauty.0001.exr")] }
    const [binary] = arrivals(messageOf(data, { headers: VAST_HEADERS }))
    const [structured] = arrivals(messageOf(vastStructured(data)))
    expect(structured?.elementId).toBe(binary?.elementId)
  })

  it("without a value the element path suffices", () => {
    expect(gists(messageOf("", { headers: VAST_HEADERS }))).toEqual([FRAME])
    expect(gists(messageOf("", { headers: VAST_HEADERS, body: null }))).toEqual([FRAME])
  })

  it("the element path is raw and comes before the record's spelling", () => {
    const headers = { ...VAST_HEADERS, ce_elementpath: "renders-bucket/plates/a+b%20c.exr" }
    const message = messageOf({ Records: [vastRecord("plates%2Fsomething.exr")] }, { headers })
    expect(arrivals(message)[0]).toMatchObject({ key: "plates/a+b%20c.exr", keyAlternative: null })
  })

  it("a header of HTTP may be percent-encoded or not, so both readings are tried", () => {
    const headers = { ...VAST_HEADERS, ce_elementpath: "renders-bucket/plates/a%20b.exr" }
    const message = messageOf("", { headers, headersAreEncoded: true })
    expect(arrivals(message)[0]).toMatchObject({ key: "plates/a b.exr", keyAlternative: "plates/a%20b.exr" })
  })

  it("a whole event inside an event counts by itself, its path exactly as it stands", () => {
    const inner = vastStructured(null, { elementpath: "renders-bucket/a%20b.exr", id: "inner" })
    const [arrival] = arrivals(messageOf(inner, { headers: VAST_HEADERS, headersAreEncoded: true }))
    expect(arrival).toMatchObject({ key: "a%20b.exr", keyAlternative: null, triggerId: "inner" })
  })

  it.each([
    "vastdata.com:Element.ElementTagCreated",
    "Element.ElementTagDeleted",
    "vastdata.com:Schedule.TimerElapsed",
    "Function",
    "com.example.Something",
  ])("%s is no arrival", (ce_type) => {
    expect(gists(messageOf("", { headers: { ...VAST_HEADERS, ce_type } }))).toEqual(["skip: not-a-creation"])
  })

  it.each(["vastdata.com:Element.ElementCreated", "vastdata.com:Element.ObjectCreated", "Element.ObjectCreated"])(
    "%s is one",
    (ce_type) => {
      expect(gists(messageOf("", { headers: { ...VAST_HEADERS, ce_type } }))).toEqual([FRAME])
    },
  )

  it("passes ids and trace context on, from extensions and from data", () => {
    const trace = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, tracestate: "vendor=1" }
    const headers = { ...VAST_HEADERS, ce_jobid: "job-1", ce_asset_id: "asset-1", ...trace }
    const data = { project_id: "p1", shot_id: "sh010", asset_id: "weaker" }
    expect(arrivals(messageOf(data, { headers }))[0]).toMatchObject({
      assetId: "asset-1",
      jobId: "job-1",
      projectId: "p1",
      shotId: "sh010",
      ...trace,
    })
    const broken = { ...VAST_HEADERS, ce_traceparent: "nonsense", ce_tracestate: "vendor=1" }
    expect(arrivals(messageOf("", { headers: broken }))[0]).toMatchObject({ traceparent: null, tracestate: null })
  })
})

describe("keys in VAST's records", () => {
  const keyOf = (raw: string) => {
    const [{ key, keyAlternative } = { key: "", keyAlternative: "" }] = arrivals(
      messageOf({ Records: [vastRecord(raw, "s3:ObjectCreated:Post")] }),
    )
    return [key, keyAlternative]
  }

  it("are decoded, and the raw text is kept where it differs", () => {
    expect(keyOf("plates/a+b%281%29.exr")).toEqual(["plates/a b(1).exr", "plates/a+b%281%29.exr"])
    expect(keyOf("plates/plain.exr")).toEqual(["plates/plain.exr", null])
  })

  it("are raw where a percent sign is malformed", () => {
    expect(keyOf("plates/100%.exr")).toEqual(["plates/100%.exr", null])
  })

  it("never lie where all outputs go", () => {
    const source = { ...sourceOf("vast"), outputsFor: mirroredBelow({ bucket: "renders-bucket", prefix: "out/" }) }
    const of = (key: string): string[] => gists(messageOf({ Records: [vastRecord(key)] }), source)
    expect(of("out/plates/a.exr")).toEqual(["skip: output"])
    expect(of("outside/a.exr")).toEqual(["renders-bucket/outside/a.exr"])
  })

  it("never reach an output by the other spelling", () => {
    expect(gists(messageOf({ Records: [vastRecord("a/.proxies%2Fb.exr")] }))).toEqual(["skip: output"])
    expect(keyOf("a%252F.exr")).toEqual(["a%2F.exr", "a%252F.exr"])
  })
})

describe("other forms", () => {
  it("AWS: form-encoded keys", () => {
    const record = { ...vastRecord("plates/red+flower%281%29.exr"), eventSource: "aws:s3" }
    const [arrival] = arrivals(messageOf({ Records: [record] }), sourceOf("aws"))
    expect(arrival).toMatchObject({ key: "plates/red flower(1).exr", keyAlternative: null })
  })

  it("flat: bucket and key, or an element path, both raw", () => {
    expect(gists(messageOf({ s3_bucket: "b", s3_key: "plates/a+b%20.exr" }))).toEqual(["b/plates/a+b%20.exr"])
    const [arrival] = arrivals(messageOf({ elementpath: "b/plates/a b.exr", etag: "e", size: 1 }))
    expect(arrival).toMatchObject({ bucket: "b", key: "plates/a b.exr", etag: "e", sizeBytes: 1 })
  })

  it("every record of a message counts, each with an id of its own", () => {
    const data = { Records: [vastRecord("a.exr"), vastRecord("b.exr", "ObjectRemoved:Delete"), vastRecord("c.dpx")] }
    expect(gists(messageOf(data))).toEqual([
      "renders-bucket/a.exr",
      "removed: renders-bucket/b.exr",
      "renders-bucket/c.dpx",
    ])
    const parsed = parseArrival(messageOf(data), sourceOf("vast"))
    const ids = parsed.flatMap((one) => (one.kind === "arrival" ? [one.announced.elementId] : []))
    expect(new Set(ids).size).toBe(2)
    expect(parseArrival(messageOf(data), sourceOf("vast"))).toEqual(parsed)
  })

  it("test events of VAST and AWS are passed over", () => {
    for (const Service of ["Vast S3", "Amazon S3"])
      expect(gists(messageOf({ Service, Event: "s3:TestEvent", Bucket: "b" }))).toEqual(["skip: test-event"])
  })

  it.each(["s3:ObjectCreated:PutTagging", "s3:ObjectTagging:Put", "ObjectCreated:Put:x", "ObjectRestore:Post"])(
    "%s is no arrival",
    (eventName) => {
      expect(gists(messageOf({ Records: [vastRecord("a.exr", eventName)] }))).toEqual(["skip: not-a-creation"])
    },
  )
})

describe("what is not wanted", () => {
  it.each([
    ["a/.proxies/b.exr", "output"],
    [".proxies/b.exr", "output"],
    ["a/folder.exr/", "folder"],
    ["a/b.mov", "extension"],
    [".exr", "extension"],
    ["a/._b.exr", "hidden"],
    [".b.exr", "hidden"],
  ])("%s is passed over: %s", (s3_key, reason) => {
    expect(gists(messageOf({ s3_bucket: "b", s3_key }))).toEqual([`skip: ${reason}`])
  })

  it("buckets, prefixes and suffixes choose, suffixes in either case", () => {
    const source = sourceOf("vast", { buckets: ["b"], prefixes: ["shots/"], suffixes: [".EXR"] })
    const of = (s3_bucket: string, s3_key: string): string[] => gists(messageOf({ s3_bucket, s3_key }), source)
    expect(of("b", "shots/a.exr")).toEqual(["b/shots/a.exr"])
    expect(of("c", "shots/a.exr")).toEqual(["skip: bucket"])
    expect(of("b", "plates/a.exr")).toEqual(["skip: prefix"])
    expect(of("b", "shots/a.dpx")).toEqual(["skip: suffix"])
  })

  it("other formats are taken in where their endings are opened, hidden files and outputs never", () => {
    const source = sourceOf("vast", { endings: ["png", "exr"] })
    const of = (s3_key: string): string[] => gists(messageOf({ s3_bucket: "b", s3_key }), source)
    expect(of("a.PNG")).toEqual(["b/a.PNG"])
    expect(of("a.dpx")).toEqual(["skip: extension"])
    expect(of("a/._b.png")).toEqual(["skip: hidden"])
    expect(of(".proxies/a_thumb.png")).toEqual(["skip: output"])
  })
})

const HOUR = 3_600_000
const EVENT_MS = Date.parse("2026-04-08T15:41:29.591Z")

const timesOf = (message: Parameters<typeof takeIn>[0], nowMs: number) =>
  takeIn(message, sourceOf("vast"), nowMs).arrivals.map(({ value }) => value.logicalTimeMs)

const flat = { s3_bucket: "b", s3_key: "a.exr" }

describe("the time that orders an arrival", () => {
  it("is the store's, whatever the clock of the intake says", () => {
    for (const aheadMs of [0, HOUR, 48 * HOUR]) {
      expect(timesOf(messageOf({ Records: [vastRecord("a.exr")] }), EVENT_MS + aheadMs)).toEqual([EVENT_MS])
      expect(timesOf(messageOf("", { headers: VAST_HEADERS }), EVENT_MS + aheadMs)).toEqual([EVENT_MS])
    }
  })

  it("is none where the store does not tell it: a sender's own clock orders nothing", () => {
    expect(timesOf(messageOf(flat), EVENT_MS)).toEqual([0])
    const headers = { ...VAST_HEADERS, ce_elementpath: "" }
    const { ce_elementpath: _, ...ofSender } = headers
    expect(timesOf(messageOf(flat, { headers: ofSender }), EVENT_MS)).toEqual([0])
    expect(timesOf(messageOf({ Records: [{ ...vastRecord("a.exr"), eventTime: "soon" }] }), EVENT_MS)).toEqual([0])
  })

  it("is none where it lies in the future, so that no message can be ahead of what comes after it", () => {
    for (const eventTime of ["9999-12-31T23:59:59Z", "2026-04-08T17:41:29Z"])
      expect(timesOf(messageOf({ Records: [{ ...vastRecord("a.exr"), eventTime }] }), EVENT_MS)).toEqual([0])
  })
})
