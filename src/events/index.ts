/**
 * For other teams: the facts with their types, and a reader of the topics. The schemas themselves are in the package
 * under schemas/, and in the registry under `<topic>-value`.
 */
export type { Fact, FactOf, RecordByTopic } from "./fact.ts"
export { assetIdOf, fileIdOf, proxyIdOf } from "./identity.ts"
export { type FactReader, openFactReader, type SchemaSource } from "./reader.ts"
export type * from "./records.generated.ts"
export { type RegistryOptions, registrySchemas } from "./registry-schemas.ts"
export type { Result } from "./result.ts"
export { FACT_TOPICS, type FactTopic, schemaText } from "./schemas.ts"
export { mtimeText } from "./time.ts"
