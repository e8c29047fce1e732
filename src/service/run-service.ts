import { secretsOf } from "../config/explain.ts"
import type { Environment } from "../config/index.ts"
import type { Platform } from "../deployment/deployment-target.ts"
import { open } from "../deployment/index.ts"
import { openIntakePositions, openIntakes } from "../deployment/intakes.ts"
import { isServerAway } from "../deployment/platform.ts"
import type { OpenedRoles, Role } from "../deployment/roles.ts"
import {
  allOrNone,
  atMostAWhile,
  type Running,
  runProjectors,
  runSequencer,
  runWorker,
  servedGroups,
} from "../deployment/run-groups.ts"
import { done, type Failure, failed, type Result } from "../events/result.ts"
import type { EventLog } from "../log/index.ts"
import { type Backoff, backoffMs, type Clock } from "../system/clock.ts"
import type { Interrupts } from "../system/interrupts.ts"
import { type Health, openHealth, standstillMs } from "./health.ts"
import { type Logger, type LogStream, openLogger } from "./logger.ts"
import { hasSharedName, type MeteredLog, type Metrics, meteredLog, openMetrics } from "./metrics.ts"
import { type OpsServer, openOpsServer } from "./ops-server.ts"
import { runIngest } from "./run-ingest.ts"
import { alsoHeardBy, openServiceObserver, type ServiceObserver } from "./service-observer.ts"

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
  /** stderr takes the log of the process. */
  readonly io: { readonly stdout: NodeJS.WritableStream; readonly stderr: LogStream }
}

/** The process while it lives. */
type Process = Omit<ServiceOrder, "name"> & {
  readonly surroundings: ServiceSurroundings
  readonly logger: Logger
  readonly metrics: Metrics
  readonly observer: ServiceObserver
  readonly health: Health
  /** Told once what the log has delivered can be asked for. */
  readonly meters: (inFlight: MeteredLog["inFlight"]) => void
}

/**
 * Runs roles until the process is told to stop: opens what they need, answers /healthz, /readyz and /metrics, finishes what
 * is begun when it ends. Resolves with null when it ended on request, else with what kept it from beginning or going on, which
 * its log tells.
 */
export async function runService(
  { name, roles, platform }: ServiceOrder,
  surroundings: ServiceSurroundings,
): Promise<Failure | null> {
  const { config, settings } = platform
  const logger = openLogger({ config, stderr: surroundings.io.stderr, secrets: secretsOf(settings) })
  const metrics = openMetrics()
  const health = openHealth({
    clock: surroundings.clock,
    groups: servedGroups(roles, config),
    stillMs: standstillMs(config),
  })
  let inFlight: MeteredLog["inFlight"] = () => []
  const ops = await openOpsServer({
    host: config.httpHost,
    port: config.httpPort,
    health: health.report,
    metrics: () => metrics.text(inFlight(), surroundings.clock.nowMs()),
    contentType: metrics.contentType,
    tells: (says, fields) => logger.error(fields, says),
  })
  if (!ops.ok) return refused(logger, ops.failure)
  logger.info({ port: ops.value.port, roles }, `${name} starts`)
  const living = live(ops.value, {
    surroundings,
    platform,
    roles,
    logger,
    metrics,
    observer: alsoHeardBy(health, openServiceObserver(logger, metrics, surroundings.clock)),
    health,
    meters: (opened) => {
      inFlight = opened
    },
  })
  return Promise.race([living, ops.value.broken])
}

function refused(logger: Logger, failure: Failure): Failure {
  logger.error({ code: failure.code }, failure.says)
  return failure
}

async function live(ops: OpsServer, process: Process): Promise<Failure | null> {
  const { surroundings, logger, health } = process
  try {
    const opened = await openRoles(process)
    if (!opened.ok) return surroundings.interrupts.drain.aborted ? null : refused(logger, opened.failure)
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
async function openRoles({
  surroundings,
  platform,
  roles,
  observer,
  logger,
  health,
}: Process): Promise<Result<OpenedRoles>> {
  const forSeconds = platform.config.startRetrySeconds
  const opened = await openPatiently({
    open: () => open({ kind: "platform", platform }, roles, { ...surroundings, observeKafka: observer.observeKafka }),
    forSeconds,
    clock: surroundings.clock,
    stop: surroundings.interrupts.drain,
    waits: ({ code, says }) => {
      logger.warn({ code, says }, `the start waits up to ${forSeconds} s for a server`)
      health.become("starting", `waits for a server: ${says}`)
    },
  })
  return opened.ok ? whole(opened.value) : opened
}

/** A worker without its tools would turn the backlog into failures. */
async function whole(service: OpenedRoles): Promise<Result<OpenedRoles>> {
  const [missing] = (await service.worker?.ports.picture.missing()) ?? []
  if (missing === undefined) return done(service)
  await service.close()
  return failed(missing)
}

async function work(process: Process, service: OpenedRoles): Promise<Failure | null> {
  const { surroundings, logger, health } = process
  const { drain, abort } = surroundings.interrupts
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
  const watching = watchPositions(process, service.log, stop)
  return allOrNone([...running.value, watching], enough, surroundings)
}

/** Leaves the groups and moves their offsets, so that others need not wait or do the same work; then ends with the bug. */
async function closedAfter(bug: unknown, { surroundings }: Process, service: OpenedRoles): Promise<never> {
  await atMostAWhile(surroundings, Promise.allSettled([service.close()]))
  throw bug
}

type Stopping = { readonly stop: AbortSignal; readonly abort: AbortSignal }

async function start(process: Process, opened: OpenedRoles, stopping: Stopping): Promise<Result<readonly Running[]>> {
  const { observer, logger, metrics } = process
  const { config } = process.platform
  const running: Running[] = []
  if (opened.ingest !== null) {
    const input = { config, ports: opened.ingest.ports, observer, logger, stopping }
    const intakes = await openIntakes(input)
    if (!intakes.ok) return intakes
    if (intakes.value.http !== null) logger.info({ port: intakes.value.http.port }, "arrivals are taken over HTTP")
    running.push(...runIngest(input, intakes.value))
  }
  const { log, inFlight } = meteredLog(opened.log, (made) => {
    if (hasSharedName(made)) metrics.sharedName()
  })
  process.meters(inFlight)
  const run = { ...stopping, observe: observer.observe }
  const { worker, projector } = opened
  const working = worker === null ? null : { ...worker, ports: { ...worker.ports, log } }
  if (working !== null) running.push(...runWorker(working, run), ...runSequencer(working, run))
  if (projector !== null) running.push(...runProjectors({ ...projector, ports: { ...projector.ports, log } }, run))
  return done(running)
}

const POSITIONS_EVERY_MS = 15_000

/** Asks again and again how far the groups are, for metrics and health, until `stop`. */
async function watchPositions(
  { surroundings: { clock }, platform: { config }, roles, metrics, health, logger }: Process,
  log: Pick<EventLog, "lag">,
  stop: AbortSignal,
): Promise<null> {
  const intake = roles.includes("ingest") ? openIntakePositions(config, clock) : null
  while (!stop.aborted) {
    const [lag, taken] = await Promise.all([log.lag(), intake?.positions() ?? done([])])
    if (lag.ok) metrics.setLag(lag.value)
    const failure = [lag, taken].find((one) => !one.ok)
    if (failure?.ok === false) logger.debug({ says: failure.failure.says }, "the lag cannot be asked for")
    health.positions(lag.ok && taken.ok ? [...lag.value, ...taken.value] : null)
    await clock.sleep(POSITIONS_EVERY_MS, stop)
  }
  await intake?.close()
  return null
}

type Start<T> = {
  readonly open: () => Promise<Result<T>>
  /** How long a server may stay away, seconds; 0 gives up at once. */
  readonly forSeconds: number
  readonly clock: Clock
  readonly stop: AbortSignal
  /** Told once for each different thing that is waited for. */
  readonly waits: (failure: Failure) => void
}

const BACKOFF: Backoff = { firstMs: 1_000, mostMs: 15_000 }

/** Opens, and tries again while a server is away; whatever else is wrong ends the start at once. */
export async function openPatiently<T>({ open, forSeconds, clock, stop, waits }: Start<T>): Promise<Result<T>> {
  const untilMs = clock.steadyMs() + forSeconds * 1000
  const told = new Set<string>()
  for (let tries = 1; ; tries++) {
    const opened = await open()
    const leftMs = untilMs - clock.steadyMs()
    if (opened.ok || !isServerAway(opened.failure) || leftMs <= 0 || stop.aborted) return opened
    const { failure } = opened
    if (!told.has(failure.code)) waits(failure)
    told.add(failure.code)
    await clock.sleep(Math.min(backoffMs(tries, BACKOFF), leftMs), stop)
  }
}
