import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import avsc from "avsc"
import { type Field, logicalTypes, type RecordSchema, recordsByName, recordVisits, shapeOf } from "./avro-schema.ts"
import { SCHEMA_NAMES, type SchemaName, schemaOf, schemasFolder, schemaText } from "./schemas.ts"

/** A published version of a topic's schema. */
type PublishedSchema = { readonly version: number; readonly schema: RecordSchema }

/** One thing that is wrong with a schema. */
export type Finding = {
  readonly topic: string
  /** Which rule it breaks. */
  readonly rule:
    | "invalid"
    | "reads-old"
    | "old-reads-new"
    | "field-removed"
    | "field-without-default"
    | "logical-type-changed"
    | "record-renamed"
    | "undocumented"
    | "defined-differently"
    | "file-name"
  readonly says: string
}

type SchemaChange = { readonly topic: string; readonly current: RecordSchema; readonly published: PublishedSchema }

/** avsc throws for schemas that are invalid or do not resolve; its words, without the schema it repeats, are the answer. */
function refusal(attempt: () => unknown): string | null {
  try {
    attempt()
    return null
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return error.message.length > 300 ? `${error.message.slice(0, 300)}…` : error.message
  }
}

const typeOf = (schema: RecordSchema): avsc.Type => avsc.Type.forSchema(schema as avsc.Schema)

const resolves = (reader: RecordSchema, writer: RecordSchema): string | null =>
  refusal(() => typeOf(reader).createResolver(typeOf(writer)))

function resolution({ topic, current, published: { version, schema } }: SchemaChange): readonly Finding[] {
  const backward = resolves(current, schema)
  const forward = resolves(schema, current)
  return [
    ...(backward === null
      ? []
      : [{ topic, rule: "reads-old", says: `cannot read records of version ${version}: ${backward}` } as const]),
    ...(forward === null
      ? []
      : [{ topic, rule: "old-reads-new", says: `readers of version ${version} cannot read it: ${forward}` } as const]),
  ]
}

const at = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`)

const RENAMED = "A rename is a removal and an addition: keep the field and add another."

type FieldPair = { readonly name: string; readonly before: Field | undefined; readonly after: Field | undefined }

/** What Avro's resolution does not see, or sees without naming the field. */
function fieldFinding({ name, before, after }: FieldPair, version: number): Pick<Finding, "rule" | "says"> | null {
  if (after === undefined) return { rule: "field-removed", says: `${name} of version ${version} is gone. ${RENAMED}` }
  if (before === undefined) {
    const says = `${name} is new since version ${version} and has no default: old records cannot be read.`
    return after.default === undefined ? { rule: "field-without-default", says } : null
  }
  const [was, is] = [logicalTypes(before.type), logicalTypes(after.type)]
  const says = `the logical type of ${name} was "${was}" in version ${version} and is "${is}": the same number would mean something else.`
  return was === is ? null : { rule: "logical-type-changed", says }
}

function fieldPairs(path: string, before: RecordSchema, after: RecordSchema): readonly FieldPair[] {
  const names = new Set([...before.fields, ...after.fields].map(({ name }) => name))
  const fieldOf = ({ fields }: RecordSchema, name: string): Field | undefined =>
    fields.find((field) => field.name === name)
  return [...names].map((name) => ({
    name: at(path, name),
    before: fieldOf(before, name),
    after: fieldOf(after, name),
  }))
}

function structure({ topic, current, published: { version, schema } }: SchemaChange): readonly Finding[] {
  const before = new Map(recordVisits(schema).map(({ path, record }) => [path, record]))
  return recordVisits(current).flatMap(({ path, record }) => {
    const old = before.get(path)
    if (old === undefined) return []
    const says = `${path === "" ? "the record" : path} was ${old.name} in version ${version} and is ${record.name}.`
    const renamed = old.name === record.name ? [] : [{ topic, rule: "record-renamed" as const, says }]
    const fields = fieldPairs(path, old, record).flatMap((pair) => fieldFinding(pair, version) ?? [])
    return [...renamed, ...fields.map((finding) => ({ topic, ...finding }))]
  })
}

/** Whether two schemas have one shape: everything but documentation, and definitions in place or by reference alike. */
export const sameShape = (one: RecordSchema, other: RecordSchema): boolean =>
  JSON.stringify(shapeOf(one)) === JSON.stringify(shapeOf(other))

/**
 * What breaks when `current` takes the place of the published versions: new code must read every old record, and every
 * old reader every new one. Empty when all is well. A schema that must break becomes a new event instead.
 */
export function compatibilityFindings(
  topic: string,
  current: RecordSchema,
  published: readonly PublishedSchema[],
): readonly Finding[] {
  const invalid = refusal(() => typeOf(current))
  if (invalid !== null) return [{ topic, rule: "invalid", says: invalid }]
  const all = published.map((one) => ({ topic, current, published: one }))
  return all.flatMap((one) => [...structure(one), ...resolution(one)])
}

function undocumented(topic: string, schema: RecordSchema): readonly Finding[] {
  const missing = [...recordsByName(schema).values()].flatMap((record) => [
    ...((record.doc ?? "").trim() === "" ? [record.name] : []),
    ...record.fields.flatMap(({ name, doc }) => ((doc ?? "").trim() === "" ? [`${record.name}.${name}`] : [])),
  ])
  return missing.map((name) => ({ topic, rule: "undocumented", says: `${name} has no doc.` }))
}

const fileNameOf = (record: string): string => record.replaceAll(/(?<=[a-z0-9])[A-Z]/g, "-$&").toLowerCase()

function misnamed(topic: string, { name, namespace }: RecordSchema): readonly Finding[] {
  const says = `the record is ${namespace}.${name}, but the topic ${topic} asks for oiio.proxy and a name that spells it.`
  return namespace === "oiio.proxy" && fileNameOf(name) === topic ? [] : [{ topic, rule: "file-name", says }]
}

/** Records of one name that differ between schemas: TypeScript and readers could not tell them apart. */
function ambiguous(schemas: ReadonlyMap<string, RecordSchema>): readonly Finding[] {
  const first = new Map<string, { readonly topic: string; readonly shape: string }>()
  const findings: Finding[] = []
  for (const [topic, schema] of schemas) {
    const known = recordsByName(schema)
    for (const [name, record] of known) {
      const shape = JSON.stringify(shapeOf(record, known))
      const other = first.get(name)
      if (other === undefined) first.set(name, { topic, shape })
      else if (other.shape !== shape) {
        findings.push({ topic, rule: "defined-differently", says: `${name} is not what it is in ${other.topic}.` })
      }
    }
  }
  return findings
}

/** What is wrong with the current schemas by themselves: topic to schema in, empty when all is well. */
export const lintFindings = (schemas: ReadonlyMap<string, RecordSchema>): readonly Finding[] => [
  ...[...schemas].flatMap(([topic, schema]) => [...undocumented(topic, schema), ...misnamed(topic, schema)]),
  ...ambiguous(schemas),
]

const folderOf = (topic: SchemaName): string => join(schemasFolder(), "published", topic)

const versionFile = (topic: SchemaName, version: number): string => join(folderOf(topic), `v${version}.avsc`)

/** Published versions of a topic's schema, oldest first; none when it never was. */
export function publishedSchemas(topic: SchemaName): readonly PublishedSchema[] {
  const folder = folderOf(topic)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((name) => /^v(\d+)\.avsc$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((one, other) => one - other)
    .map((version) => ({
      version,
      schema: JSON.parse(readFileSync(versionFile(topic, version), "utf8")) as RecordSchema,
    }))
}

/** Everything that is wrong with the schemas of the project, by themselves and against what is published. */
export function schemaFindings(): readonly Finding[] {
  const current = new Map(SCHEMA_NAMES.map((topic) => [topic, schemaOf(topic)]))
  const against = [...current].flatMap(([topic, schema]) =>
    compatibilityFindings(topic, schema, publishedSchemas(topic)),
  )
  return [...lintFindings(current), ...against]
}

/** Topics whose schema has changed in more than its words since it was last published. */
export const unpublishedTopics = (): readonly SchemaName[] =>
  SCHEMA_NAMES.filter((topic) => {
    const latest = publishedSchemas(topic).at(-1)
    return latest === undefined || !sameShape(latest.schema, schemaOf(topic))
  })

/** Writes the next version of a topic's schema, compact, and gives its number. Refuses nothing: check first. */
export function publishSchema(topic: SchemaName): number {
  const version = (publishedSchemas(topic).at(-1)?.version ?? 0) + 1
  mkdirSync(folderOf(topic), { recursive: true })
  writeFileSync(versionFile(topic, version), `${schemaText(topic)}\n`, { flag: "wx" })
  return version
}
