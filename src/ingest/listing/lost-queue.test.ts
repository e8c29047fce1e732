import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { openTestTable } from "../../../test/driver/table.ts"
import { project } from "../../../topology/project/project.ts"
import { besideSources } from "../../element/output-places.ts"
import type { Fact } from "../../events/fact.ts"
import { proxyMade } from "../../events/testing/facts.ts"
import { unwrap } from "../../events/testing/results.ts"
import { elementOf } from "../../events/testing/sequence-facts.ts"
import type { EventLog, Topic } from "../../log/index.ts"
import { memoryRecords, openMemoryLog } from "../../log/memory.ts"
import { acknowledge, consume, readAll } from "../../log/testing/harness.ts"
import type { RenderSettings } from "../../picture/index.ts"
import { openMemoryStore } from "../../store/memory.ts"
import { systemClock } from "../../system/clock.ts"
import { lostRows, type QueuePorts, queuedArrivals } from "./queued-arrivals.ts"
import { reconcile } from "./reconcile.ts"

const BACKFILL: Topic = "element-created-backfill"
const OUTCOMES: readonly Topic[] = ["proxy-made", "element-failed"]

/** Six frames were listed and queued, and the table knows of it; nobody works. */
async function given() {
  const folder = await mkdtemp(join(tmpdir(), "lost-queue-"))
  const table = await openTestTable(folder, systemClock)
  const store = openMemoryStore({ clock: systemClock })
  const records = memoryRecords()
  const log = openMemoryLog({ clock: systemClock, records })
  onTestFinished(async () => {
    await Promise.all([log.close(), table.close()])
    await rm(folder, { recursive: true, force: true })
  })
  const keys = Array.from({ length: 6 }, (_, frame) => `sh010/beauty.000${frame}.exr`)
  for (const key of keys) await puts(join(folder, "put.tmp"), key)
  async function puts(file: string, key: string): Promise<void> {
    await writeFile(file, key)
    unwrap(await store.put({ bucket: "show", key }, file, { contentType: "image/x-exr", tags: {}, metadata: {} }))
  }
  let steadyMs = 0
  const clock = {
    ...systemClock,
    // Each look is long after the one before.
    steadyMs: () => {
      steadyMs += 10_000
      return steadyMs
    },
  }
  const queue: QueuePorts = {
    log,
    clock,
    queues: [
      { group: "renderer", topics: ["element-created"] },
      { group: "renderer-backfill", topics: [BACKFILL] },
    ],
    results: { group: "projector", topics: OUTCOMES },
  }
  const lists = async () => {
    const picture = { recipe: 1, configHash: "0123456789abcdef" }
    const settingsFor = () => ({ thumbnailEdgePx: 256 }) as RenderSettings
    const ports = { store, table, append: log.append, clock, picture, settingsFor, outputsFor: besideSources, queue }
    return unwrap(await reconcile(ports, { bucket: "show", prefix: "", suffixes: [] }))
  }
  const projects = async (topic: Topic): Promise<void> => {
    unwrap(await table.merge(project((await readAll(log, topic)).flatMap(factsOf))))
  }
  /** What an operator does who deletes a topic and makes it anew: its records are gone, and offsets begin at 0. */
  const isMadeAnew = (topic: Topic): void => {
    records.records.delete(topic)
    for (const positions of records.positions.values()) positions.delete(topic)
  }
  const lost = async (): Promise<string[]> => {
    const found: string[] = []
    for await (const row of lostRows({ ...queue, table })) found.push(unwrap(row).key)
    return found
  }
  expect(await lists()).toMatchObject({ arrived: 6 })
  await projects(BACKFILL)
  return { table, log, records, keys, queue, lists, projects, isMadeAnew, lost }
}

const factsOf = ({ content }: Awaited<ReturnType<typeof readAll>>[number]): Fact[] =>
  "fact" in content ? [content.fact] : []

const acknowledgeAll = async (log: EventLog, group: string, topic: Topic, count: number): Promise<void> => {
  for (const delivery of await consume(log, { group, topics: [topic] }).take(count)) await acknowledge(delivery)
}

describe("a queue that was lost", () => {
  it("is left alone while the log holds it", async () => {
    const t = await given()
    expect(await t.lists()).toMatchObject({ arrived: 0, alreadyQueued: 6 })
    expect(await t.lost()).toEqual([])
  })

  it("is queued anew by the next listing once its topic was deleted and made anew, and only once", async () => {
    const t = await given()
    t.isMadeAnew(BACKFILL)
    expect(await t.lost()).toEqual(t.keys)
    expect(await t.lists()).toMatchObject({ arrived: 6, alreadyQueued: 0 })
    await t.projects(BACKFILL)
    expect(await t.lists()).toMatchObject({ arrived: 0, alreadyQueued: 6 })
    expect(await t.lost()).toEqual([])
  })

  it("is known even where other arrivals stand at its offsets by now", async () => {
    const t = await given()
    const before = await readAll(t.log, BACKFILL)
    t.isMadeAnew(BACKFILL)
    unwrap(await t.log.append(before.slice(0, 2).flatMap(factsOf)))
    expect(await t.lost()).toEqual(t.keys.slice(2))
  })

  it("is queued anew where the group has passed it without a result", async () => {
    const t = await given()
    await acknowledgeAll(t.log, "renderer-backfill", BACKFILL, 4)
    expect(await t.lost()).toEqual(t.keys.slice(0, 4))
    expect(await t.lists()).toMatchObject({ arrived: 4, alreadyQueued: 2 })
  })

  it("is no lost one while only the projector has not told the results yet", async () => {
    const t = await given()
    const made = (await readAll(t.log, BACKFILL)).flatMap(factsOf).map((fact) => proxyMade(elementOf(fact)))
    unwrap(await t.log.append(made))
    await acknowledgeAll(t.log, "renderer-backfill", BACKFILL, 6)
    expect(await t.lost()).toEqual([])
    await t.projects("proxy-made")
    await acknowledgeAll(t.log, "projector", "proxy-made", 6)
    expect(await t.lost()).toEqual([])
    expect(await t.lists()).toMatchObject({ alreadyQueued: 0 })
  })

  it("is not looked for in vain where the arrival came after the look", async () => {
    const t = await given()
    const queued = unwrap(await queuedArrivals(t.queue))
    const [late] = (await readAll(t.log, BACKFILL)).flatMap(factsOf)
    if (late === undefined) throw new Error("nothing was queued")
    const element = { ...elementOf(late), elementId: "a late one" }
    unwrap(await t.log.append([{ ...late, value: { ...late.value, element } } as Fact]))
    expect(unwrap(await queued.holds({ bucket: "show", key: "late.exr", element_id: "a late one" }))).toBe(true)
    expect(unwrap(await queued.holds({ bucket: "show", key: "none.exr", element_id: "none" }))).toBe(false)
  })

  it("is known where the group's position lies beyond the end of a topic that was made anew", async () => {
    const t = await given()
    await acknowledgeAll(t.log, "renderer-backfill", BACKFILL, 6)
    t.records.records.delete(BACKFILL)
    expect(await t.lists()).toMatchObject({ arrived: 6 })
    await t.projects(BACKFILL)
    t.records.positions.get("renderer-backfill")?.set(BACKFILL, 7)
    expect(await t.lists()).toMatchObject({ arrived: 0, alreadyQueued: 6 })
  })
})
