import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { generateTypes, type RecordSchema } from "./avro-schema.ts"
import { compatibilityFindings, lintFindings, publishedSchemas, sameShape, schemaFindings } from "./compatibility.ts"
import { SCHEMA_NAMES, schemaOf } from "./schemas.ts"

type Json = { [key: string]: unknown }

/** The real schema of ProxyMade, changed by `change`, as a later version would be. */
function changed(change: (schema: Json & { fields: Json[] }) => void): RecordSchema {
  const schema = structuredClone(schemaOf("proxy-made")) as unknown as Json & { fields: Json[] }
  change(schema)
  return schema as unknown as RecordSchema
}

const field = (schema: { fields: Json[] }, name: string): Json => {
  const found = schema.fields.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no field ${name}`)
  return found
}

const nested = (schema: { fields: Json[] }, name: string) => field(schema, name).type as Json & { fields: Json[] }

const without = (schema: { fields: Json[] }, name: string): void => {
  field(schema, name)
  schema.fields = schema.fields.filter((one) => one.name !== name)
}

const v1 = [{ version: 1, schema: schemaOf("proxy-made") }]

const findings = (change: Parameters<typeof changed>[0]) => compatibilityFindings("proxy-made", changed(change), v1)

const rules = (change: Parameters<typeof changed>[0]) => findings(change).map(({ rule }) => rule)

describe("the project's schemas", () => {
  it("read every published version, are read by its readers, and are documented and unambiguous", () => {
    expect(schemaFindings()).toEqual([])
  })

  it("each have at least one published version", () => {
    expect(SCHEMA_NAMES.filter((topic) => publishedSchemas(topic).length === 0)).toEqual([])
  })

  it("are what the TypeScript types are generated from", () => {
    const types = readFileSync(new URL("records.generated.ts", import.meta.url), "utf8")
    expect(types).toBe(generateTypes(SCHEMA_NAMES.map(schemaOf)))
  })
})

describe("a change that keeps the promise", () => {
  it("is a new field with a default, at the top or inside", () => {
    const addition = { name: "note", type: ["null", "string"], doc: "A note.", default: null }
    expect(findings((schema) => schema.fields.push(addition))).toEqual([])
    expect(findings((schema) => nested(schema, "element").fields.push(addition))).toEqual([])
  })

  it("is a new optional record, whose fields need no defaults", () => {
    const record = { type: "record", name: "Slate", doc: "d", fields: [{ name: "text", type: "string", doc: "d" }] }
    expect(
      findings((schema) => schema.fields.push({ name: "slate", type: ["null", record], doc: "d", default: null })),
    ).toEqual([])
  })

  it("is a better sentence of documentation, which is no new version either", () => {
    const better = changed((schema) => Object.assign(field(schema, "route"), { doc: "Better." }))
    expect(compatibilityFindings("proxy-made", better, v1)).toEqual([])
    expect(sameShape(better, schemaOf("proxy-made"))).toBe(true)
  })
})

describe("a change that breaks readers is found by the name of its field", () => {
  it("when a required field is removed", () => {
    const found = findings((schema) => without(schema, "renderKey"))
    expect(found.map(({ rule }) => rule)).toEqual(["field-removed", "old-reads-new"])
    expect(found[0]?.says).toContain("renderKey of version 1 is gone")
    expect(found[1]?.says).toContain("renderKey")
  })

  it("when a field with a default is removed, which Avro itself would let pass", () => {
    expect(rules((schema) => without(schema, "warnings"))).toEqual(["field-removed"])
  })

  it("when a field is renamed", () => {
    const found = findings((schema) => Object.assign(field(schema, "route"), { name: "path" }))
    expect(new Set(found.map(({ rule }) => rule))).toEqual(
      new Set(["field-removed", "field-without-default", "reads-old", "old-reads-new"]),
    )
    expect(found.map(({ says }) => says).join()).toMatch(/route of version 1 is gone.*path is new since version 1/)
  })

  it("when a new field has no default, also inside a nested record", () => {
    const addition = { name: "colour", type: "string", doc: "A colour." }
    expect(rules((schema) => schema.fields.push(addition))).toEqual(["field-without-default", "reads-old"])
    const [first] = findings((schema) => nested(schema, "element").fields.push(addition))
    expect(first?.says).toContain("element.colour is new since version 1")
  })

  it("when a logical type changes, which Avro's resolution does not see", () => {
    const millis = { type: "long", logicalType: "timestamp-millis" }
    const found = findings((schema) => Object.assign(field(schema, "generatedAtUs"), { type: millis }))
    expect(found.map(({ rule }) => rule)).toEqual(["logical-type-changed"])
    expect(found[0]?.says).toContain('generatedAtUs was "timestamp-micros" in version 1 and is "timestamp-millis"')
  })

  it("when a logical type is dropped inside a nested record", () => {
    const drop = (schema: { fields: Json[] }) =>
      Object.assign(field(nested(schema, "element"), "arrivedAtMs"), { type: "long" })
    expect(findings(drop).map(({ rule, says }) => [rule, says.split(" in version")[0]])).toEqual([
      ["logical-type-changed", 'the logical type of element.arrivedAtMs was "timestamp-millis"'],
    ])
  })

  it("when a type narrows or a field that could be absent becomes required", () => {
    expect(rules((schema) => Object.assign(field(schema, "nonFiniteCount"), { type: "int" }))).toEqual(["reads-old"])
    expect(
      rules((schema) => Object.assign(field(nested(schema, "element"), "jobId"), { type: "string", default: "" })),
    ).toContain("reads-old")
  })

  it("when a record gets another name", () => {
    expect(rules((schema) => Object.assign(nested(schema, "source"), { name: "Origin" }))).toContain("record-renamed")
  })

  it("against every published version, not only the latest", () => {
    const v2 = { version: 2, schema: changed((schema) => without(schema, "warnings")) }
    const found = compatibilityFindings("proxy-made", v2.schema, [...v1, v2])
    expect(found).toHaveLength(1)
    expect(found[0]?.says).toContain("version 1")
  })

  it("when the schema is no Avro schema at all", () => {
    expect(rules((schema) => Object.assign(field(schema, "route"), { type: "strng" }))).toEqual(["invalid"])
  })
})

describe("the lint of schemas by themselves", () => {
  const record = (name: string, fields: unknown[], doc = "d") =>
    ({ type: "record", name, namespace: "oiio.proxy", doc, fields }) as unknown as RecordSchema
  const box = (type: string) => ({ type: "record", name: "Box", doc: "d", fields: [{ name: "x", type, doc: "d" }] })
  const lint = (schemas: Record<string, RecordSchema>) => lintFindings(new Map(Object.entries(schemas)))

  it("finds records and fields without documentation", () => {
    const bare = record(
      "FrameSeen",
      [
        { name: "a", type: "int" },
        { name: "b", type: "int", doc: "d" },
      ],
      " ",
    )
    expect(lint({ "frame-seen": bare }).map(({ says }) => says)).toEqual([
      "FrameSeen has no doc.",
      "FrameSeen.a has no doc.",
    ])
  })

  it("finds a nested record that is another thing in another topic", () => {
    const one = record("OneMade", [{ name: "box", type: box("int"), doc: "d" }])
    const same = record("TwoMade", [{ name: "box", type: box("int"), doc: "other words" }])
    const other = record("TwoMade", [{ name: "box", type: box("long"), doc: "d" }])
    expect(lint({ "one-made": one, "two-made": same })).toEqual([])
    expect(lint({ "one-made": one, "two-made": other })).toMatchObject([
      { topic: "two-made", rule: "defined-differently", says: "Box is not what it is in one-made." },
    ])
  })

  it("takes a definition in place and a reference by name for the same", () => {
    const pair = (name: string, order: unknown[]) =>
      record(
        name,
        order.map((type, index) => ({ name: `f${index}`, type, doc: "d" })),
      )
    const holder = (inner: unknown) => ({
      type: "record",
      name: "Holder",
      doc: "d",
      fields: [{ name: "box", type: inner, doc: "d" }],
    })
    expect(
      lint({
        "one-made": pair("OneMade", [box("int"), holder("Box")]),
        "two-made": pair("TwoMade", [holder(box("int"))]),
      }),
    ).toEqual([])
  })

  it("finds a record whose name does not spell its topic", () => {
    expect(lint({ "frame-seen": record("FrameSaw", []) }).map(({ rule }) => rule)).toEqual(["file-name"])
  })
})
