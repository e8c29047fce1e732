import { readFileSync } from "node:fs"
import { type RecordByTopic, schemaNameOf } from "./fact.ts"
import type { RecordSchema } from "./generate-types.ts"
import { schemasFolder } from "./schemas-folder.ts"

/** The schemas that there are; each names its file, its topic and its TypeScript type. */
export const SCHEMA_NAMES = [
  "element-created",
  "source-fetched",
  "colorspace-detected",
  "thumbnail-made",
  "proxy-made",
  "source-inspected",
  "element-failed",
  "removal-reported",
  "element-removed",
  "failure-dismissed",
] as const satisfies readonly (keyof RecordByTopic)[]

export type SchemaName = (typeof SCHEMA_NAMES)[number]

/** Topics that hold Avro facts, without prefix; each has a subject of its own in a registry. */
export const FACT_TOPICS = [
  ...SCHEMA_NAMES,
  "element-created-backfill",
] as const satisfies readonly (keyof RecordByTopic)[]

export type FactTopic = (typeof FACT_TOPICS)[number]

/** Compact JSON text of a topic's schema: the form that is stored and registered, since a registry gives pretty-printed text another id. */
export const schemaText = (topic: FactTopic): string =>
  JSON.stringify(JSON.parse(readFileSync(new URL(`${schemaNameOf(topic)}.avsc`, schemasFolder()), "utf8")))

export const schemaOf = (topic: FactTopic): RecordSchema => JSON.parse(schemaText(topic)) as RecordSchema
