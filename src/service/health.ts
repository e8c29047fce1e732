import type { Observation } from "../../topology/ports.ts"
import type { Config } from "../config/index.ts"
import type { ServedGroup } from "../deployment/run-groups.ts"
import type { KafkaEvent } from "../kafka/index.ts"
import type { Clock } from "../system/clock.ts"

export type HealthOptions = {
  readonly clock: Pick<Clock, "steadyMs">
  readonly groups: readonly ServedGroup[]
  /** How long a group may have work and show no progress, milliseconds; null: for ever. */
  readonly stillMs: number | null
}

export type LifeState = "starting" | "working" | "draining" | "ended"

/** A group's position in a partition, as far as it matters here. */
export type Position = {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly committed: number
  readonly lag: number
}

/** What /healthz and /readyz answer. */
export type HealthReport = {
  /** False: start the process anew, since it stands still or has ended. */
  readonly isHealthy: boolean
  /** True: it takes work, or stands by in a group that is full, and waits for no server. */
  readonly isReady: boolean
  readonly state: LifeState
  readonly says: string
  /** Servers that are waited for, with the failure's code. */
  readonly waitsFor: readonly string[]
  readonly groups: readonly {
    readonly group: string
    /** Null: not a member at the moment. 0: the group is full, this member stands by. */
    readonly partitions: number | null
    /** Records in its partitions that are not done. */
    readonly lag: number
    /** Seconds without progress although there is work; 0 where there is none. */
    readonly stillSeconds: number
  }[]
}

/** Judges a process by what it tells of itself; it asks nobody, so that it answers at once during any outage. */
export type Health = {
  become(state: LifeState, says: string): void
  observe(observation: Observation): void
  observeKafka(event: KafkaEvent): void
  /** Positions of all groups; null when the brokers could not be asked. */
  positions(known: readonly Position[] | null): void
  report(): HealthReport
}

type Group = ServedGroup & {
  held: ReadonlySet<string> | null
  lag: number
  /** Committed offsets of what it holds, as one text: it changes when any of them moves. */
  committed: string
  progressMs: number
}

type Outage = { readonly says: string; readonly untilMs: number }

/** An outage is over when nothing has told of it for so long. */
const OUTAGE_SHOWN_MS = 30_000
const BROKERS = "brokers"

const placeOf = ({ topic, partition }: Pick<Position, "topic" | "partition">): string => `${topic}/${partition}`

export function openHealth({ clock, groups: served, stillMs }: HealthOptions): Health {
  const nowMs = (): number => clock.steadyMs()
  const groups = served.map((one): Group => ({ ...one, held: null, lag: 0, committed: "", progressMs: nowMs() }))
  const outages = new Map<string, Outage>()
  let life: { readonly state: LifeState; readonly says: string } = { state: "starting", says: "is starting" }
  const progressOf = (isMeant: (group: Group) => boolean): void => {
    for (const group of groups) if (isMeant(group)) group.progressMs = nowMs()
  }
  const away = (about: string, says: string, waitMs = 0): void => {
    outages.set(about, { says, untilMs: nowMs() + waitMs + OUTAGE_SHOWN_MS })
  }
  return {
    become: (state, says) => {
      life = { state, says }
    },
    observe: (observation) => {
      if (observation.kind === "step") {
        if (observation.ok) outages.delete(observation.step)
        progressOf(({ steps }) => steps.includes(observation.step))
      } else if (observation.kind === "outage") {
        const { step, failure, waitMs } = observation
        away(step, `${failure.code}: ${failure.says}`, waitMs)
        // Waiting for a server is no standstill, neither now nor in the moment when it is back.
        progressOf(({ steps }) => steps.includes(step))
      }
    },
    observeKafka: (event) => {
      if (event.kind === "outage") {
        away(event.group ?? BROKERS, `log/unreachable: ${event.says}`)
        progressOf(({ group }) => event.group === null || group === event.group)
      } else if (event.kind === "joined" || event.kind === "left") {
        for (const group of groups.filter((one) => one.group === event.group)) assign(group, event, nowMs())
        if (event.kind === "joined") outages.delete(event.group)
      }
    },
    positions: (known) => {
      if (known === null) {
        away(BROKERS, "log/unreachable: the positions of the groups cannot be asked for")
        return progressOf(() => true)
      }
      outages.delete(BROKERS)
      for (const group of groups) note(group, known, nowMs())
    },
    report: () => {
      for (const [about, { untilMs }] of outages) if (untilMs < nowMs()) outages.delete(about)
      return reportOf({ life, groups, outages, nowMs: nowMs(), stillMs })
    },
  }
}

function assign(group: Group, event: Extract<KafkaEvent, { kind: "joined" | "left" }>, nowMs: number): void {
  group.held = event.kind === "joined" ? new Set(event.held.map(placeOf)) : null
  group.lag = 0
  group.committed = ""
  group.progressMs = nowMs
}

function note(group: Group, known: readonly Position[], nowMs: number): void {
  const mine = known.filter((one) => one.group === group.group && group.held?.has(placeOf(one)) === true)
  const committed = mine
    .map((one) => `${placeOf(one)} ${one.committed}`)
    .toSorted()
    .join()
  const lag = mine.reduce((sum, one) => sum + one.lag, 0)
  if (lag === 0 || group.lag === 0 || committed !== group.committed) group.progressMs = nowMs
  group.lag = lag
  group.committed = committed
}

type HealthFacts = {
  readonly life: { readonly state: LifeState; readonly says: string }
  readonly groups: readonly Group[]
  readonly outages: ReadonlyMap<string, Outage>
  readonly nowMs: number
  readonly stillMs: number | null
}

function reportOf({ life, groups, outages, nowMs, stillMs }: HealthFacts): HealthReport {
  // What the brokers said last may be long past while they are away.
  const isKnown = !outages.has(BROKERS)
  const quietMs = ({ lag, progressMs }: Group): number => (lag > 0 && isKnown ? nowMs - progressMs : 0)
  const still = groups.filter((group) => stillMs !== null && quietMs(group) > stillMs)
  const outside = groups.filter(({ held }) => held === null)
  const waitsFor = [...new Set([...outages.values()].map(({ says }) => says))]
  return {
    isHealthy: life.state !== "ended" && (life.state === "draining" || still.length === 0),
    isReady: life.state === "working" && still.length === 0 && outside.length === 0 && waitsFor.length === 0,
    state: life.state,
    says: saysOf(life, { still, outside, waitsFor }),
    waitsFor,
    groups: groups.map((group) => ({
      group: group.group,
      partitions: group.held?.size ?? null,
      lag: group.lag,
      stillSeconds: Math.round(quietMs(group) / 1000),
    })),
  }
}

/** What keeps a process from being ready. */
type Hindrances = {
  readonly still: readonly Group[]
  readonly outside: readonly Group[]
  readonly waitsFor: readonly string[]
}

const named = (groups: readonly Group[]): string => groups.map(({ group }) => group).join(", ")

function saysOf({ state, says }: HealthFacts["life"], { still, outside, waitsFor }: Hindrances): string {
  if (state !== "working") return says
  if (still.length > 0) return `stands still: ${named(still)} has work, but neither an offset moves nor a step ends`
  if (waitsFor.length > 0) return "waits for a server and goes on by itself when it is back"
  return outside.length > 0 ? `has no partitions yet: ${named(outside)} is being joined` : says
}

/** Tools that one picture may take, one after the other. */
const MOST_TOOLS = 3

/** How long a group may stand still; null for ever. A render of minutes is progress while it is within its time limit. */
export const standstillMs = ({
  standstillSeconds,
  toolTimeoutSeconds,
}: Pick<Config, "standstillSeconds" | "toolTimeoutSeconds">): number | null =>
  standstillSeconds === 0 ? null : Math.max(standstillSeconds, MOST_TOOLS * toolTimeoutSeconds) * 1000
