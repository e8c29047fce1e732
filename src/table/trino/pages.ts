/** Pages of rows in Trino: a statement each, since there are no indexes to begin in. */

import { allOf, done, type Result } from "../../events/result.ts"
import type {
  ElementsPageQuery,
  FailureCount,
  KnownSource,
  ListedOutput,
  OutputsQuery,
  PagedReads,
  SequencesQuery,
  SourceRef,
} from "../pages.ts"
import type { ElementRow, ProxyOutputRow } from "../rows.ts"
import type { SequenceRow } from "../sequence-rows.ts"
import { ELEMENTS, PROXY_OUTPUTS, SEQUENCES } from "../sqlite-schema.ts"
import {
  beginningWith,
  condition,
  isFrameOf,
  isShot,
  type Reading,
  rowsOf,
  type Tables,
  whereOf,
} from "./conditions.ts"
import type { Connection } from "./connection.ts"
import { type TrinoSchema, tableName, varcharLiteral } from "./sql.ts"
import { run } from "./statement.ts"
import { trinoTilesPage } from "./tiles.ts"

const tablesOf = (schema: TrinoSchema): Tables => ({
  outputs: tableName(schema, PROXY_OUTPUTS.name),
  elements: tableName(schema, ELEMENTS.name),
  sequences: tableName(schema, SEQUENCES.name),
})

/** Outputs with the place of each among those of its object, and their state; conditions hold for whole objects. */
const listed = ({ outputs, elements }: Tables, conditions: readonly string[]): string => `(
  SELECT n.*, CASE WHEN n."source_state" = 'removed' THEN 'removed' WHEN n."place" = 1 THEN 'current' ELSE 'superseded' END AS "state"
  FROM (
    SELECT p.*, row_number() OVER (
      PARTITION BY p."s3_bucket", p."s3_key"
      ORDER BY CASE WHEN p."file_id" = e."file_id" THEN 1 ELSE 0 END DESC, p."generated_timestamp" DESC, p."proxy_id" DESC
    ) AS "place",
    CASE WHEN coalesce(e."failure_code", '') = 'source/gone' THEN 'removed' ELSE coalesce(e."state", '') END AS "source_state"
    FROM ${outputs} AS p LEFT JOIN ${elements} AS e ON e."bucket" = p."s3_bucket" AND e."key" = p."s3_key"
    ${whereOf(conditions)}
  ) AS n
) AS t`

const PLACE = `t."s3_bucket", t."s3_key", t."generated_timestamp", t."proxy_id"`

function outputsFrom(tables: Tables, query: OutputsQuery): string {
  const { bucket, prefix, fileId, assetId, sequence, state, since, until, order, after } = query
  const isByKey = order === "key"
  const ofObjects = [
    ...condition((text) => `p."s3_bucket" = ${text}`, sequence?.bucket ?? bucket),
    ...beginningWith(`p."s3_key"`, sequence === undefined ? prefix : `${sequence.folder}${sequence.head}`),
    ...condition(
      (folder, head, tail) => isFrameOf(`p."s3_key"`, { folder: folder ?? "", head: head ?? "", tail: tail ?? "" }),
      ...[sequence?.folder, sequence?.head, sequence?.tail],
    ),
    ...condition((text) => `p."asset_id" = ${text}`, assetId),
  ]
  const place = [after?.s3_bucket, after?.s3_key, after?.generated_timestamp, after?.proxy_id]
  const ofRows = [
    ...condition((text) => `t."file_id" = ${text}`, fileId),
    ...condition((text) => `t."generated_timestamp" >= ${text}`, since),
    ...condition((text) => `t."generated_timestamp" < ${text}`, until),
    ...condition((text) => `t."state" = ${text}`, state),
    ...(isByKey
      ? condition((...texts) => `ROW(${PLACE}) > ROW(${texts.join(", ")})`, ...place)
      : condition(
          (...texts) => `ROW(t."generated_timestamp", t."proxy_id") < ROW(${texts.join(", ")})`,
          ...place.slice(2),
        )),
  ]
  const sorted = isByKey ? PLACE : `t."generated_timestamp" DESC, t."proxy_id" DESC`
  return `${listed(tables, ofObjects)} ${whereOf(ofRows)} ORDER BY ${sorted} LIMIT ${query.limit}`
}

function elementsFrom({ elements }: Tables, { states, bucket, prefix, code, limit, after }: ElementsPageQuery): string {
  const where = whereOf([
    `t."state" IN (${states.map(varcharLiteral).join(", ")})`,
    ...condition((text) => `t."failure_code" = ${text}`, code),
    ...ofBucket({ bucket, prefix }),
    ...condition((...texts) => `ROW(t."bucket", t."key") > ROW(${texts.join(", ")})`, after?.bucket, after?.key),
  ])
  return `${elements} AS t ${where} ORDER BY t."bucket", t."key" LIMIT ${limit}`
}

const ofBucket = ({ bucket, prefix }: Pick<ElementsPageQuery, "bucket" | "prefix">): readonly string[] => [
  ...condition((text) => `t."bucket" = ${text}`, bucket),
  ...beginningWith(`t."key"`, prefix),
]

const NAME = `t."bucket", t."folder", t."head", t."tail"`

function sequencesFrom({ sequences }: Tables, { bucket, prefix, state, order, limit, after }: SequencesQuery): string {
  const names = [after?.bucket, after?.folder, after?.head, after?.tail]
  const before = order === "name" ? "" : `-t."changed_at_ms", `
  const moment = order === "name" ? "" : `${-(after?.changed_at_ms ?? 0)}, `
  const where = whereOf([
    isShot("t."),
    ...condition((text) => `t."bucket" = ${text}`, bucket),
    ...condition((text) => `starts_with(concat(t."folder", t."head", '#', t."tail"), ${text})`, prefix),
    ...condition((text) => `t."state" = ${text}`, state),
    ...condition((...texts) => `ROW(${before}${NAME}) > ROW(${moment}${texts.join(", ")})`, ...names),
  ])
  const sorted = order === "name" ? NAME : `t."changed_at_ms" DESC, ${NAME}`
  return `${sequences} AS t ${where} ORDER BY ${sorted} LIMIT ${limit}`
}

const placeOf = ({ bucket, key }: SourceRef): string => `${bucket}/${key}`

/** What is known of each source, in their order. */
export async function lookUp(reading: Reading, sources: readonly SourceRef[]): Promise<Result<readonly KnownSource[]>> {
  const askable = sources.filter(({ bucket, key }) => bucket.isWellFormed() && key.isWellFormed())
  if (askable.length === 0) return done(sources.map(() => ({ element: null, output: null })))
  const pairs = askable.map(({ bucket, key }) => `ROW(${varcharLiteral(bucket)}, ${varcharLiteral(key)})`).join(", ")
  const { elements } = reading.tables
  const [known, shown] = await Promise.all([
    rowsOf<ElementRow>(reading, ELEMENTS, { from: `${elements} AS t WHERE ROW(t."bucket", t."key") IN (${pairs})` }),
    rowsOf<ProxyOutputRow>(reading, PROXY_OUTPUTS, {
      from: `${listed(reading.tables, [`ROW(p."s3_bucket", p."s3_key") IN (${pairs})`])} WHERE t."place" = 1`,
    }),
  ])
  const both = allOf<readonly (ElementRow | ProxyOutputRow)[]>([known, shown])
  if (!both.ok) return both
  const elementAt = new Map((known.ok ? known.value : []).map((row) => [placeOf(row), row]))
  const outputAt = new Map(
    (shown.ok ? shown.value : []).map((row) => [placeOf({ bucket: row.s3_bucket, key: row.s3_key }), row]),
  )
  return done(
    sources.map((source) => ({
      element: elementAt.get(placeOf(source)) ?? null,
      output: outputAt.get(placeOf(source)) ?? null,
    })),
  )
}

const firstOf = <Row>(rows: Result<readonly Row[]>): Result<Row | null> =>
  rows.ok ? done(rows.value[0] ?? null) : rows

export function trinoPagedReads(connection: Connection, schema: TrinoSchema): PagedReads {
  const tables = tablesOf(schema)
  const reading = { connection, tables }
  const outputs = (from: string) => rowsOf<ListedOutput>(reading, PROXY_OUTPUTS, { from, further: ["state"] })
  return {
    outputsPage: (query) => outputs(outputsFrom(tables, query)),
    output: async (id) =>
      firstOf(await outputs(`${listed(tables, [])} ${whereOf(condition((text) => `t."proxy_id" = ${text}`, id))}`)),
    lookUp: (sources) => lookUp(reading, sources),
    elementsPage: (query) => rowsOf(reading, ELEMENTS, { from: elementsFrom(tables, query) }),
    failureCounts: async (query) => {
      const where = whereOf([`t."state" = 'failed'`, ...ofBucket(query)])
      const counted = await run(
        connection,
        `SELECT coalesce(t."failure_code", ''), CAST(count(*) AS varchar) FROM ${tables.elements} AS t ${where} GROUP BY 1 ORDER BY count(*) DESC, 1`,
      )
      if (!counted.ok) return counted
      return done(counted.value.map(([code, count]): FailureCount => ({ code: String(code), count: Number(count) })))
    },
    sequencesPage: (query) => rowsOf<SequenceRow>(reading, SEQUENCES, { from: sequencesFrom(tables, query) }),
    sequence: async (id) => {
      const where = whereOf(condition((text) => `t."sequence_id" = ${text}`, id))
      return firstOf(await rowsOf<SequenceRow>(reading, SEQUENCES, { from: `${tables.sequences} AS t ${where}` }))
    },
    tilesPage: (query) => trinoTilesPage(reading, query, (sources) => lookUp(reading, sources)),
  }
}
