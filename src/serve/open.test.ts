import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { findInstallation } from "../deployment/deployment-target.ts"
import { openTarget } from "../deployment/index.ts"
import { failureOf, unwrap } from "../events/testing/results.ts"
import { systemClock as clock } from "../system/clock.ts"
import { elementRow, proxyOutput } from "../table/testing/rows.ts"
import { openServing } from "./open.ts"

const opening = { clock, observeKafka: () => undefined, stop: new AbortController().signal, waits: () => undefined }

async function folder() {
  const above = await mkdtemp(join(tmpdir(), "serve-"))
  onTestFinished(() => rm(above, { recursive: true, force: true }))
  const root = join(above, "bucket")
  await mkdir(root)
  const installation = unwrap(findInstallation({ env: {}, cwd: root, flags: {} }, root))
  return { kind: "folder", installation } as const
}

it("a folder without a state is refused, and gets none", async () => {
  const target = await folder()
  for (const _ of [1, 2]) expect(failureOf(await openServing(target, opening)).code).toBe("state/missing")
})

it("a state that an older version wrote is read with its tiles, and can only be read", async () => {
  const target = await folder()
  const own = unwrap(await openTarget(target, { mode: "own", command: "run" }, opening))
  unwrap(await own.records.table.merge({ proxyOutputs: [proxyOutput()], elements: [elementRow()] }))
  unwrap(await own.records.state.write("table", () => void own.records.state.sql("DROP TABLE tiles").run()))
  const beside = unwrap(await openServing(target, opening))
  expect(failureOf(await beside.table.tilesPage({ order: "name", limit: 5 })).code).toBe("table/refused")
  await beside.close()
  await own.records.close()
  const opened = unwrap(await openServing(target, opening))
  expect(unwrap(await opened.table.tilesPage({ order: "name", limit: 5 })).total).toBe(1)
  expect(opened.readOnly).toContain("run --watch --serve")
  await opened.close()
})
