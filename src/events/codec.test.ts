import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createDecoder, currentSchemas, type Decode, encodeFact, schemaIdOf } from "./codec.ts"
import { cloudEventHeaders, type Fact } from "./fact.ts"
import { FACT_TOPICS, type FactTopic } from "./schemas.ts"
import {
  elementCreated,
  elementFailed,
  elementRemoved,
  factBytes,
  failureDismissed,
  proxyMade,
  removalReported,
} from "./testing/facts.ts"
import { hostileFact } from "./testing/hostile-facts.ts"
import { movieMade, sequenceFrame, sequenceSettled } from "./testing/sequence-facts.ts"

const ID = 7

const schemaOf = (topic: FactTopic) => JSON.parse(currentSchemas.get(topic) ?? "") as Schema
type Schema = { name: string; fields: { name: string; type: unknown; default?: unknown }[] }

const decoderFor = (schemas: Record<number, string>): Decode => createDecoder((id) => schemas[id] ?? null)
const current = (topic: FactTopic): Decode => decoderFor({ [ID]: currentSchemas.get(topic) ?? "" })

const says = (result: ReturnType<Decode>): string => {
  if (result.ok) throw new Error("decoded, although it should not")
  expect(result.failure).toMatchObject({ code: "log/undecodable", kind: "permanent" })
  return result.failure.says
}

describe("codec", () => {
  it.each<Fact>([
    elementCreated({ key: "plates/été 01/a b+c.exr", sizeBytes: 2 ** 53 - 10 }),
    proxyMade({ projectId: null }, { warnings: ["one", "two"], nonFiniteCount: -1 }),
    elementFailed({}, { says: "日本語 and 🎞" }),
    removalReported({ versionId: "v1" }, { sourceVersion: "v1", eventTimeMs: null }),
    elementRemoved({ keyAlternative: "a%2Bb.exr" }),
    failureDismissed({}, { dismissedBy: "Ana", failure: null }),
    failureDismissed(),
    sequenceFrame(-5, { state: "failed", picture: null, failureCode: "picture/damaged" }),
    sequenceFrame(2 ** 53 - 10),
    sequenceSettled({ otherWidths: [{ padding: 6, frames: "10001" }] }),
    movieMade(),
    movieMade({ movie: null, failure: { code: "sequence/unlike", kind: "permanent", says: "Unlike." } }),
  ])("gives back the $topic fact that went in", (fact) => {
    expect(current(fact.topic)(fact.topic, factBytes(fact, ID))).toEqual({ ok: true, value: fact })
  })

  it("writes the Confluent format: zero, the schema's id big-endian, Avro", () => {
    const bytes = factBytes(elementCreated(), 0x01020304)
    expect([...bytes.subarray(0, 5)]).toEqual([0, 1, 2, 3, 4])
    expect(schemaIdOf("element-created", bytes)).toEqual({ ok: true, value: 0x01020304 })
  })

  it("reads bytes that lie in the middle of a larger buffer", () => {
    const bytes = factBytes(elementCreated(), ID)
    const inside = Buffer.concat([Buffer.from("before"), bytes, Buffer.from("after")]).subarray(6, 6 + bytes.length)
    expect(current("element-created")("element-created", new Uint8Array(inside))).toMatchObject({ ok: true })
  })

  it("refuses to write a fact that does not fit, and names the field", () => {
    const wrong = elementCreated({ attempt: "one" as unknown as number })
    expect(encodeFact(wrong, ID)).toMatchObject({
      ok: false,
      failure: { code: "log/unencodable", says: expect.stringContaining('element.attempt is "one"') },
    })
  })

  it("reads a record of an older writer with the defaults of the fields it did not know", () => {
    const older = schemaOf("element-created")
    const element = older.fields.find((field) => field.name === "element")?.type as Schema
    element.fields = element.fields.filter((field) => field.name !== "tracestate")
    const newer = createDecoder(() => JSON.stringify(older))
    const bytes = factBytes(elementCreated(), ID)
    // tracestate is null in the fact: one byte, the union's branch 0, right before arrivedAtMs, the element's last field.
    const at = bytes.lastIndexOf(Buffer.from(longBytes(elementCreated().value.element.arrivedAtMs))) - 1
    const asOlder = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
    expect(newer("element-created", asOlder)).toEqual({ ok: true, value: elementCreated() })
  })

  it("drops the fields of a newer writer", () => {
    const newer = schemaOf("element-created")
    newer.fields.push({ name: "extra", type: "string", default: "" })
    const bytes = Buffer.concat([factBytes(elementCreated(), ID), Buffer.from([6]), Buffer.from("new")])
    expect(decoderFor({ [ID]: JSON.stringify(newer) })("element-created", bytes)).toEqual({
      ok: true,
      value: elementCreated(),
    })
  })

  it("says what is wrong with bytes that are no record", () => {
    const decode = current("element-created")
    expect(says(decode("element-created", null))).toContain("no value")
    expect(says(decode("element-created", new Uint8Array()))).toContain("0 bytes long")
    expect(says(decode("element-created", Uint8Array.of(0, 0, 0, 7)))).toContain("4 bytes long")
    expect(says(decode("element-created", Buffer.from('{"json":true}')))).toContain("Confluent")
    expect(says(decode("element-created", factBytes(elementCreated(), 99)))).toContain("schema 99")
  })

  it("does not remember an unknown schema id as unknown for ever", () => {
    const schemas: Record<number, string> = {}
    const decode = decoderFor(schemas)
    const bytes = factBytes(elementCreated(), ID)
    expect(decode("element-created", bytes).ok).toBe(false)
    schemas[ID] = currentSchemas.get("element-created") ?? ""
    expect(decode("element-created", bytes).ok).toBe(true)
  })

  it("refuses a schema of another kind, and text that is no schema", () => {
    const bytes = factBytes(elementCreated(), ID)
    expect(
      says(decoderFor({ [ID]: '{"type":"record","name":"Foreign","fields":[]}' })("element-created", bytes)),
    ).toContain("cannot be read")
    expect(says(decoderFor({ [ID]: "no json" })("element-created", bytes))).toContain("cannot be read")
  })

  it("refuses cut bytes and bytes that follow", () => {
    const decode = current("proxy-made")
    const bytes = factBytes(proxyMade(), ID)
    for (let length = 5; length < bytes.length; length += 7) says(decode("proxy-made", bytes.subarray(0, length)))
    says(decode("proxy-made", Buffer.concat([bytes, Buffer.from([0])])))
  })

  it("refuses an array that claims more items than there are bytes", () => {
    const warnings = proxyMade({}, { warnings: ["MARK"] })
    const bytes = factBytes(warnings, ID)
    const count = bytes.indexOf("MARK") - 2
    const huge = Buffer.concat([bytes.subarray(0, count), longBytes(2 ** 40), bytes.subarray(count + 1)])
    says(current("proxy-made")("proxy-made", huge))
  })

  it("never throws, whatever the bytes", () => {
    const decode = current("proxy-made")
    const bytes = factBytes(proxyMade({}, { warnings: ["a"] }), ID)
    const change = fc.tuple(fc.integer({ min: 5, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const damaged = Buffer.from(bytes)
        for (const [at, value] of changes) damaged[at] = value
        const result = decode("proxy-made", damaged)
        return result.ok || result.failure.code === "log/undecodable"
      }),
      { numRuns: 3_000 },
    )
  })
})

/** Avro's zigzag varint of a whole number that is not negative. */
function longBytes(value: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value) * 2n
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}

describe.each(FACT_TOPICS)("the encoder of %s", (topic) => {
  const decode = createDecoder(() => currentSchemas.get(topic) ?? null)

  it("writes what can be read again, or says which field cannot be written; it never throws", () => {
    let written = 0
    let refused = 0
    const property = fc.property(hostileFact(topic, { hostile: 4, misfit: 1 }), (fact) => {
      const bytes = encodeFact(fact, 1)
      if (bytes.ok) {
        written += 1
        const read = decode(topic, bytes.value)
        expect(read).toMatchObject({ ok: true })
        if (read.ok) expect(() => cloudEventHeaders(read.value)).not.toThrow()
      } else {
        refused += 1
        expect(bytes.failure).toMatchObject({ code: "log/unencodable", kind: "permanent" })
        expect(bytes.failure.says).toMatch(/ is .+, not | is of another type /s)
        expect(bytes.failure.says.length).toBeLessThan(1000)
      }
    })
    fc.assert(property, { numRuns: 300 })
    expect([written > 0, refused > 0]).toEqual([true, true])
  })
})
