import { execFile } from "node:child_process"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { promisify } from "node:util"
import { expect, it, onTestFinished } from "vitest"
import { unwrap } from "../../src/events/testing/results.ts"
import { DEFAULT_TIMEOUTS } from "../../src/table/trino/timeouts.ts"
import { openTrinoTable } from "../../src/table/trino.ts"
import { SHOWN_ROWS } from "../driver/documented-queries.ts"
import { openFrames } from "../machine/frames.ts"
import { run } from "../machine/process.ts"
import { python } from "../machine/python.ts"
import { freshSchema } from "../services/fresh.ts"
import { installOutsideClients, installPythonClients } from "../services/install/python-clients.ts"
import { sharedServices } from "../services/shared.ts"

const exampleOf = (name: string): string => new URL(`../../examples/${name}`, import.meta.url).pathname

it("each file of examples/trino finds something, by examples/trino/query.py", async () => {
  const { trino } = await sharedServices("trino")
  const schema = await freshSchema(trino, "examples")
  const [bucket = "", name = ""] = schema.split("/")
  const access = { endpoint: trino.url, user: "oiio", password: null, ca: null, catalog: trino.catalog }
  const table = unwrap(await openTrinoTable({ ...access, bucket, schema: name, timeouts: DEFAULT_TIMEOUTS }))
  onTestFinished(() => table.close())
  unwrap(await table.ensure())
  unwrap(await table.merge(SHOWN_ROWS))

  const frames = openFrames()
  onTestFinished(() => frames.remove())
  const packages = await installOutsideClients()
  const files = readdirSync(exampleOf("trino")).filter((file) => file.endsWith(".sql"))
  expect(files.length).toBeGreaterThanOrEqual(4)
  for (const file of files) {
    const sql = readFileSync(exampleOf(`trino/${file}`), "utf8")
    expect(sql).toContain(`vast."renders/exr_metadata".`)
    writeFileSync(frames.path(file), sql.replaceAll(`vast."renders/exr_metadata".`, `${trino.catalog}."${schema}".`))
    const csv = await python({ script: exampleOf("trino/query.py"), args: [trino.url, frames.path(file)], packages })
    expect([file, csv.trim().split("\n").length]).toEqual([file, 2])
  }
})

it("DuckDB sums up what a run made, failed and missed, and keeps it, as examples/duckdb_report.py shows", async () => {
  const frames = openFrames({
    "sh010/beauty.1001.exr": "window",
    "sh010/beauty.1002.exr": "window",
    "sh010/beauty.1004.exr": "window",
    "bad.exr": "damaged",
  })
  onTestFinished(() => frames.remove())
  expect((await run(["run", frames.dir])).code).toBe(1)
  for (const [name, ...argv] of [
    ["outputs", "outputs", "--all"],
    ["sequences", "sequences"],
    ["failures", "failures", "list"],
  ] as const)
    writeFileSync(frames.path(`${name}.ndjson`), (await run([...argv, "--dir", frames.dir, "--json"])).stdout)

  const packages = await installPythonClients()
  const said = await python({ script: exampleOf("duckdb_report.py"), args: [frames.dir], packages })
  expect(said).toMatch(/lin_rec709 .* 3 /)
  expect(said).toMatch(/sh010\/beauty\.#\.exr .* 1001-1002,1004 .* 1003 /)
  expect(said).toMatch(/picture\/damaged .* 1 .* bad\.exr/)
  const count = `import duckdb; print(duckdb.sql("FROM '${frames.path("outputs.parquet")}'").fetchall()[0][:2])`
  const { stdout } = await promisify(execFile)("python3", ["-c", count], { env: { PYTHONPATH: packages } })
  expect(stdout.trim()).toBe("('show', 'sh010/beauty.1001.exr')")
})
