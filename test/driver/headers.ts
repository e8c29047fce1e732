import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Fact } from "../../src/events/fact.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import { exrFile } from "../../src/picture/read/header/testing/exr-file.ts"
import { openState } from "../../src/state/index.ts"
import { systemClock } from "../../src/system/clock.ts"
import type { Rows } from "../../src/table/index.ts"
import { openSqliteTable } from "../../src/table/sqlite.ts"
import { project } from "../../topology/project/project.ts"
import { factsOf } from "./facts.ts"
import { type Driver, drive } from "./index.ts"

/** What headers are read from and pictures made of. */
export const exr = (...channels: readonly string[]): Uint8Array => exrFile({ parts: [{ channels }] })

/**
 * A log after frames of every fate: two that are fine, one of them twice, in two versions; one whose header nobody can
 * read, though it is shown; one that fails altogether.
 */
export async function frameOfEveryFate(): Promise<Driver> {
  const driver = await drive({ inspector: true })
  await driver.puts("sh010/a.0001.exr", exr("B", "G", "R"))
  await driver.puts("sh010/b.0001.exr", exr("A", "B", "G", "R"))
  await driver.puts("sh020/été c.exr", "shown, but no EXR")
  await driver.puts("sh020/broken.exr", "damaged")
  for (const key of ["sh010/a.0001.exr", "sh010/b.0001.exr", "sh020/été c.exr", "sh020/broken.exr"])
    await driver.arrives({ key })
  await driver.passes(5000)
  await driver.puts("sh010/b.0001.exr", exr("Y"))
  await driver.arrives({ key: "sh010/b.0001.exr" })
  return driver
}

/**
 * Their rows, and those of a bucket that holds a copy of one frame: file_id ignores the bucket, so that both have the same.
 */
export async function rowsOfEveryFate(): Promise<Rows> {
  const driver = await frameOfEveryFate()
  const facts = [
    ...(await factsOf(driver.log, "proxy-made")).map((value): Fact => ({ topic: "proxy-made", value })),
    ...(await factsOf(driver.log, "source-inspected")).map((value): Fact => ({ topic: "source-inspected", value })),
  ]
  await driver.close()
  const { proxyOutputs, inspections = [] } = project([...facts, ...facts.flatMap(copied)])
  return { proxyOutputs, inspections, elements: [] }
}

const COPIED = "sh010/a.0001.exr"

const copied = (fact: Fact): readonly Fact[] => {
  if (!(fact.topic === "proxy-made" || fact.topic === "source-inspected") || fact.value.element.key !== COPIED)
    return []
  const element = { ...fact.value.element, bucket: "archive" }
  return fact.topic === "proxy-made"
    ? [{ topic: fact.topic, value: { ...fact.value, element, proxyId: "the copy's" } }]
    : [{ topic: fact.topic, value: { ...fact.value, element } }]
}

/** The contract's join, then the same without pairs across buckets. `schema` ends in a dot where there is one. */
export const joins = (schema: string): readonly string[] =>
  ["", " AND e.s3_bucket = p.s3_bucket"].map(
    (within) =>
      `SELECT e.file_id, e.s3_bucket, e.file_path, e.frame_number, p.s3_bucket AS bucket, p.s3_key, p.proxy_s3_key
       FROM ${schema}files e JOIN ${schema}proxy_outputs p ON e.file_id = p.file_id${within} ORDER BY 1, 2, 3, 5, 7`,
  )

export type Pairs = readonly (readonly (readonly unknown[])[])[]

/** What the joins give of these rows in SQLite. */
export async function pairsInSqlite(rows: Rows): Promise<Pairs> {
  const folder = await mkdtemp(join(tmpdir(), "headers-"))
  const state = unwrap(await openState({ folder, mode: "own", clock: systemClock }))
  const table = openSqliteTable({ state })
  unwrap(await table.ensure())
  unwrap(await table.merge(rows))
  const pairs = joins("").map((join) => state.sql(join).all().map(valuesOf))
  state.close()
  await rm(folder, { recursive: true })
  return pairs
}

const valuesOf = (row: Readonly<Record<string, unknown>>): readonly unknown[] => Object.values(row)
