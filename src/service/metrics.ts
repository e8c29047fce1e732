import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import type { Observation } from "../../topology/ports.ts"
import { areContractNames, namesOfOutput } from "../element/output-places.ts"
import { THUMBNAIL } from "../element/profiles.ts"
import type { ProxyMade } from "../events/records.generated.ts"
import { done, type Result } from "../events/result.ts"
import type { IntakeObservation } from "../ingest/index.ts"
import type { KafkaEvent } from "../kafka/index.ts"
import type { DeliveredPage, Delivery, EventLog, Lag, StoredRecord } from "../log/index.ts"

/** Deliveries of one group that are out and not acknowledged. */
export type GroupInFlight = {
  readonly group: string
  readonly inFlight: number
  /** When the log took in the oldest of them, epoch milliseconds; null when there is none. */
  readonly oldestMs: number | null
}

/** What a service counts, and the text that Prometheus reads. */
export type Metrics = {
  /** Must not throw, as all the others. */
  readonly observe: (observation: Observation) => void
  readonly observeIntake: (observation: IntakeObservation) => void
  readonly observeKafka: (event: KafkaEvent) => void
  readonly setLag: (lags: readonly Lag[]) => void
  /** A proxy's row names an output that is not called after the stem alone: another source has that name. */
  readonly sharedName: () => void
  readonly text: (groups: readonly GroupInFlight[], nowMs: number) => Promise<string>
  readonly contentType: string
}

/** From a header read to the time limit of a tool. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

/** Metrics of one process, in a registry of their own. */
export function openMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const work = workMetrics(registry)
  const intake = intakeMetrics(registry)
  const kafka = counter(registry, "oiio_log_events_total", "Outages, joins and lost partitions of the log.", [
    "group",
    "event",
  ])
  const lag = gauge(registry, "oiio_lag", "Records of a partition that a group has not acknowledged.", [
    "group",
    "topic",
    "partition",
  ])
  const inFlight = gauge(registry, "oiio_in_flight", "Records taken from the log and not acknowledged.", ["group"])
  const oldest = gauge(
    registry,
    "oiio_oldest_unacknowledged_seconds",
    "Age of the oldest record in flight, from the time when the log took it in.",
    ["group"],
  )
  return {
    ...work,
    observeIntake: intake,
    observeKafka: (event) => kafka.inc({ group: ("group" in event ? event.group : null) ?? "", event: event.kind }),
    setLag: (lags) => {
      lag.reset()
      for (const one of lags) {
        lag.set({ group: one.group, topic: one.topic, partition: String(one.partition) }, one.lag)
      }
    },
    text: (groups, nowMs) => {
      for (const one of groups) {
        inFlight.set({ group: one.group }, one.inFlight)
        oldest.set({ group: one.group }, one.oldestMs === null ? 0 : Math.max(0, nowMs - one.oldestMs) / 1000)
      }
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}

const counter = (register: Registry, name: string, help: string, labelNames: readonly string[]): Counter =>
  new Counter({ name, help, labelNames: [...labelNames], registers: [register] })

const gauge = (register: Registry, name: string, help: string, labelNames: readonly string[]): Gauge =>
  new Gauge({ name, help, labelNames: [...labelNames], registers: [register] })

function workMetrics(registry: Registry): Pick<Metrics, "observe" | "sharedName"> {
  const stages = new Histogram({
    name: "oiio_stage_seconds",
    help: "Time that a stage took for one element, waiting and further tries included.",
    labelNames: ["stage", "ok"],
    buckets: SECONDS,
    registers: [registry],
  })
  const elements = counter(registry, "oiio_elements_total", "Elements that began or ended their way.", [
    "topology",
    "event",
  ])
  const made = counter(registry, "oiio_outputs_total", "Pairs of outputs, made now or found current.", ["reused"])
  const retries = counter(registry, "oiio_retries_total", "Further tries of a stage.", ["stage", "code"])
  const outages = counter(registry, "oiio_outage_waits_total", "Waits for a server that is away.", ["stage", "code"])
  const failures = counter(registry, "oiio_failures_total", "Elements that failed.", ["stage", "code"])
  const letters = counter(registry, "oiio_dead_letters_total", "Records that nobody can read.", ["topic"])
  const jobless = counter(
    registry,
    "oiio_completions_without_job_total",
    "Outputs and failures of which SpaceHarbor is told no completion, because neither trigger nor object names a job.",
    ["success"],
  )
  const shared = counter(registry, "oiio_shared_names_total", "Outputs named after the full file name.", [])
  return {
    sharedName: () => shared.inc(),
    observe: (observation) => {
      if (observation.kind === "step") {
        stages.observe({ stage: observation.step, ok: String(observation.ok) }, observation.ms / 1000)
      } else if (observation.kind === "made") made.inc({ reused: String(observation.reused) })
      else if (observation.kind === "no-job") jobless.inc({ success: String(observation.success) })
      else if (observation.kind === "dead-letter") letters.inc({ topic: observation.topic })
      else if ("failure" in observation) {
        const by = { retry: retries, outage: outages, failed: failures }[observation.kind]
        by.inc({ stage: observation.step, code: observation.failure.code })
      } else if ("topology" in observation) elements.inc({ topology: observation.topology, event: observation.kind })
    },
  }
}

function intakeMetrics(registry: Registry): Metrics["observeIntake"] {
  const arrivals = counter(registry, "oiio_arrivals_total", "New objects that messages or listings told of.", ["from"])
  const removals = counter(registry, "oiio_removals_reported_total", "Removals that messages or listings told of.", [
    "from",
  ])
  const distrusted = counter(
    registry,
    "oiio_intake_distrusted_total",
    "Ids and wishes for a new render that an intake left out, because no setting trusts it with them.",
    ["from", "what"],
  )
  const refused = counter(registry, "oiio_intake_refused_total", "Requests of senders that were refused.", [
    "from",
    "reason",
  ])
  const skipped = counter(
    registry,
    "oiio_arrivals_skipped_total",
    "Records of messages that are neither arrivals nor removals.",
    ["from", "reason"],
  )
  const hints = counter(
    registry,
    "oiio_intake_hints_total",
    "What says of sequences that they are complete, or of which frames they are.",
    ["from"],
  )
  const letters = counter(registry, "oiio_intake_dead_letters_total", "Messages that nobody can read.", ["from"])
  const waiting = gauge(registry, "oiio_intake_lag", "Messages of an intake topic that are not taken in.", [
    "topic",
    "partition",
  ])
  return (observation) => {
    if (observation.kind === "arrived") arrivals.inc({ from: observation.from }, observation.arrivals)
    else if (observation.kind === "removals") removals.inc({ from: observation.from }, observation.removals)
    else if (observation.kind === "hints") hints.inc({ from: observation.from }, observation.hints)
    else if (observation.kind === "skipped") skipped.inc({ from: observation.from, reason: observation.reason })
    else if (observation.kind === "distrusted") distrusted.inc({ from: observation.from, what: observation.what })
    else if (observation.kind === "refused") refused.inc({ from: observation.from, reason: observation.reason })
    else if (observation.kind === "dead-letter") letters.inc({ from: observation.topic })
    else if (observation.kind === "waiting") {
      const { topic, partition, messages } = observation
      waiting.set({ topic, partition: String(partition) }, messages)
    }
  }
}

export type MeteredLog = {
  readonly log: EventLog
  readonly inFlight: () => readonly GroupInFlight[]
}

type OpenDelivery = { readonly timestampMs: number; readonly lost: AbortSignal; readonly records: number }

/** A log that knows what it has delivered and not got back. */
export function meteredLog(log: EventLog, onMade: (made: ProxyMade) => void): MeteredLog {
  const groups = new Map<string, Set<OpenDelivery>>()
  const openOf = (group: string): Set<OpenDelivery> => {
    const all = groups.get(group) ?? new Set<OpenDelivery>()
    groups.set(group, all)
    return all
  }
  return {
    log: {
      ...log,
      async *deliver(subscription): AsyncGenerator<Result<Delivery>> {
        const all = openOf(subscription.group)
        for await (const delivery of log.deliver(subscription)) {
          if (delivery.ok) hearOfMade(delivery.value, onMade)
          yield delivery.ok ? done(metered(delivery.value, [delivery.value], all)) : delivery
        }
      },
      async *deliverPages(subscription): AsyncGenerator<Result<DeliveredPage>> {
        const all = openOf(subscription.group)
        for await (const page of log.deliverPages(subscription))
          yield page.ok ? done(metered(page.value, page.value.records, all)) : page
      },
    },
    inFlight: () => [...groups].map(([group, all]) => inFlightOf(group, all)),
  }
}

function hearOfMade({ content }: Delivery, onMade: (made: ProxyMade) => void): void {
  if ("fact" in content && content.fact.topic === "proxy-made") onMade(content.fact.value)
}

/** What is given out is open until it is acknowledged. */
function metered<Given extends Pick<Delivery, "lost" | "acknowledge">>(
  given: Given,
  records: readonly StoredRecord[],
  all: Set<OpenDelivery>,
): Given {
  const timestampMs = Math.min(...records.map((record) => record.timestampMs))
  const out: OpenDelivery = { timestampMs, lost: given.lost, records: records.length }
  all.add(out)
  return {
    ...given,
    acknowledge: async (facts) => {
      const acknowledged = await given.acknowledge(facts)
      if (acknowledged.ok) all.delete(out)
      return acknowledged
    },
  }
}

/** What went with a lost partition is another process's now. */
function inFlightOf(group: string, all: Set<OpenDelivery>): GroupInFlight {
  for (const out of all) if (out.lost.aborted) all.delete(out)
  let oldestMs: number | null = null
  let inFlight = 0
  for (const { timestampMs, records } of all) {
    oldestMs = Math.min(oldestMs ?? timestampMs, timestampMs)
    inFlight += records
  }
  return { group, inFlight, oldestMs }
}

/** Whether the outputs carry the full file name, because a sibling holds the name that the contract gives. */
export function hasSharedName({ element, thumbnail }: Pick<ProxyMade, "element" | "thumbnail">): boolean {
  const names = namesOfOutput({ bucket: thumbnail.bucket ?? element.bucket, key: thumbnail.key }, THUMBNAIL)
  return names === null || !areContractNames(names, element.key)
}
