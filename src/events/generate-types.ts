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

const isRecord = (schema: Schema): schema is RecordSchema =>
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
  if (known !== undefined && JSON.stringify(known.fields) !== JSON.stringify(record.fields)) {
    throw new Error(`schemas: ${record.name} is defined twice, differently. Make the definitions equal.`)
  }
  found.set(record.name, record)
  for (const field of record.fields) typeOf(field.type, found)
  return record.name
}

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
