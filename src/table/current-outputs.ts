import { PROXY_OUTPUT_COLUMNS } from "./rows.ts"

/** The view of the outputs that are shown: one row per live (s3_bucket, s3_key), the columns of proxy_outputs. */
export const CURRENT_OUTPUTS = "proxy_outputs_current"

const columns = PROXY_OUTPUT_COLUMNS.map((name) => `"${name}"`).join(", ")

/**
 * Of each object that is not known to be gone the row of the version that its outputs show: the one that `elements`
 * names, else the one that was made last. Every SQL that has window functions reads it; docs/tables.md repeats it.
 */
export const currentOutputsQuery = (outputs: string, elements: string): string =>
  `SELECT ${columns} FROM (
  SELECT p.*, row_number() OVER (
    PARTITION BY p."s3_bucket", p."s3_key"
    ORDER BY CASE WHEN p."file_id" = e."file_id" THEN 1 ELSE 0 END DESC, p."generated_timestamp" DESC, p."proxy_id" DESC
  ) AS "place"
  FROM ${outputs} AS p LEFT JOIN ${elements} AS e ON e."bucket" = p."s3_bucket" AND e."key" = p."s3_key"
  WHERE coalesce(e."state", '') <> 'removed' AND coalesce(e."failure_code", '') <> 'source/gone'
) AS c WHERE "place" = 1`
