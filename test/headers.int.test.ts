import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished, vi } from "vitest"
import { besideSources } from "../src/element/output-places.ts"
import { elementCreated } from "../src/events/testing/facts.ts"
import { unwrap } from "../src/events/testing/results.ts"
import { openMemoryKnownOutputs } from "../src/known-outputs/memory.ts"
import { openKafkaLog } from "../src/log/kafka/index.ts"
import { freshInstallation, optionsFor } from "../src/log/kafka/testing/open.ts"
import { SETTINGS } from "../src/picture/engines/testing/readings.ts"
import { openHeaderInspector } from "../src/picture/inspect/inspector.ts"
import { DEFAULT_LIMITS } from "../src/picture/read/header/limits.ts"
import { openScratch } from "../src/picture/scratch.ts"
import { openMemoryStore } from "../src/store/memory.ts"
import { systemClock } from "../src/system/clock.ts"
import { inspection } from "../src/table/testing/rows.ts"
import { trinoBench } from "../src/table/testing/trino-tables.ts"
import { runGroup } from "../topology/flow/run-group.ts"
import { INSPECTOR, RENDERER } from "../topology/graph.ts"
import type { RendererPorts } from "../topology/ports.ts"
import { rebuildTables } from "../topology/project/rebuild.ts"
import { factsOf } from "./driver/facts.ts"
import { fakePicture } from "./driver/fake-picture.ts"
import { exr, frameOfEveryFate, joins, pairsInSqlite, rowsOfEveryFate } from "./driver/headers.ts"
import { POLICY } from "./driver/index.ts"
import { eventually } from "./machine/eventually.ts"
import { sharedServices } from "./services/shared.ts"

// Trino takes seconds for a statement where the machine is busy.
vi.setConfig({ testTimeout: 300_000 })

it("the contract's join gives the same pairs in Trino as in SQLite", async () => {
  const bench = await trinoBench()
  const table = await bench.table()
  const rows = await rowsOfEveryFate()
  unwrap(await table.merge(rows))
  const inTrino = await Promise.all(joins(`${bench.schema}.`).map((join) => bench.sql(join)))
  expect(inTrino).toEqual(await pairsInSqlite(rows))
  expect(inTrino.map(({ length }) => length)).toEqual([6, 4])
})

it("a rebuild brings the four tables back after they were dropped in Trino, and after somebody changed them", async () => {
  const bench = await trinoBench()
  const table = await bench.table()
  const driver = await frameOfEveryFate()
  onTestFinished(() => driver.close())
  const rebuild = async () => unwrap(await rebuildTables({ log: driver.log, table }))
  const names = ["files", "parts", "channels", "attributes"]
  const contents = () =>
    Promise.all(
      names.map(async (name) => {
        const rows = await bench.sql(`SELECT * FROM ${bench.schema}.${name}`)
        return rows.map((row) => JSON.stringify(row)).toSorted()
      }),
    )
  expect(await rebuild()).toMatchObject({ different: 0, orphaned: 0 })
  const [files, parts, channels, ...others] = await contents()
  expect([files?.length, parts?.length, channels?.length]).toEqual([3, 3, 3 + 4 + 1])
  expect(await rebuild()).toMatchObject({ missing: 0, different: 0, orphaned: 0 })

  for (const name of names) await bench.sql(`DROP TABLE ${bench.schema}.${name}`)
  unwrap(await table.ensure())
  expect(await rebuild()).toMatchObject({ missing: [files, parts, channels, ...others].flat().length, orphaned: 0 })
  expect(await contents()).toEqual([files, parts, channels, ...others])

  await bench.sql(`DELETE FROM ${bench.schema}.channels WHERE channel_name = 'R'`)
  await bench.sql(`UPDATE ${bench.schema}.files SET header_hash = 'wrong'`)
  await rebuild()
  expect(await contents()).toEqual([files, parts, channels, ...others])
})

it("while a header is replaced in Trino again and again, readers find its old rows or its new ones, never both or none", async () => {
  const bench = await trinoBench()
  const [table, second] = [await bench.table(), (at: number) => `2026-04-01T00:00:0${at}.000000+00:00`]
  const version = (at: number) =>
    inspection({ inspection_timestamp: second(at) }, { channels: at % 2 === 0 ? ["B", "G", "R"] : ["Y"] })
  const merge = async (at: number) =>
    unwrap(await table.merge({ proxyOutputs: [], elements: [], inspections: [version(at)] }))
  await merge(0)
  let isReplacing = true
  const seen: number[] = []
  const reading = (async () => {
    while (isReplacing) {
      const [[channels] = []] = await bench.sql(
        `SELECT count(*) FROM ${bench.schema}.channels c JOIN ${bench.schema}.files f ON c.file_id = f.file_id`,
      )
      seen.push(Number(channels))
    }
  })()
  for (const at of [1, 2, 3, 4, 5]) {
    const before = seen.length
    await merge(at)
    await eventually("somebody has read meanwhile or since", () => seen.length > before)
  }
  isReplacing = false
  await reading
  expect([1, 3]).toEqual(expect.arrayContaining([...new Set(seen)]))
})

it("a frame is inspected while another one's render, before it on the same partition, takes its minutes", async () => {
  const servers = await sharedServices("kafka", "registry")
  const log = unwrap(await openKafkaLog(optionsFor(servers, await freshInstallation(servers, "headers", 1))))
  const folder = await mkdtemp(join(tmpdir(), "headers-"))
  const store = openMemoryStore()
  const put = async (key: string, content: string | Uint8Array): Promise<void> => {
    const file = join(folder, "put.tmp")
    await writeFile(file, content)
    unwrap(await store.put({ bucket: "show", key }, file, { contentType: "image/x-exr", tags: {}, metadata: {} }))
  }
  const picture = fakePicture(systemClock)
  const ports: RendererPorts = {
    log,
    store,
    picture,
    scratch: await openScratch({ root: join(folder, "scratch") }),
    clock: systemClock,
    random: () => 0.5,
    settingsFor: () => SETTINGS,
    outputsFor: besideSources,
    knownOutputs: openMemoryKnownOutputs(),
    policy: { ...POLICY, rendersInFlight: 1, sourcesHeld: 1 },
    observe: () => undefined,
  }
  const [stop, abort] = [new AbortController(), new AbortController()]
  const stopping = { stop: stop.signal, abort: abort.signal }
  const running = [
    runGroup(RENDERER, ports, stopping),
    runGroup(INSPECTOR, { ...ports, headers: openHeaderInspector(DEFAULT_LIMITS) }, stopping),
  ]
  onTestFinished(async () => {
    abort.abort()
    stop.abort()
    await Promise.all(running)
    await log.close()
    await rm(folder, { recursive: true })
  })
  await put("slow.exr", "slow 180000")
  unwrap(await log.append([elementCreated({ key: "slow.exr" })]))
  await eventually("the render has begun", async () => picture.rendered.length === 1)
  await put("quick.exr", exr("B", "G", "R"))
  unwrap(await log.append([elementCreated({ key: "quick.exr" })]))
  const inspected = async () => (await factsOf(log, "source-inspected")).map(({ element }) => element.key)
  await eventually("it is inspected", async () => (await inspected()).includes("quick.exr"))
  expect(picture.rendered).toEqual(["slow 180000"])
  expect(await factsOf(log, "proxy-made")).toEqual([])
})
