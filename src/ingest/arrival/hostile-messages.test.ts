import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { DIALECTS, isSource } from "../../element/source.ts"
import { encodeFact } from "../../events/codec.ts"
import { takeIn } from "../take-in.ts"
import { gist, messageOf, sampleNames, sampleText, sourceOf, VAST_HEADERS, vastRecord } from "../testing/messages.ts"
import { parseArrival } from "./parse-arrival.ts"

const onlyGist = (body: string | Uint8Array | null): string => {
  const message = messageOf("", { body: typeof body === "string" ? Buffer.from(body) : body })
  return parseArrival(message, sourceOf("vast")).map(gist).join(", ")
}

describe("messages that nobody can read", () => {
  it.each([
    ["a tombstone", null, "has no value"],
    ["nothing", "", "has no value"],
    ["text", "hello", "is not JSON"],
    ["bytes", Buffer.from([0xff, 0xfe, 0x00]), "is not UTF-8"],
    ["a number", "42", "names no object"],
    ["another JSON", '{"hello":"world"}', "names no object"],
    ["Records that are none", '{"Records":"a.exr"}', "Records is no list"],
    ["a record that is none", '{"Records":[17]}', "has no eventName"],
    ["a record without object", '{"Records":[{"eventName":"ObjectCreated:Put"}]}', "names no bucket and key"],
    ["a path without key", '{"elementpath":"bucket/"}', "is no bucket/key"],
    ["a key with NUL", '{"s3_bucket":"b","s3_key":"a\\u0000.exr"}', "a key that cannot be one"],
    ["half a surrogate pair", '{"s3_bucket":"b","s3_key":"a\\ud800.exr"}', "a key that cannot be one"],
    ["a key without end", `{"s3_bucket":"b","s3_key":"${"a".repeat(5000)}.exr"}`, "a key that cannot be one"],
    ["a bucket with a slash", '{"s3_bucket":"b/c","s3_key":"a.exr"}', "a bucket that cannot be one"],
    ["an id with NUL", '{"s3_bucket":"b","s3_key":"a.exr","job_id":"\\u0000"}', "job_id is no id"],
  ])("%s is refused with a reason", (_, body, says) => {
    expect(onlyGist(body)).toMatch(new RegExp(`^unreadable: .*${says}`))
  })

  it("one bad record does not spoil its neighbours", () => {
    const body = JSON.stringify({ Records: [{}, vastRecord("a.exr")] })
    expect(onlyGist(body)).toBe("unreadable: Record 0 has no eventName., renders-bucket/a.exr")
  })

  it.each(["9007199254740991", "9007199254740992", "-1", "0.5", "1e400", "18446744073709551615", '"7"', "null", "[]"])(
    "a size of %s is left out, since HEAD decides anyway",
    (size) => {
      const body = `{"Records":[{"eventName":"s3:ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"x.exr","size":${size}}}}]}`
      const { arrivals, letter } = takeIn(messageOf("", { body: Buffer.from(body) }), sourceOf("vast"), 0)
      expect(arrivals.map(({ value }) => value.element.sizeBytes)).toEqual([null])
      expect([letter, arrivals.every((fact) => encodeFact(fact, 1).ok)]).toEqual([null, true])
    },
  )

  it("deep nesting is no trouble", () => {
    expect(onlyGist("[".repeat(100_000))).toContain("is not JSON")
    expect(onlyGist(`${'{"data":'.repeat(5_000)}1${"}".repeat(5_000)}`)).toContain("names no object")
  })

  it("fields of JSON are never taken from prototypes", () => {
    expect(onlyGist('{"__proto__":{"s3_bucket":"b","s3_key":"a.exr"}}')).toContain("names no object")
  })
})

describe("whatever arrives", () => {
  const dialects = fc.constantFrom(...DIALECTS)
  const headers = fc.dictionary(fc.constantFrom(...Object.keys(VAST_HEADERS), "traceparent", "ce_jobid"), fc.string())

  const holds = (body: Uint8Array | null, dialect: (typeof DIALECTS)[number], given: Record<string, string>): void => {
    for (const one of parseArrival(messageOf("", { body, headers: given }), sourceOf(dialect))) {
      if (one.kind !== "arrival" && one.kind !== "removal") continue
      expect(isSource(one.announced.key)).toBe(true)
      expect(one.announced.key).not.toMatch(/(^|\/)\.proxies\//)
    }
  }

  it("bytes never throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), dialects, headers, holds), { numRuns: 500 })
  })

  it("JSON never throws", () => {
    const json = fc.json().map((text) => Buffer.from(text))
    fc.assert(fc.property(json, dialects, headers, holds), { numRuns: 500 })
  })

  it("records with anything inside never throw", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("a/b.exr", "a%2Fb.exr", "ObjectCreated:Put"))
    const any = fc.oneof(text, fc.jsonValue())
    const record = fc.record({
      eventName: fc.oneof(fc.constant("s3:ObjectCreated:Put"), any),
      s3: fc.record({
        bucket: fc.record({ name: any }),
        object: fc.record({ key: fc.oneof(text, any), size: any, eTag: any, sequencer: any }),
      }),
    })
    const body = fc.array(record).map((Records) => Buffer.from(JSON.stringify({ Records })))
    fc.assert(fc.property(body, dialects, headers, holds), { numRuns: 500 })
  })

  it("damaged messages of real servers never throw", () => {
    const sample = fc.constantFrom(...sampleNames()).map((name) => Buffer.from(sampleText(name)))
    const damage = fc.array(fc.tuple(fc.nat(3_000), fc.nat(255)), { maxLength: 8 })
    const damaged = fc.tuple(sample, damage).map(([bytes, hits]) => {
      for (const [at, value] of hits) if (at < bytes.length) bytes[at] = value
      return bytes
    })
    fc.assert(fc.property(damaged, dialects, headers, holds), { numRuns: 500 })
  })
})
