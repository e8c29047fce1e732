import { describe, expect, it } from "vitest"
import type { Dialect } from "../../element/source.ts"
import { asFrames, gist, messageOf, sampleNames, sampleText, sourceOf } from "../testing/messages.ts"
import { parseArrival } from "./parse-arrival.ts"

/** What each server meant, in its own words. Written down by hand, from what was uploaded. */
const MEANT: Readonly<Record<string, string>> = {
  "CompleteMultipartUpload.json": "frames/mp/big.exr",
  "Put.json": "frames/a/frame-1.exr",
  "Put-space.json": "frames/w/with space.exr",
  "Put-plus.json": "frames/w/plus+plus.exr",
  "Put-percent.json": "frames/w/pct%20x%.exr",
  "Put-unicode.json": "frames/w/ünïcødé-日本-😀.exr",
  "Put-hash-query-amp.json": "frames/w/hash#tag?q=1&a=b.exr",
  "Delete.json": "removed: frames/a/copied key+1.exr",
  "DeleteNoOp.json": "skip: not-a-creation",
  "DeleteObjects.json": "removed: frames/p/002.exr",
  "PutTagging.json": "skip: not-a-creation",
  "TestEvent.json": "skip: test-event",
  "minio/Copy.json": "frames/a/copied key+1.exr",
  "versitygw/Copy.json": "frames/w2/ünï +.exr",
  "versitygw/Put-versioned.json": "skip: extension",
  "versitygw/Put-versioned2.json": "skip: extension",
  "minio/webhook-request-Put.json": "frames/a/frame-1.exr",
  "versitygw/webhook-request-Put.json": "frames/h/with space+é.exr",
}

const isRequest = (name: string): boolean => name.includes("webhook")

const bodyOf = (name: string): string => {
  const text = sampleText(name)
  return asFrames(isRequest(name) ? (JSON.parse(text) as { body: string }).body : text)
}

const dialectOf = (name: string): Dialect => (name.startsWith("minio-") ? "minio" : "versitygw")

describe("what real servers sent", () => {
  it.each(sampleNames())("%s is understood", (name) => {
    const dialect = dialectOf(name)
    const short = name.slice(dialect.length + 1)
    const parsed = parseArrival(messageOf(bodyOf(name)), sourceOf(dialect))
    expect(parsed.map(gist)).toEqual([MEANT[`${dialect}/${short}`] ?? MEANT[short]])
  })

  it("a .jpg is no source, whoever tells of it", () => {
    const parsed = parseArrival(messageOf(sampleText("minio-Put.json")), sourceOf("minio"))
    expect(parsed.map(gist)).toEqual(["skip: extension"])
  })

  it("a copy asks for a new picture, an upload does not", () => {
    const force = (name: string): boolean[] =>
      parseArrival(messageOf(bodyOf(name)), sourceOf(dialectOf(name))).map(
        (one) => one.kind === "arrival" && one.announced.force,
      )
    expect(force("minio-Copy.json")).toEqual([true])
    expect(force("versitygw-Copy.json")).toEqual([true])
    expect(force("minio-Put.json")).toEqual([false])
    expect(force("minio-CompleteMultipartUpload.json")).toEqual([false])
  })

  it("carries on what the server knew: ETag without quotes, size where it is one, sequencer, event name", () => {
    const [put] = parseArrival(messageOf(bodyOf("versitygw-Put.json")), sourceOf("versitygw"))
    expect(put).toMatchObject({
      announced: {
        etag: "74d35d14e378fa9edb818ece3765a57b",
        sizeBytes: 200000,
        versionId: null,
        sequencer: "1",
        trigger: "ObjectCreated:Put",
        keyAlternative: null,
      },
    })
    const [multipart] = parseArrival(messageOf(bodyOf("versitygw-CompleteMultipartUpload.json")), sourceOf("versitygw"))
    expect(multipart).toMatchObject({
      announced: { etag: "9ab84979f586fd691871ac004b16158a-4", sizeBytes: null, versionId: null },
    })
  })

  it("the declared dialect decides: a raw key read as an encoded one is another object", () => {
    const body = messageOf(bodyOf("versitygw-Put-plus.json"))
    expect(parseArrival(body, sourceOf("versitygw")).map(gist)).toEqual(["frames/w/plus+plus.exr"])
    expect(parseArrival(body, sourceOf("aws")).map(gist)).toEqual(["frames/w/plus plus.exr"])
  })
})
