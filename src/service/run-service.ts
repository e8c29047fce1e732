import { secretsOf } from "../config/explain.ts"
import type { Environment } from "../config/index.ts"
import type { Platform } from "../deployment/deployment-target.ts"
import { openService, type Role, type Service } from "../deployment/open-service.ts"
import type { Failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"
import type { Clock } from "../system/clock.ts"
import type { Interrupts } from "../system/interrupts.ts"
import { allOrNone, atMostAWhile } from "./all-or-none.ts"
import { type Health, openHealth } from "./health.ts"
import { type Logger, type LogStream, openLogger } from "./logger.ts"
import { type Metrics, openMetrics } from "./metrics.ts"
import { type OpsServer, openOpsServer } from "./ops-server.ts"
import { openPatiently } from "./patient-start.ts"
import { type Running, runProjectors, runWorker } from "./roles.ts"
import { openIntakes, runIngest } from "./run-ingest.ts"
import { servedGroups, standstillMs } from "./served-groups.ts"
import { alsoHeardBy, openServiceObserver, type ServiceObserver } from "./service-observer.ts"
import { watchPositions } from "./watch-positions.ts"

/** What a process of the stream deployment is to be. */
export type ServiceOrder = {
  /** For its log. */
  readonly name: string
  readonly roles: readonly Role[]
  readonly platform: Platform
}

/** What it may know of the outside. */
export type ServiceSurroundings = {
  readonly env: Environment
  readonly clock: Clock
  readonly interrupts: Interrupts
  /** Takes the log of the process. */
  readonly io: { readonly stderr: LogStream }
}

/** The process while it lives. */
type Process = Omit<ServiceOrder, "name"> & {
  readonly call: ServiceSurroundings
  readonly logger: Logger
  readonly metrics: Metrics
  readonly observer: ServiceObserver
  readonly health: Health
  readonly serves: (service: Service) => void
}

/**
 * Runs roles until the process is told to stop: opens what they need, answers /healthz, /readyz and /metrics, finishes what
 * is begun when it ends. Resolves with null when it ended on request, else with what kept it from beginning or going on, which
 * its log tells.
 */
export async function runService(
  { name, roles, platform }: ServiceOrder,
  call: ServiceSurroundings,
): Promise<Failure | null> {
  const { config, settings } = platform
  const logger = openLogger({ config, stderr: call.io.stderr, secrets: secretsOf(settings) })
  const metrics = openMetrics()
  const health = openHealth({
    clock: call.clock,
    groups: servedGroups(roles, config),
    stillMs: standstillMs(config),
  })
  let service: Service | null = null
  const ops = await openOpsServer({
    host: config.httpHost,
    port: config.httpPort,
    health: health.report,
    metrics: () => metrics.text(service?.underway() ?? [], call.clock.nowMs()),
    contentType: metrics.contentType,
    tells: (says, fields) => logger.error(fields, says),
  })
  if (!ops.ok) return refused(logger, ops.failure)
  logger.info({ port: ops.value.port, roles }, `${name} starts`)
  const living = live(ops.value, {
    call,
    platform,
    roles,
    logger,
    metrics,
    observer: alsoHeardBy(health, openServiceObserver(logger, metrics, call.clock)),
    health,
    serves: (opened) => {
      service = opened
    },
  })
  return Promise.race([living, ops.value.broken])
}

function refused(logger: Logger, failure: Failure): Failure {
  logger.error({ code: failure.code }, failure.says)
  return failure
}

async function live(ops: OpsServer, process: Process): Promise<Failure | null> {
  const { call, logger, health } = process
  try {
    const opened = await open(process)
    if (!opened.ok) return call.interrupts.drain.aborted ? null : refused(logger, opened.failure)
    process.serves(opened.value)
    const ended = await work(process, opened.value).catch((bug: unknown) => closedAfter(bug, process, opened.value))
    health.become("ended", "all work has ended")
    await opened.value.close()
    if (ended !== null) return refused(logger, ended)
    logger.info("ended")
    return null
  } finally {
    await ops.close()
  }
}

/** What is waited for is said once in the log, and by /healthz as long as it lasts. */
async function open({ call, platform, roles, observer, metrics, logger, health }: Process): Promise<Result<Service>> {
  const forSeconds = platform.config.startRetrySeconds
  const opened = await openPatiently({
    open: () => openService({ platform, call, roles, observer, metrics }),
    forSeconds,
    clock: call.clock,
    stop: call.interrupts.drain,
    waits: ({ code, says }) => {
      logger.warn({ code, says }, `the start waits up to ${forSeconds} s for a server`)
      health.become("starting", `waits for a server: ${says}`)
    },
  })
  return opened.ok ? whole(opened.value) : opened
}

/** A worker without its tools would turn the backlog into failures. */
async function whole(service: Service): Promise<Result<Service>> {
  const [missing] = (await service.worker?.ports.picture.missing()) ?? []
  if (missing === undefined) return done(service)
  await service.close()
  return failed(missing)
}

async function work(process: Process, service: Service): Promise<Failure | null> {
  const { call, logger, health } = process
  const { drain, abort } = call.interrupts
  const enough = new AbortController()
  const stop = AbortSignal.any([drain, enough.signal])
  const running = await start(process, service, { stop, abort })
  if (!running.ok) return running.failure
  health.become("working", "takes work")
  logger.info("ready")
  const draining = (): void => {
    health.become("draining", "finishes what is begun")
    logger.info("stops: what is begun is finished")
  }
  stop.addEventListener("abort", draining, { once: true })
  const watching = watchPositions({ ...process, config: process.platform.config, clock: call.clock }, service.log, stop)
  return allOrNone([...running.value, watching.then(() => null)], enough, call)
}

/** Leaves the groups and moves their offsets, so that others need not wait or do the same work; then ends with the bug. */
async function closedAfter(bug: unknown, { call }: Process, service: Service): Promise<never> {
  await atMostAWhile(call, Promise.allSettled([service.close()]))
  throw bug
}

type Stopping = { readonly stop: AbortSignal; readonly abort: AbortSignal }

async function start(process: Process, service: Service, stopping: Stopping): Promise<Result<readonly Running[]>> {
  const { observer, logger } = process
  const { config } = process.platform
  const running: Running[] = []
  if (service.ingest !== null) {
    const input = { config, service: service.ingest, observer, logger, stopping }
    const intakes = await openIntakes(input)
    if (!intakes.ok) return intakes
    if (intakes.value.http !== null) logger.info({ port: intakes.value.http.port }, "arrivals are taken over HTTP")
    running.push(...runIngest(input, intakes.value))
  }
  if (service.worker !== null) running.push(...runWorker(service.worker, stopping))
  if (service.projector !== null) running.push(...runProjectors(service.projector, stopping))
  return done(running)
}
