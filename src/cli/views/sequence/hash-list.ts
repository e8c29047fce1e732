import type { Result } from "../../../events/result.ts"
import { done } from "../../../events/result.ts"
import type { EventLog } from "../../../log/index.ts"
import type { HashedFile } from "../../../sequence/mhl/write.ts"
import type { Table } from "../../../table/index.ts"
import type { ElementRow } from "../../../table/rows.ts"

/** Sources as their facts tell of them, and how many of them a list cannot hold because nobody knows their hash. */
export type HashedSources = {
  readonly bucket: string | null
  /** Ascending by their paths. */
  readonly files: readonly HashedFile[]
  readonly unhashed: number
  /** Sources of other buckets than the first. */
  readonly others: number
}

type Records = { readonly table: Pick<Table, "elements">; readonly log: Pick<EventLog, "read"> }

/** The hashes of all sources that are there, as they were fetched when their outputs were made: no source is read. */
export async function hashedSources({ table, log }: Records): Promise<Result<HashedSources>> {
  const there = await madeVersions(table)
  if (!there.ok) return there
  const { bucket, versions, others } = there.value
  const files = new Map<string, HashedFile>()
  for await (const record of log.read("proxy-made")) {
    if (!record.ok) return record
    if (!("fact" in record.value.content) || record.value.content.fact.topic !== "proxy-made") continue
    const { element, source, contentHash, recordedAtMs } = record.value.content.fact.value
    const isThere = element.bucket === bucket && versions.get(element.key) === source.sourceVersion
    if (!isThere || contentHash === null) continue
    const { sizeBytes, lastModifiedMs } = source
    files.set(element.key, { path: element.key, sizeBytes, lastModifiedMs, contentHash, hashedAtMs: recordedAtMs })
  }
  const sorted = [...files.values()].sort((one, other) => (one.path < other.path ? -1 : 1))
  return done({ bucket, files: sorted, unhashed: versions.size - files.size, others })
}

/** Versions of the sources whose outputs are made, by their keys. */
async function madeVersions(table: Pick<Table, "elements">) {
  const versions = new Map<string, ElementRow["source_version"]>()
  let [bucket, others]: [string | null, number] = [null, 0]
  for await (const row of table.elements()) {
    if (!row.ok) return row
    if (row.value.state !== "done") continue
    bucket ??= row.value.bucket
    if (row.value.bucket === bucket) versions.set(row.value.key, row.value.source_version)
    else others++
  }
  return done({ bucket, versions, others })
}
