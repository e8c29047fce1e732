import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { RecordSchema } from "./avro-schema.ts"
import { type RecordByTopic, schemaNameOf } from "./fact.ts"

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
  "hint-reported",
  "sequence-frame",
  "sequence-stated",
  "sequence-settled",
  "movie-made",
  "review-made",
] as const satisfies readonly (keyof RecordByTopic)[]

export type SchemaName = (typeof SCHEMA_NAMES)[number]

/** Topics that hold Avro facts, without prefix; each has a subject of its own in a registry. */
export const FACT_TOPICS = [
  ...SCHEMA_NAMES,
  "element-created-backfill",
] as const satisfies readonly (keyof RecordByTopic)[]

export type FactTopic = (typeof FACT_TOPICS)[number]

/**
 * Path of the folder with the .avsc files: beside src/ in a checkout, beside dist/ in the package. A path, not a URL: a
 * consumer of the library whose project has neither the browser's types nor Node's has no type URL.
 */
export const schemasFolder = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../../schemas" : "../../../schemas", import.meta.url))

/**
 * Compact JSON text of a topic's schema: the form that is stored and registered, since a registry gives pretty-printed
 * text another id.
 */
export const schemaText = (topic: FactTopic): string =>
  JSON.stringify(JSON.parse(readFileSync(join(schemasFolder(), `${schemaNameOf(topic)}.avsc`), "utf8")))

export const schemaOf = (topic: FactTopic): RecordSchema => JSON.parse(schemaText(topic)) as RecordSchema
