import type { FlowPorts, InspectorPorts, Policy, ProjectorPorts, RendererPorts } from "../../topology/ports.ts"
import type { Environment } from "../config/index.ts"
import { mirroredBelow, type OutputsFor } from "../element/output-places.ts"
import { done, type Result } from "../events/result.ts"
import { type KnownOutputsFromLog, knownOutputsFromLog } from "../known-outputs/from-log.ts"
import { openMemoryKnownOutputs } from "../known-outputs/memory.ts"
import type { EventLog } from "../log/index.ts"
import type { PictureEngine, Scratch } from "../picture/index.ts"
import { openHeaderInspector } from "../picture/inspect/inspector.ts"
import { type HeldLooks, openHeldLooks } from "../picture/looks/look.ts"
import { hasSharedName, type MeteredLog, meteredLog } from "../service/metered-log.ts"
import type { Metrics } from "../service/metrics.ts"
import { isServerAway } from "../service/patient-start.ts"
import type { ServiceObserver } from "../service/service-observer.ts"
import type { ObjectStore } from "../store/index.ts"
import type { Clock } from "../system/clock.ts"
import type { Table } from "../table/index.ts"
import type { Platform } from "./deployment-target.ts"
import { headerLimitsOf, looksBesideOf, openPicture, policyOf, random, settingsOf, temporaryFiles } from "./machine.ts"
import { platformOutputs } from "./outputs-elsewhere.ts"
import {
  type Opening,
  openPlatformLog,
  openPlatformNotifications,
  openPlatformStore,
  openPlatformTable,
} from "./platform.ts"

/** What a process may be: any of these, side by side. */
export type Role = "worker" | "projector" | "ingest"

export type WorkerService = {
  readonly ports: RendererPorts & InspectorPorts
  /** How much of a backfill is under way at once; null to leave it to other workers. */
  readonly backfill: Policy | null
  /** Goes on beside the groups, so that outputs of other workers are known, too. */
  readonly followOutputs: KnownOutputsFromLog["follow"]
}

export type ProjectorService = { readonly ports: ProjectorPorts }

export type IngestService = {
  readonly outputsFor: OutputsFor
  readonly flow: FlowPorts
  readonly store: ObjectStore
  readonly table: Table
  readonly picture: PictureEngine
} & Pick<RendererPorts, "settingsFor" | "looksBeside">

/** Everything that the roles of one process need, opened. */
export type Service = {
  readonly log: EventLog
  readonly underway: MeteredLog["underway"]
  readonly worker: WorkerService | null
  readonly projector: ProjectorService | null
  readonly ingest: IngestService | null
  readonly close: () => Promise<void>
}

export type ServiceInput = {
  readonly platform: Platform
  readonly call: { readonly clock: Clock; readonly env: Environment }
  readonly roles: readonly Role[]
  readonly observer: ServiceObserver
  readonly metrics: Pick<Metrics, "sharedName">
}

type Closing = { close(): Promise<void> }

/** Opens what the roles need and nothing else, all at once; what was opened is closed when one of them fails. */
export async function openService(input: ServiceInput): Promise<Result<Service>> {
  const { platform, call, roles, observer } = input
  const { config } = platform
  const opening: Opening = { config, clock: call.clock, observe: observer.observeKafka }
  const has = (...wanted: readonly Role[]): boolean => wanted.some((role) => roles.includes(role))
  const unwanted = Promise.resolve(done(null))
  const [scratch, heldLooks] = [temporaryFiles(config), openHeldLooks()]
  const parts = await Promise.all([
    openPlatformLog(opening),
    has("worker", "ingest") ? openPlatformStore(opening) : unwanted,
    has("projector", "ingest") ? openPlatformTable(opening, has("projector")) : unwanted,
    has("projector") ? openPlatformNotifications(opening) : unwanted,
    has("worker", "ingest") ? openPicture({ config }, call, { scratch, heldLooks }) : unwanted,
  ])
  const opened: readonly Closing[] = parts.flatMap((part) =>
    part.ok && part.value !== null && "close" in part.value ? [part.value] : [],
  )
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((part) => part.close()))
  }
  const [log, store, table, notifications, picture] = parts
  if (!log.ok || !store.ok || !table.ok || !notifications.ok || !picture.ok) {
    await close()
    return worstOf(parts)
  }
  return done({
    ...(await assembled(input, {
      log: log.value,
      store: store.value,
      table: table.value,
      notifications: notifications.value,
      picture: picture.value,
      scratch,
      heldLooks,
    })),
    close,
  })
}

/** What is wrong with a setting comes before what may pass by itself. */
function worstOf(parts: readonly Result<unknown>[]): Result<never> {
  const failures = parts.flatMap((part) => (part.ok ? [] : [part]))
  const worst = failures.find(({ failure }) => !isServerAway(failure)) ?? failures[0]
  if (worst === undefined) throw new Error("service: nothing failed")
  return worst
}

type Parts = {
  readonly log: EventLog
  readonly store: ObjectStore | null
  readonly table: Table | null
  readonly notifications: ProjectorPorts["notifications"] | null
  readonly picture: PictureEngine | null
  readonly scratch: () => Promise<Scratch>
  readonly heldLooks: HeldLooks
}

async function assembled(
  { platform: { config }, call: { clock }, roles, observer, metrics }: ServiceInput,
  { log: plain, store, table, notifications, picture, scratch, heldLooks }: Parts,
): Promise<Omit<Service, "close">> {
  const { log, underway } = meteredLog(plain, (made) => {
    if (hasSharedName(made)) metrics.sharedName()
  })
  const policy = policyOf(config)
  const flow: FlowPorts = {
    log,
    clock,
    random,
    policy,
    observe: observer.observe,
  }
  const settings: Pick<RendererPorts, "settingsFor" | "looksBeside"> = {
    settingsFor: settingsOf(config),
    ...(store === null ? {} : await looksBesideOf(config, { store, clock, heldLooks })),
  }
  const knownOutputs = knownOutputsFromLog({
    log: plain,
    clock,
    known: openMemoryKnownOutputs(),
    waits: (failure, waitMs) => observer.observe({ kind: "outage", step: "known-outputs", failure, waitMs }),
  })
  // A wrong setting has ended the opening of the store; without one nothing is put anywhere.
  const outputs = platformOutputs(config)
  const outputsFor = mirroredBelow(outputs.ok ? outputs.value : null)
  const isWorker = roles.includes("worker") && store !== null && picture !== null
  const headers = openHeaderInspector(headerLimitsOf(config))
  return {
    log,
    underway,
    worker: isWorker
      ? {
          ports: {
            ...flow,
            store,
            picture,
            headers,
            scratch: await scratch(),
            ...settings,
            outputsFor,
            knownOutputs: knownOutputs.known,
          },
          backfill: backfillPolicy(policy, config.backfillRendersInFlight),
          followOutputs: knownOutputs.follow,
        }
      : null,
    projector:
      table === null || notifications === null
        ? null
        : { ports: { ...flow, ...timed({ table, notifications }, flow) } },
    ingest:
      roles.includes("ingest") && store !== null && table !== null && picture !== null
        ? { flow, store, table, picture, outputsFor, ...settings }
        : null,
  }
}

type Told = Pick<ProjectorPorts, "table" | "notifications">

/** The projector's stages: a batch each. */
function timed({ table, notifications }: Told, { clock, observe }: Pick<FlowPorts, "clock" | "observe">): Told {
  const stage = async <T>(step: string, work: () => Promise<Result<T>>): Promise<Result<T>> => {
    const begunMs = clock.steadyMs()
    const result = await work()
    observe({ kind: "step", step, ms: clock.steadyMs() - begunMs, ok: result.ok })
    return result
  }
  return {
    table: { ...table, merge: (rows) => stage("merge-rows", () => table.merge(rows)) },
    notifications: { ...notifications, tell: (outcomes) => stage("notify", () => notifications.tell(outcomes)) },
  }
}

/** Places of its own, few of them: today's frames never wait for one, and the machine is hardly busier. */
const backfillPolicy = (policy: Policy, rendersInFlight: number): Policy | null =>
  rendersInFlight === 0
    ? null
    : {
        ...policy,
        rendersInFlight,
        sourcesHeld: 2 * rendersInFlight,
        credits: Math.max(8, 4 * rendersInFlight),
      }
