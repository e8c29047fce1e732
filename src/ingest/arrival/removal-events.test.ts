import { describe, expect, it } from "vitest"
import { recordsOf, takeIn } from "../take-in.ts"
import { gist, messageOf, sourceOf, VAST_HEADERS, vastRecord, vastStructured } from "../testing/messages.ts"
import type { IntakeMessage } from "./message.ts"
import { parseArrival } from "./parse-arrival.ts"

const FRAME = "renders-bucket/shot_010/beauty.0001.exr"

const gists = (message: IntakeMessage, dialect: "vast" | "aws" | "minio" | "versitygw" = "vast"): string[] =>
  parseArrival(message, sourceOf(dialect)).map(gist)

const record = (eventName: string, object: object = {}) => {
  const one = vastRecord("shot_010/beauty.0001.exr", eventName)
  return { ...one, s3: { ...one.s3, object: { key: "shot_010/beauty.0001.exr", ...object } } }
}

describe("an event that an object was removed", () => {
  it.each([
    "ObjectRemoved:Delete",
    "s3:ObjectRemoved:Delete",
    "ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRemoved:DeleteObjects",
    "s3:ObjectRemoved:DeleteAllVersions",
    "LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
  ])("is %s, in every dialect", (eventName) => {
    for (const dialect of ["vast", "aws", "minio", "versitygw"] as const)
      expect(gists(messageOf({ Records: [record(eventName)] }), dialect)).toEqual([`removed: ${FRAME}`])
  })

  it.each([
    "s3:ObjectRemoved:NoOP",
    "ObjectRemoved",
    "ObjectRemoved:Delete:x",
    "ObjectTagging:Delete",
    "ObjectRestore:Delete",
    "s3:ObjectAcl:Put",
  ])("is not %s", (eventName) => {
    expect(gists(messageOf({ Records: [record(eventName)] }))).toEqual(["skip: not-a-creation"])
  })

  it.each(["vastdata.com:Element.ElementDeleted", "Element.ElementDeleted", "vastdata.com:Element.ObjectRemoved"])(
    "is VAST's %s: by path, by record, by flat data, in both modes",
    (ce_type) => {
      const headers = { ...VAST_HEADERS, ce_type }
      const flat = { s3_bucket: "renders-bucket", s3_key: "shot_010/beauty.0001.exr" }
      const removed = [`removed: ${FRAME}`]
      expect(gists(messageOf("", { headers }))).toEqual(removed)
      expect(gists(messageOf({ Records: [record("ObjectRemoved:Delete")] }, { headers }))).toEqual(removed)
      expect(gists(messageOf(vastStructured(flat, { type: ce_type })))).toEqual(removed)
      expect(gists(messageOf(vastStructured({ Records: [] }, { type: ce_type, elementpath: FRAME })))).toEqual(removed)
    },
  )

  it.each([
    [{ reason: "DeleteObject", "deletion-type": "Permanently Deleted" }, "ObjectRemoved:Delete"],
    [{ reason: "DeleteObject", "deletion-type": "Delete Marker Created" }, "ObjectRemoved:DeleteMarkerCreated"],
    [{ reason: "Lifecycle Expiration", "deletion-type": "Permanently Deleted" }, "LifecycleExpiration:Delete"],
  ])("is EventBridge's Object Deleted with %j, its key raw", (why, trigger) => {
    const object = { key: "shot 010/a+b.exr", "version-id": "v7", sequencer: "0055" }
    const detail = { version: "0", bucket: { name: "b" }, object, ...why }
    const event = {
      version: "0",
      id: "e1",
      "detail-type": "Object Deleted",
      source: "aws.s3",
      time: "2026-04-08T15:41:29Z",
    }
    const [removal] = parseArrival(messageOf({ ...event, detail }), sourceOf("aws"))
    expect(removal).toMatchObject({
      kind: "removal",
      announced: { bucket: "b", key: "shot 010/a+b.exr", trigger, versionId: "v7" },
      eventTimeMs: Date.parse("2026-04-08T15:41:29Z"),
    })
  })

  it("says what it knows: version, sequencer, and when it was", () => {
    const object = { versionId: "v7", sequencer: "0055", eTag: "e" }
    const [removal] = parseArrival(messageOf({ Records: [record("ObjectRemoved:Delete", object)] }), sourceOf("aws"))
    expect(removal).toMatchObject({
      kind: "removal",
      announced: { versionId: "v7", sequencer: "0055", etag: "e", trigger: "ObjectRemoved:Delete", force: false },
      eventTimeMs: Date.parse("2026-04-08T15:41:29.591Z"),
    })
  })

  it.each(["yesterday", "", 17, null, "-000200-01-01T00:00:00Z"])("has no time where it says %j", (eventTime) => {
    const message = messageOf({ Records: [{ ...record("ObjectRemoved:Delete"), eventTime }] })
    expect(parseArrival(message, sourceOf("aws"))).toMatchObject([{ kind: "removal", eventTimeMs: null }])
  })

  it("of an output, a folder, another file or another bucket is passed over, as arrivals are", () => {
    const of = (key: string): object => ({ key })
    const Records = ["a/.proxies/b.exr", "a/", "a.txt"].map((key) => record("ObjectRemoved:Delete", of(key)))
    expect(gists(messageOf({ Records }))).toEqual(["skip: output", "skip: folder", "skip: extension"])
    const source = sourceOf("vast", { buckets: ["other"] })
    const parsed = parseArrival(messageOf({ Records: [record("ObjectRemoved:Delete")] }), source)
    expect(parsed.map(gist)).toEqual(["skip: bucket"])
  })

  it("becomes one report, whose id is the message's: sent again, it is the same", () => {
    const Records = [record("ObjectCreated:Put"), record("ObjectRemoved:Delete")]
    const reported = () => recordsOf(takeIn(messageOf({ Records }), sourceOf("vast"), 1_000))
    expect(reported().map(({ topic }) => topic)).toEqual(["element-created", "removal-reported"])
    expect(reported()).toEqual(reported())
    expect(reported()[1]).toMatchObject({
      value: { element: { key: "shot_010/beauty.0001.exr", arrivedAtMs: 1_000 }, recordedAtMs: 1_000 },
    })
  })
})
