import { describe, expect, it, onTestFinished } from "vitest"
import { virtualClock } from "../../test/driver/virtual-clock.ts"
import { recorded } from "../cli/testing/console.ts"
import { loadConfig } from "../config/index.ts"
import { policyOf, settingsOf } from "../deployment/machine.ts"
import type { Ingest } from "../deployment/roles.ts"
import { EPOCH_MS } from "../events/testing/facts.ts"
import { unwrap } from "../events/testing/results.ts"
import { BUG, leavesNoPromiseUnhandled, rejecting, throwing } from "../events/testing/unhandled.ts"
import { openMemoryLog } from "../log/memory.ts"
import { openMemoryStore } from "../store/memory.ts"
import { systemClock } from "../system/clock.ts"
import type { HealthReport } from "./health.ts"
import { openLogger } from "./logger.ts"
import { openMetrics } from "./metrics.ts"
import { type OpsOptions, openOpsServer } from "./ops-server.ts"
import { runIngest } from "./run-ingest.ts"
import { openServiceObserver } from "./service-observer.ts"

leavesNoPromiseUnhandled()

describe("a bug behind the server for health and metrics", () => {
  const REPORT = { isHealthy: true, isReady: true } as HealthReport

  async function given(options: Partial<OpsOptions>) {
    const told: unknown[] = []
    const server = unwrap(
      await openOpsServer({
        ...{ host: "127.0.0.1", port: 0, contentType: "text/plain" },
        health: () => REPORT,
        metrics: async () => "",
        tells: (says, fields) => told.push({ says, ...fields }),
        ...options,
      }),
    )
    onTestFinished(() => server.close())
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status
    return { server, status, told }
  }

  it.each<readonly [string, string, Partial<OpsOptions>]>([
    ["/healthz", "the report throws", { health: throwing }],
    ["/readyz", "the report throws", { health: throwing }],
    ["/metrics", "the gathering throws", { metrics: throwing }],
    ["/metrics", "the gathering rejects", { metrics: rejecting }],
  ])("is a 500 of %s where %s, is told with its stack, and the server goes on", async (path, _, options) => {
    const { status, told } = await given(options)
    expect([await status(path), await status(path), await status("/elsewhere")]).toEqual([500, 500, 404])
    expect(told).toEqual(Array(2).fill(expect.objectContaining({ stack: BUG.stack })))
  })

  it("ends the process where it cannot even be told, once whoever asked is answered", async () => {
    const { server, status } = await given({ health: throwing, tells: throwing })
    expect(await status("/healthz")).toBe(500)
    await expect(server.broken).rejects.toBe(BUG)
  })
})

describe("a bug behind the listing of the buckets", () => {
  const { config } = unwrap(
    loadConfig({ flags: {}, env: { S3_BUCKETS: "b" }, cwd: "/", defaultStateDir: "state", cores: 2 }),
  )

  function listing(broken: { readonly [part in "store" | "table" | "log" | "clock" | "logger"]?: unknown }) {
    const clock = { ...virtualClock(EPOCH_MS), ...Object(broken.clock) }
    const options = { config: { logLevel: "info", logFormat: "json" }, stderr: recorded(), secrets: [] } as const
    const logger = Object.assign(openLogger(options), broken.logger)
    const observer = openServiceObserver(logger, openMetrics(), systemClock)
    const log = { ...openMemoryLog({ clock: systemClock }), ...Object(broken.log) }
    const noRows = async function* () {
      // A table without rows.
    }
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const ports = {
      ...{ log, clock, random: () => 0.5, policy: policyOf(config) },
      store: { ...openMemoryStore({ clock: systemClock, buckets: ["b"] }), ...Object(broken.store) },
      table: { elements: noRows, proxyOutputs: noRows, currentOutputs: noRows, ...Object(broken.table) },
      picture: { recipe: 1, configHash: "0123456789abcdef" },
      settingsFor: settingsOf(config),
    } as unknown as Ingest["ports"]
    const stopping = { stop: stop.signal, abort: stop.signal }
    return runIngest({ config, ports, observer, logger, stopping }, { kafka: null, http: null })[0]
  }

  const rejectingPages = () => ({ [Symbol.asyncIterator]: () => ({ next: rejecting }) })

  it.each([
    ["the store throws", { store: { list: throwing } }],
    ["the store rejects", { store: { list: rejectingPages } }],
    ["the table throws", { table: { elements: throwing } }],
    ["the log throws", { log: { read: throwing, ends: throwing, append: throwing } }],
    ["the timer throws", { clock: { sleep: throwing } }],
    ["the timer rejects", { clock: { sleep: rejecting } }],
    ["the log of the process throws", { logger: { info: throwing, warn: throwing } }],
  ])("ends it where %s", async (_, broken) => {
    await expect(listing(broken)).rejects.toBe(BUG)
  })
})
