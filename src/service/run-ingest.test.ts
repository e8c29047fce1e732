import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { openTestTable } from "../../test/driver/table.ts"
import { virtualClock } from "../../test/driver/virtual-clock.ts"
import { recorded } from "../cli/testing/console.ts"
import { loadConfig } from "../config/index.ts"
import { openIntakes } from "../deployment/intakes.ts"
import { policyOf, settingsOf } from "../deployment/machine.ts"
import type { Ingest } from "../deployment/roles.ts"
import { besideSources } from "../element/output-places.ts"
import { type Failure, failed, failure } from "../events/result.ts"
import { EPOCH_MS } from "../events/testing/facts.ts"
import { unwrap } from "../events/testing/results.ts"
import { elementOf } from "../events/testing/sequence-facts.ts"
import { documentedJobEvent } from "../ingest/testing/farm-messages.ts"
import type { EventLog } from "../log/index.ts"
import { openMemoryLog } from "../log/memory.ts"
import { readAll } from "../log/testing/harness.ts"
import { openMemoryStore } from "../store/memory.ts"
import { openLogger } from "./logger.ts"
import { openMetrics } from "./metrics.ts"
import { runIngest } from "./run-ingest.ts"
import { openServiceObserver } from "./service-observer.ts"

const MINUTE = 60_000

const configOf = (env: Record<string, string>) =>
  unwrap(loadConfig({ flags: {}, env, cwd: "/", defaultStateDir: "state", cores: 2 })).config

it("the buckets are listed on a schedule; what is young, or met an outage, is taken in a later round", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ingest-"))
  const clock = virtualClock(EPOCH_MS)
  const table = await openTestTable(folder, clock)
  const store = openMemoryStore({ clock, buckets: ["b"] })
  const log = openMemoryLog({ clock })
  const stop = new AbortController()
  const config = configOf({ S3_BUCKETS: "b", OIIO_RECONCILE_MINUTES: "10", OIIO_INTAKE_PREFIXES: "shots/" })
  const stderr = recorded()
  const logger = openLogger({ config: { logLevel: "info", logFormat: "json" }, stderr, secrets: [] })
  const observer = openServiceObserver(logger, openMetrics(), clock)
  let outage: Failure | null = null
  const append: EventLog["append"] = async (records) => (outage === null ? log.append(records) : failed(outage))
  const picture = { recipe: 1, configHash: "0123456789abcdef" } as Ingest["ports"]["picture"]
  const ports: Ingest["ports"] = {
    ...{ log: { ...log, append }, clock, random: () => 0.5, policy: policyOf(config) },
    store,
    table,
    picture,
    settingsFor: settingsOf(config),
    outputsFor: besideSources,
  }
  const running = runIngest(
    { config, ports, observer, logger, stopping: { stop: stop.signal, abort: stop.signal } },
    { kafka: null, http: null },
  )
  onTestFinished(async () => {
    await table.close()
    await rm(folder, { recursive: true, force: true })
  })
  const puts = async (key: string): Promise<void> => {
    await writeFile(join(folder, "put.tmp"), key)
    const options = { contentType: "image/x-exr", tags: {}, metadata: {} }
    unwrap(await store.put({ bucket: "b", key }, join(folder, "put.tmp"), options))
  }
  /** Waits until a round is over, changes the world, and lets the clock reach the next one. */
  const afterRound = async (number: number, change: () => void): Promise<void> => {
    const over = (): number => stderr.text().split(/bucket reconciled|reconciliation broke off/).length - 1
    await expect.poll(over).toBeGreaterThanOrEqual(number)
    change()
    await expect.poll(() => clock.wakeNext(clock.nowMs() + 10 * MINUTE)).toBe(true)
  }
  const queued = async (): Promise<string[]> =>
    (await readAll(log, "element-created-backfill")).flatMap(({ content }) =>
      "fact" in content ? [elementOf(content.fact).key] : [],
    )

  await puts("shots/a.exr")
  await puts("tests/b.exr")
  await afterRound(1, () => {
    outage = failure("log/unreachable", "The log is away.")
  })
  await afterRound(2, () => {
    outage = null
  })
  await afterRound(3, () => undefined)
  expect(await queued()).toEqual(["shots/a.exr"])
  stop.abort()
  expect(await Promise.all(running)).toEqual([null])
  expect(stderr.text()).toContain("The log is away.")
})

it("a farm's event is a hint where a rule of the settings file maps it; else it is counted and remarked on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ingest-"))
  const configFile = join(folder, "settings.yaml")
  await writeFile(configFile, 'farmRules: [{by: opencue, job: "ghost-{shot}-*", bucket: b, prefix: "{shot}/"}]')
  const env = { OIIO_INTAKE_PORT: "0" }
  const { config } = unwrap(loadConfig({ flags: { configFile }, env, cwd: "/", defaultStateDir: "s", cores: 2 }))
  const clock = virtualClock(EPOCH_MS)
  const [log, stop, stderr, metrics] = [openMemoryLog({ clock }), new AbortController(), recorded(), openMetrics()]
  const logger = openLogger({ config: { logLevel: "warn", logFormat: "json" }, stderr, secrets: [] })
  const observer = openServiceObserver(logger, metrics, clock)
  const input = { config, observer, stopping: { stop: stop.signal, abort: stop.signal } }
  const ports = {
    log,
    clock,
    store: openMemoryStore({ clock }),
    outputsFor: besideSources,
  } as unknown as Ingest["ports"]
  const { http } = unwrap(await openIntakes({ ...input, ports }))
  const running = http?.run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await running
    await rm(folder, { recursive: true })
  })
  for (const name of ["ghost-sh010-artist_v1", "witch-sh010-artist_v1"]) {
    const body = JSON.stringify(documentedJobEvent({ name, show: "ghost" }, {}, name))
    expect((await fetch(`http://127.0.0.1:${http?.port}/`, { method: "POST", body })).status).toBe(204)
  }
  const hints = (await readAll(log, "hint-reported")).map(({ content }) =>
    "fact" in content ? elementOf(content.fact) : null,
  )
  expect(hints).toMatchObject([{ bucket: "b", key: "sh010/" }])
  expect(stderr.text()).toContain("witch-sh010-artist_v1")
  expect(await metrics.text([], EPOCH_MS)).toContain('oiio_arrivals_skipped_total{from="http",reason="unmapped"} 1')
})

it.each([
  [{}, "set S3_BUCKETS"],
  [{ S3_BUCKETS: "b", OIIO_RECONCILE_MINUTES: "0" }, "OIIO_RECONCILE_MINUTES is 0"],
])("says loudly that lost notifications will not be found, with %j", async (env, advice) => {
  const stderr = recorded()
  const logger = openLogger({ config: { logLevel: "warn", logFormat: "json" }, stderr, secrets: [] })
  const clock = virtualClock(EPOCH_MS)
  const { signal } = new AbortController()
  const stopping = { stop: signal, abort: signal }
  const observer = openServiceObserver(logger, openMetrics(), clock)
  const ports = {} as Ingest["ports"]
  expect(runIngest({ config: configOf(env), ports, observer, logger, stopping }, { kafka: null, http: null })).toEqual(
    [],
  )
  expect(stderr.text()).toContain("will never be found")
  expect(stderr.text()).toContain(advice)
})
