/** An Avro schema as data: the records in it, its shape, and the TypeScript types that are generated from it. */

/** One record schema, parsed from an .avsc file. */
export type RecordSchema = {
  readonly type: "record"
  readonly name: string
  readonly namespace?: string
  readonly doc?: string
  readonly fields: readonly { readonly name: string; readonly type: Schema; readonly doc?: string }[]
}

export type Schema =
  | string
  | RecordSchema
  | { readonly type: "array"; readonly items: Schema }
  | { readonly type: "map"; readonly values: Schema }
  | { readonly type: string; readonly logicalType?: string }
  | readonly Schema[]

const PRIMITIVES: Record<string, string> = {
  string: "string",
  int: "number",
  long: "number",
  float: "number",
  double: "number",
  boolean: "boolean",
  bytes: "Uint8Array",
  null: "null",
}

const comment = (text: string | undefined, indent: string): string =>
  text === undefined ? "" : `${indent}/** ${text.replaceAll("*/", "* /")} */\n`

const isUnion = (schema: Schema): schema is readonly Schema[] => Array.isArray(schema)

export const isRecord = (schema: Schema): schema is RecordSchema =>
  typeof schema === "object" && "type" in schema && schema.type === "record"

function typeOf(schema: Schema, found: Map<string, RecordSchema>): string {
  if (typeof schema === "string") return PRIMITIVES[schema] ?? schema
  if (isUnion(schema)) return schema.map((branch) => typeOf(branch, found)).join(" | ")
  if (isRecord(schema)) return remember(schema, found)
  if ("items" in schema) return `readonly ${bracketed(typeOf(schema.items, found))}[]`
  if ("values" in schema) return `Readonly<Record<string, ${typeOf(schema.values, found)}>>`
  const primitive = PRIMITIVES[(schema as { type: string }).type]
  if (primitive === undefined) throw new Error(`schemas: no TypeScript type for ${JSON.stringify(schema)}`)
  return primitive
}

const bracketed = (type: string): string => (type.includes(" ") ? `(${type})` : type)

function remember(record: RecordSchema, found: Map<string, RecordSchema>): string {
  const known = found.get(record.name)
  if (known !== undefined && spelled(known) !== spelled(record)) {
    throw new Error(`schemas: ${record.name} is defined twice, differently. Make the definitions equal.`)
  }
  found.set(record.name, record)
  for (const field of record.fields) typeOf(field.type, found)
  return record.name
}

/** Its fields, of records inside them the names alone: where one is defined is the affair of the schema. */
const spelled = ({ fields }: RecordSchema): string =>
  JSON.stringify(fields, (_, inside: unknown) => (isSchema(inside) && isRecord(inside) ? inside.name : inside))

const isSchema = (inside: unknown): inside is Schema => typeof inside === "object" && inside !== null

function declaration(record: RecordSchema): string {
  const found = new Map<string, RecordSchema>()
  const fields = record.fields.map(
    (field) => `${comment(field.doc, "  ")}  readonly ${field.name}: ${typeOf(field.type, found)}\n`,
  )
  return `${comment(record.doc, "")}export type ${record.name} = {\n${fields.join("")}}\n`
}

/**
 * TypeScript declarations of the given records and of all records inside them, each once, in order of first use.
 * Throws when one name stands for two different definitions, or when a schema uses a type that has no TypeScript form here.
 */
export function generateTypes(schemas: readonly RecordSchema[]): string {
  const found = new Map<string, RecordSchema>()
  for (const schema of schemas) remember(schema, found)
  const head =
    "// Generated from schemas/*.avsc by `oiio-proxy-generator schemas types`. Do not edit: a test compares.\n\n"
  return head + [...found.values()].map(declaration).join("\n")
}

/** A field as it stands in an .avsc file. */
export type Field = RecordSchema["fields"][number] & { readonly default?: unknown }

/** A record met on the way through a schema, and the path of fields that leads to it ("" for the outermost). */
type RecordAtPath = { readonly path: string; readonly record: RecordSchema }

/** Schemas directly inside one: branches of a union, items, values, or an object around a type's name. */
function inner(schema: Schema): readonly Schema[] {
  if (typeof schema === "string" || isRecord(schema)) return []
  if (isUnion(schema)) return schema
  if ("items" in schema) return [schema.items]
  return "values" in schema ? [schema.values] : []
}

/** Every record by name; the first definition of a name counts. */
export function recordsByName(
  schema: Schema,
  found = new Map<string, RecordSchema>(),
): ReadonlyMap<string, RecordSchema> {
  if (isRecord(schema) && !found.has(schema.name)) {
    found.set(schema.name, schema)
    for (const { type } of schema.fields) recordsByName(type, found)
  }
  for (const branch of inner(schema)) recordsByName(branch, found)
  return found
}

function step(
  visit: RecordAtPath,
  known: ReadonlyMap<string, RecordSchema>,
  above: readonly string[],
): readonly RecordAtPath[] {
  const deeper = (schema: Schema, path: string): readonly RecordAtPath[] => {
    const record = typeof schema === "string" ? known.get(schema.split(".").at(-1) ?? schema) : schema
    if (record === undefined) return []
    if (!isRecord(record)) return inner(record).flatMap((branch) => deeper(branch, path))
    return above.includes(record.name) ? [] : step({ path, record }, known, [...above, record.name])
  }
  const prefix = visit.path === "" ? "" : `${visit.path}.`
  return [visit, ...visit.record.fields.flatMap(({ name, type }) => deeper(type, prefix + name))]
}

/** Every record inside a schema by the path that leads to it, references by name followed, recursion cut. */
export const recordVisits = (schema: RecordSchema): readonly RecordAtPath[] =>
  step({ path: "", record: schema }, recordsByName(schema), [schema.name])

/** Logical types inside one field's type, outside of records: "timestamp-millis", or "" for none. */
export function logicalTypes(schema: Schema): string {
  if (typeof schema === "string" || isRecord(schema)) return ""
  const own = "logicalType" in schema && typeof schema.logicalType === "string" ? [schema.logicalType] : []
  return [...own, ...inner(schema).map(logicalTypes)].filter((name) => name !== "").join(",")
}

/** The schema without documentation, references by name replaced by the definition where it was met first: its shape. */
export function shapeOf(schema: Schema, known = recordsByName(schema), above: readonly string[] = []): unknown {
  const shape = (one: Schema): unknown => shapeOf(one, known, above)
  if (typeof schema === "string") {
    const name = schema.split(".").at(-1) ?? schema
    const record = known.get(name)
    return record === undefined || above.includes(name) ? name : shape(record)
  }
  if (isUnion(schema)) return schema.map(shape)
  if (!isRecord(schema)) {
    const parts = Object.entries(schema).filter(([key]) => key !== "doc")
    return Object.fromEntries(
      parts.map(([key, value]) => [key, typeof value === "object" ? shape(value as Schema) : value]),
    )
  }
  const fields = (schema.fields as readonly Field[]).map(({ doc: _, type, ...field }) => ({
    ...field,
    type: shapeOf(type, known, [...above, schema.name]),
  }))
  return { type: "record", name: schema.name, fields }
}
