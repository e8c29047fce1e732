import type { RecordSchema, Schema } from "./generate-types.ts"

/** A field as it stands in an .avsc file. */
export type Field = RecordSchema["fields"][number] & { readonly default?: unknown }

/** A record met on the way through a schema, and the path of fields that leads to it ("" for the outermost). */
export type Visit = { readonly path: string; readonly record: RecordSchema }

export const isRecord = (schema: Schema): schema is RecordSchema =>
  typeof schema === "object" && "fields" in schema && Array.isArray(schema.fields)

const isUnion = (schema: Schema): schema is readonly Schema[] => Array.isArray(schema)

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

function step(visit: Visit, known: ReadonlyMap<string, RecordSchema>, above: readonly string[]): readonly Visit[] {
  const deeper = (schema: Schema, path: string): readonly Visit[] => {
    const record = typeof schema === "string" ? known.get(schema.split(".").at(-1) ?? schema) : schema
    if (record === undefined) return []
    if (!isRecord(record)) return inner(record).flatMap((branch) => deeper(branch, path))
    return above.includes(record.name) ? [] : step({ path, record }, known, [...above, record.name])
  }
  const prefix = visit.path === "" ? "" : `${visit.path}.`
  return [visit, ...visit.record.fields.flatMap(({ name, type }) => deeper(type, prefix + name))]
}

/** Every record inside a schema by the path that leads to it, references by name followed, recursion cut. */
export const recordVisits = (schema: RecordSchema): readonly Visit[] =>
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
