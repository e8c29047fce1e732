/** Tiles in Trino: found anew for each page, since nothing follows the tables there. */

import { done, type Result } from "../../events/result.ts"
import type { KnownSource, SourceRef, Tile, TilesPage, TilesQuery } from "../pages.ts"
import type { SequenceRow } from "../sequence-rows.ts"
import { SEQUENCES } from "../sqlite-schema.ts"
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
import { varcharLiteral } from "./sql.ts"
import { run } from "./statement.ts"

/** Shots, and elements that none of them shows; those whose first picture is still to come are nothing yet. */
const allTiles = ({ outputs, elements, sequences }: Tables): string => `
  SELECT s."bucket", concat(s."folder", s."head", '#', s."tail") AS "name", 1 AS "is_shot", 'shot' AS "kind", s."state",
    s."changed_at_ms", s."folder", s."head", s."tail"
  FROM ${sequences} AS s WHERE ${isShot("s.")}
  UNION ALL
  SELECT e."bucket", e."key", 0, CASE WHEN e."state" = 'failed' THEN 'failed' ELSE 'frame' END,
    CASE WHEN e."state" = 'failed' THEN 'failed' ELSE 'made' END, e."changed_at_ms", '', '', ''
  FROM ${elements} AS e
  LEFT JOIN (SELECT * FROM ${sequences} AS q WHERE ${isShot("q.")}) AS s
    ON s."bucket" = e."bucket" AND s."folder" = coalesce(regexp_extract(e."key", '(?s)^.*/'), '')
    AND ${isFrameOf('e."key"', { folder: 's."folder"', head: 's."head"', tail: 's."tail"' })}
  LEFT JOIN (SELECT DISTINCT o."s3_bucket", o."s3_key" FROM ${outputs} AS o) AS p
    ON p."s3_bucket" = e."bucket" AND p."s3_key" = e."key"
  WHERE s."bucket" IS NULL AND (e."state" IN ('done', 'failed') OR (e."state" IN ('queued', 'dismissed') AND p."s3_key" IS NOT NULL))`

const ofQuery = ({ bucket, prefix, state, part }: TilesQuery): readonly string[] => [
  ...condition((text) => `a."bucket" = ${text}`, bucket),
  ...beginningWith('a."name"', prefix),
  ...condition((text) => `a."state" = ${text}`, state),
  ...condition((text) => `strpos(lower(a."name"), lower(${text})) > 0`, part),
]

const NAME = 't."bucket", t."name", t."is_shot"'

function behind({ order, after }: TilesQuery): readonly string[] {
  if (after === undefined) return []
  const moment = order === "name" ? ["", ""] : ['-t."changed_at_ms", ', `${-after.changed_at_ms}, `]
  const place = (...texts: string[]) =>
    `ROW(${moment[0]}${NAME}) > ROW(${moment[1]}${texts.join(", ")}, ${Number(after.isShot)})`
  return condition(place, after.bucket, after.name)
}

type TileRow = Pick<Tile, "bucket" | "name" | "state" | "changed_at_ms" | "kind"> &
  Pick<SequenceRow, "folder" | "head" | "tail">

export async function trinoTilesPage(
  reading: Reading,
  query: TilesQuery,
  lookUp: (sources: readonly SourceRef[]) => Promise<Result<readonly KnownSource[]>>,
): Promise<Result<TilesPage>> {
  const { connection, tables } = reading
  const found = `(SELECT a.*, count(*) OVER () AS "total" FROM (${allTiles(tables)}) AS a ${whereOf(ofQuery(query))}) AS t`
  const sorted = query.order === "name" ? NAME : `t."changed_at_ms" DESC, ${NAME}`
  const answered = await run(
    connection,
    `SELECT t."bucket", t."name", t."kind", t."state", CAST(t."changed_at_ms" AS varchar), t."folder", t."head", t."tail", CAST(t."total" AS varchar)
    FROM ${found} ${whereOf(behind(query))} ORDER BY ${sorted} OFFSET ${query.at ?? 0} LIMIT ${query.limit}`,
  )
  if (!answered.ok) return answered
  const rows = answered.value.map(
    ([bucket, name, kind, state, changed, folder, head, tail]) =>
      ({ bucket, name, kind, state, changed_at_ms: Number(changed), folder, head, tail }) as TileRow,
  )
  const tiles = await tilesOf(reading, rows, lookUp)
  if (!tiles.ok) return tiles
  if (answered.value[0] !== undefined) return done({ tiles: tiles.value, total: Number(answered.value[0][8]) })
  const counted = await run(
    connection,
    `SELECT CAST(count(*) AS varchar) FROM (${allTiles(tables)}) AS a ${whereOf(ofQuery(query))}`,
  )
  return counted.ok ? done({ tiles: [], total: Number(counted.value[0]?.[0]) }) : counted
}

const nameOf = ({ bucket, folder, head, tail }: Pick<SequenceRow, "bucket" | "folder" | "head" | "tail">): string =>
  JSON.stringify([bucket, folder, head, tail])

async function tilesOf(
  reading: Reading,
  rows: readonly TileRow[],
  lookUp: (sources: readonly SourceRef[]) => Promise<Result<readonly KnownSource[]>>,
): Promise<Result<readonly Tile[]>> {
  const singles = rows.filter(({ kind }) => kind !== "shot").map(({ bucket, name }) => ({ bucket, key: name }))
  const [shots, known] = await Promise.all([
    shotsOf(
      reading,
      rows.filter(({ kind }) => kind === "shot"),
    ),
    lookUp(singles),
  ])
  if (!shots.ok) return shots
  if (!known.ok) return known
  const sources = new Map(singles.map(({ bucket, key }, index) => [`${bucket}/${key}`, known.value[index]]))
  return done(
    rows.flatMap((row): Tile[] => {
      const { bucket, name, kind, state, changed_at_ms } = row
      const tile = { bucket, name, state, changed_at_ms }
      const sequence = shots.value.get(nameOf(row))
      const { element = null, output = null } = sources.get(`${bucket}/${name}`) ?? {}
      // None where its row went since the tile was found.
      if (kind === "shot") return sequence === undefined ? [] : [{ ...tile, kind, sequence }]
      if (kind === "frame") return output === null ? [] : [{ ...tile, kind, output }]
      return element === null ? [] : [{ ...tile, kind, element }]
    }),
  )
}

async function shotsOf(reading: Reading, rows: readonly TileRow[]): Promise<Result<ReadonlyMap<string, SequenceRow>>> {
  if (rows.length === 0) return done(new Map())
  const names = rows.map(
    ({ bucket, folder, head, tail }) => `ROW(${[bucket, folder, head, tail].map(varcharLiteral).join(", ")})`,
  )
  const from = `${reading.tables.sequences} AS t WHERE ROW(t."bucket", t."folder", t."head", t."tail") IN (${names.join(", ")})`
  const found = await rowsOf<SequenceRow>(reading, SEQUENCES, { from })
  return found.ok ? done(new Map(found.value.map((row) => [nameOf(row), row]))) : found
}
