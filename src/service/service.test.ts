import { describe, expect, it, onTestFinished } from "vitest"
import { call } from "../cli/testing/call.ts"
import { recorded } from "../cli/testing/console.ts"
import { done, type Failure, type FailureCode, failed, failure, type Result } from "../events/result.ts"
import { elementCreated, proxyMade } from "../events/testing/facts.ts"
import { unwrap } from "../events/testing/results.ts"
import { openMemoryLog } from "../log/memory.ts"
import { consume } from "../log/testing/harness.ts"
import { type Clock, systemClock } from "../system/clock.ts"
import { openHealth } from "./health.ts"
import { openLogger } from "./logger.ts"
import { hasSharedName, meteredLog, openMetrics } from "./metrics.ts"
import { openOpsServer } from "./ops-server.ts"
import { openPatiently } from "./run-service.ts"
import { openServiceObserver } from "./service-observer.ts"

describe("a service without servers", () => {
  it.each(["worker", "projector", "all", "ingest --serve", "ingest renders"])(
    "%s asks for KAFKA_BROKER",
    async (line) => {
      const { code, stderr } = await call(line.split(" "), { cwd: "/" })
      expect(code).toBe(2)
      expect(stderr).toMatch(/KAFKA_BROKER/)
    },
  )

  it("ingest takes a bucket or --serve, not both, not neither", async () => {
    expect((await call(["ingest"])).stderr).toMatch(/Name the bucket .* or --serve/)
    expect((await call(["ingest", "renders", "--serve"])).stderr).toMatch(/Either --serve, or a bucket/)
    expect((await call(["ingest", "renders", "--since", "yesterday"])).stderr).toMatch(/--since takes a time/)
  })

  it("settings that let nothing in are refused", async () => {
    const env = { KAFKA_BROKER: "127.0.0.1:1", OIIO_INTAKE_HTTP: "no" }
    const { code, stderr } = await call(["ingest", "--serve"], { env })
    expect(code).toBe(2)
    expect(stderr).toMatch(/Nothing would come in/)
  })

  it.each([
    [{ SCHEMA_REGISTRY_URL: "" }, /SCHEMA_REGISTRY_URL is not set/],
    [{ KAFKA_BROKER: "broker" }, /KAFKA_BROKER: "broker" is not host:port/],
    [{ KAFKA_USERNAME: "me" }, /KAFKA_USERNAME and KAFKA_PASSWORD belong together/],
    [{ KAFKA_CA: "/nowhere/ca.pem" }, /KAFKA_CA: \/nowhere\/ca.pem cannot be read/],
    [{ KAFKA_CERT: "/nowhere/cert.pem" }, /KAFKA_CERT and KAFKA_KEY belong together/],
    [{ S3_ACCESS_KEY: "key" }, /S3_ACCESS_KEY and S3_SECRET_KEY belong together/],
  ])("%o is refused before anything is asked", async (env, says) => {
    const all = {
      KAFKA_BROKER: "127.0.0.1:1",
      SCHEMA_REGISTRY_URL: "http://127.0.0.1:1",
      OIIO_HTTP_PORT: "0",
      OIIO_LOG_FORMAT: "text",
      ...env,
    }
    const { code, stderr } = await call(["worker"], { env: all })
    expect(code).toBe(2)
    expect(stderr).toMatch(says)
  })
})

describe("health", () => {
  it("/healthz and /readyz answer what the report says, and tell all of it", async () => {
    const health = openHealth({ clock: systemClock, groups: [{ group: "renderer", steps: [] }], stillMs: null })
    const metrics = openMetrics()
    const opened = unwrap(
      await openOpsServer({
        host: "127.0.0.1",
        port: 0,
        health: health.report,
        metrics: () => metrics.text([{ group: "renderer", inFlight: 3, oldestMs: 4_000 }], 10_000),
        contentType: metrics.contentType,
        tells: () => undefined,
      }),
    )
    onTestFinished(() => opened.close())
    const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${opened.port}${path}`)
    const status = async (path: string): Promise<number> => (await ask(path)).status
    const both = async (): Promise<readonly number[]> => [await status("/healthz"), await status("/readyz")]
    health.become("working", "takes work")
    expect(await both()).toEqual([200, 503])
    expect(await (await ask("/readyz")).json()).toMatchObject({ isReady: false, groups: [{ partitions: null }] })
    health.observeKafka({ kind: "joined", group: "renderer", held: [], partitions: 0 })
    expect(await both()).toEqual([200, 200])
    health.become("ended", "all work has ended")
    expect(await both()).toEqual([503, 503])
    const text = await (await fetch(`http://127.0.0.1:${opened.port}/metrics`)).text()
    expect(text).toContain('oiio_in_flight{group="renderer"} 3')
    expect(text).toContain('oiio_oldest_unacknowledged_seconds{group="renderer"} 6')
    expect(await status("/elsewhere")).toBe(404)
  })
})

describe("what is told", () => {
  it("is counted by stage and code, and an outage is said once, not for everything that waits", async () => {
    const stderr = recorded()
    const metrics = openMetrics()
    const logger = openLogger({ config: { logLevel: "info", logFormat: "json" }, stderr, secrets: [] })
    const { observe } = openServiceObserver(logger, metrics, systemClock)
    const away = failure("store/unreachable", "The store is away.")
    for (let index = 0; index < 5; index += 1)
      observe({ kind: "outage", step: "locate-source", failure: away, waitMs: 100 })
    const damaged = failure("picture/damaged", "It ends early.")
    observe({ kind: "failed", step: "detect-colorspace", failure: damaged, bucket: "b", key: "a.exr" })
    observe({ kind: "step", step: "render-outputs", ms: 1500, ok: true })
    const text = await metrics.text([], 0)
    expect(text).toContain('oiio_outage_waits_total{stage="locate-source",code="store/unreachable"} 5')
    expect(text).toContain('oiio_failures_total{stage="detect-colorspace",code="picture/damaged"} 1')
    expect(text).toContain('oiio_stage_seconds_bucket{le="2.5",stage="render-outputs",ok="true"} 1')
    const lines = stderr.text().trim().split("\n")
    expect(lines.filter((line) => line.includes("store/unreachable"))).toHaveLength(1)
    expect(lines.filter((line) => line.includes('"key":"a.exr"'))).toHaveLength(1)
  })
})

describe("a metered log", () => {
  it("knows what is out until it is acknowledged", async () => {
    const plain = openMemoryLog({ clock: { ...systemClock, nowMs: () => 7_000 } })
    const { log, inFlight } = meteredLog(plain, () => undefined)
    unwrap(await log.append([elementCreated({ key: "a.exr" }), elementCreated({ key: "b.exr" })]))
    const consumer = consume(log)
    const [first, second] = await consumer.take(2)
    expect(inFlight()).toEqual([{ group: "renderer", inFlight: 2, oldestMs: 7_000 }])
    unwrap((await first?.acknowledge()) ?? { ok: true, value: undefined })
    unwrap((await second?.acknowledge()) ?? { ok: true, value: undefined })
    expect(inFlight()).toEqual([{ group: "renderer", inFlight: 0, oldestMs: null }])
  })

  it("sees outputs that could not have the contract's name", () => {
    const { value } = proxyMade({ key: "renders/shot_010/beauty.0001.exr" })
    const named = (key: string) => ({ ...value, thumbnail: { ...value.thumbnail, key } })
    expect(hasSharedName(named("renders/shot_010/.proxies/beauty.0001_thumb.jpg"))).toBe(false)
    expect(hasSharedName(named("renders/shot_010/.proxies/beauty.0001.exr_thumb.jpg"))).toBe(true)
    const root = { ...named(".proxies/a_thumb.jpg"), element: { ...value.element, key: "a.exr" } }
    expect(hasSharedName(root)).toBe(false)
  })
})

/** Time that passes only where somebody sleeps. */
function sleepingClock(): Clock {
  let nowMs = 0
  return {
    nowMs: () => nowMs,
    steadyMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms
    },
  }
}

type Start = { readonly forSeconds: number; readonly stop?: AbortSignal }

/** A start that meets these failures one after the other, the last of them for ever; null: it succeeds. */
async function start(meets: readonly (Failure | null)[], { forSeconds, stop = new AbortController().signal }: Start) {
  const clock = sleepingClock()
  const waited: FailureCode[] = []
  let tries = 0
  const result: Result<string> = await openPatiently({
    open: async () => {
      const met = meets[Math.min(tries++, meets.length - 1)] ?? null
      return met === null ? done("open") : failed(met)
    },
    forSeconds,
    clock,
    stop,
    waits: ({ code }) => waited.push(code),
  })
  return { result, tries, waited, seconds: clock.steadyMs() / 1000 }
}

const registryAway = failure("registry/unreachable", "SCHEMA_REGISTRY_URL: nobody listens.")
const storeAway = failure("store/unreachable", "S3_ENDPOINT: nobody listens.")

describe("a start", () => {
  it("waits for servers that come late, and says once what it waits for", async () => {
    const met = [registryAway, registryAway, storeAway, registryAway, null]
    expect(await start(met, { forSeconds: 60 })).toMatchObject({
      result: done("open"),
      tries: 5,
      waited: ["registry/unreachable", "store/unreachable"],
    })
  })

  it("gives up on a server that stays away when its time is over, with what is wrong", async () => {
    const { result, seconds } = await start([registryAway], { forSeconds: 60 })
    expect({ result, seconds }).toEqual({ result: failed(registryAway), seconds: 60 })
  })

  it("tries once where it is not to wait", async () => {
    expect(await start([registryAway], { forSeconds: 0 })).toMatchObject({ tries: 1, waited: [] })
  })

  it.each([
    ["missing topics", failure("log/refused", "Run `topics create`.")],
    ["a wrong secret key, an outage later on", failure("store/denied", "check S3_SECRET_KEY", "outage")],
    ["a wrong password at Trino, an outage later on", failure("table/refused", "check VAST_DB_SECRET_KEY", "outage")],
    ["a missing tool", failure("tool/missing", "install oiiotool")],
    ["a setting that is not valid", failure("config/invalid", "S3_ENDPOINT is no address")],
  ])("ends at once for %s", async (_, wrong) => {
    expect(await start([wrong, null], { forSeconds: 60 })).toMatchObject({
      result: failed(wrong),
      tries: 1,
      waited: [],
    })
  })

  it("ends at once when it is told to stop", async () => {
    expect(await start([storeAway], { forSeconds: 60, stop: AbortSignal.abort() })).toMatchObject({ tries: 1 })
  })
})
