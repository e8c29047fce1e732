import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { compatibilityFindings, type Finding, lintFindings, type PublishedSchema, sameShape } from "./compatibility.ts"
import type { RecordSchema } from "./generate-types.ts"
import { SCHEMA_NAMES, type SchemaName, schemaOf, schemaText } from "./schemas.ts"
import { schemasFolder } from "./schemas-folder.ts"

const folderOf = (topic: SchemaName, schemas: URL): URL => new URL(`published/${topic}/`, schemas)

const versionFile = (topic: SchemaName, version: number, schemas: URL): URL =>
  new URL(`v${version}.avsc`, folderOf(topic, schemas))

/** Published versions of a topic's schema, oldest first; none when it never was. */
export function publishedSchemas(topic: SchemaName, schemas = schemasFolder()): readonly PublishedSchema[] {
  const folder = folderOf(topic, schemas)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((name) => /^v(\d+)\.avsc$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((one, other) => one - other)
    .map((version) => ({
      version,
      schema: JSON.parse(readFileSync(versionFile(topic, version, schemas), "utf8")) as RecordSchema,
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
export function publishSchema(topic: SchemaName, schemas = schemasFolder()): number {
  const version = (publishedSchemas(topic, schemas).at(-1)?.version ?? 0) + 1
  mkdirSync(folderOf(topic, schemas), { recursive: true })
  writeFileSync(versionFile(topic, version, schemas), `${schemaText(topic)}\n`, { flag: "wx" })
  return version
}
