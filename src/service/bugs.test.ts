import { describe, expect, it, onTestFinished } from "vitest"
import { virtualClock } from "../../test/driver/virtual-clock.ts"
import { recorded } from "../cli/testing/console.ts"
import { loadConfig } from "../config/index.ts"
import type { Ingest } from "../deployment/index.ts"
import { policyOf, settingsOf } from "../deployment/machine.ts"
import { allOrNone } from "../deployment/run-groups.ts"
import { failure } from "../events/failure.ts"
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

describe("a bug in one part of a process", () => {
  const patience = (abort = new AbortController().signal) => ({ clock: virtualClock(0), interrupts: { abort } })

  it("ends the process with it, once the others have finished what they had begun", async () => {
    const enough = new AbortController()
    const finished: string[] = []
    const other = async () => {
      await new Promise((stopped) => enough.signal.addEventListener("abort", stopped))
      await new Promise((later) => setImmediate(later))
      finished.push("other")
      return null
    }
    await expect(allOrNone([rejecting(), other()], enough, patience())).rejects.toBe(BUG)
    expect(finished).toEqual(["other"])
  })

  it("ends the process with it after a while, where the others cannot finish", async () => {
    const held = patience()
    const ended = allOrNone([rejecting(), new Promise<null>(() => undefined)], new AbortController(), held)
    await expect.poll(() => held.clock.wakeNext(60_000)).toBe(true)
    await expect(ended).rejects.toBe(BUG)
    expect(held.clock.nowMs()).toBeGreaterThan(0)
  })

  it("ends the process with it at once, where somebody asks a second time", async () => {
    const abort = new AbortController()
    const never = new Promise<null>(() => undefined)
    const ended = allOrNone([rejecting(), never], new AbortController(), patience(abort.signal))
    abort.abort()
    await expect(ended).rejects.toBe(BUG)
  })

  it("is not what a failure is: all end, and the first failure is told", async () => {
    const away = failure("log/refused", "no")
    const enough = new AbortController()
    expect(await allOrNone([Promise.resolve(null), Promise.resolve(away)], enough, patience())).toBe(away)
    expect(enough.signal.aborted).toBe(true)
  })
})
