import { setImmediate as nextTurn } from "node:timers/promises"
import { Type } from "typebox"
import type { DescribedStage, TopologyGraph } from "../../../topology/describe.ts"
import { done, type Failure, type Result } from "../../events/result.ts"
import type { ElementRow } from "../../table/rows.ts"
import { type GroupProgress, progressOver, seenByBrokers, seenInLog, sharedAnswer } from "../live/group-progress.ts"
import type { WorkCounts } from "../live/work-counts.ts"
import type { Opened } from "../ports.ts"
import { REFUSALS } from "../refusal.ts"
import { API, type RouteGroup } from "../serving.ts"

const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])

const Group = Type.Object({
  group: Type.String({ description: "Consumer group." }),
  members: maybe(Type.Integer({ description: "Processes in it, where the brokers tell." })),
  has_begun: Type.Boolean({ description: "Whether it ever acknowledged anything." }),
  lag: Type.Integer({ description: "Records that it has not acknowledged." }),
  per_second: maybe(
    Type.Number({ description: "Records a second in the last minute; null while it was looked at for less than 5 s." }),
  ),
  topics: Type.Array(Type.Object({ topic: Type.String(), lag: Type.Integer(), end: Type.Integer() })),
})

const Missing = Type.Array(Type.Object({ part: Type.String(), code: Type.String(), says: Type.String() }), {
  description: "Parts that could not be had now, and why.",
})

const Status = Type.Object({
  version: Type.String(),
  now_ms: Type.Integer(),
  since_ms: Type.Integer({ description: "Since when this process runs." }),
  states: maybe(
    Type.Record(Type.String(), Type.Integer(), {
      description: "Frames by their state: queued, done, failed, dismissed, removed.",
    }),
  ),
  groups: maybe(Type.Array(Group)),
  missing: Missing,
})

const Stage = Type.Object({}, { additionalProperties: true })

const Topology = Type.Object({
  groups: Type.Array(
    Type.Object({
      name: Type.String(),
      group: maybe(Type.String()),
      consumes: Type.Array(Type.String()),
      beside: Type.Array(Type.String({ description: "Read besides, without an offset of its own." })),
      fails_to: maybe(Type.String()),
      stages: Type.Array(Stage, {
        description:
          "Steps `{name, says, appends, writes, counts}` and forks `{on, branches: {word: stages}}`, in order.",
      }),
      progress: maybe(Group),
      work: maybe(
        Type.Object(
          { in_flight: Type.Integer(), finished: Type.Integer(), set_aside: Type.Integer() },
          { description: "In this process, where it is the one that works." },
        ),
      ),
    }),
  ),
  counted_since_ms: maybe(
    Type.Integer({ description: "Since when steps are counted; null where others do the work." }),
  ),
  missing: Missing,
})

type MissingPart = { part: string; code: string; says: string }

/** What goes on: how many frames are in which state, how far each group is, and what each step does. */
export const status: RouteGroup = (app, { ports, version }) => {
  let sources: Sources | null = null
  const known = (): Sources => {
    sources ??= sourcesOf(ports.opened())
    return sources
  }
  const told = <T>(part: string, result: Result<T>, missing: MissingPart[]): T | null => {
    if (result.ok) return result.value
    ports.note(result.failure)
    missing.push(missingPart(part, result.failure))
    return null
  }
  const statusSchema = { tags: ["operations"], summary: "What is done, queued and failed, and how far each group is" }
  app.get(`${API}/status`, { schema: { ...statusSchema, response: { 200: Status, ...REFUSALS } } }, async () => {
    const missing: MissingPart[] = []
    const nowMs = ports.opened().clock.nowMs()
    const [states, groups] = await Promise.all([known().states(), known().groups()])
    return {
      ...{ version, now_ms: nowMs, since_ms: Math.round(nowMs - process.uptime() * 1000) },
      states: told("table", states, missing),
      groups: told("positions", groups, missing)?.map(groupJson) ?? null,
      missing,
    }
  })
  const topologySchema = { tags: ["operations"], summary: "Every group and its steps, with counts" }
  app.get(`${API}/topology`, { schema: { ...topologySchema, response: { 200: Topology, ...REFUSALS } } }, async () => {
    const missing: MissingPart[] = []
    const groups = told("positions", await known().groups(), missing) ?? []
    const { TOPOLOGIES } = await import("../../../topology/graph.ts")
    const work = ports.opened().work ?? null
    return {
      groups: TOPOLOGIES.map((graph) => graphJson(graph, groups, work)),
      counted_since_ms: work?.sinceMs ?? null,
      missing,
    }
  })
}

const missingPart = (part: string, { code, says }: Failure): MissingPart => ({ part, code, says })

const groupJson = ({ topics, ...group }: GroupProgress) => ({ ...group, topics: topics.map((topic) => ({ ...topic })) })

function graphJson(graph: TopologyGraph, groups: readonly GroupProgress[], work: WorkCounts | null) {
  const { name, group = null, consumes, beside = [], failsTo = null, stages } = graph
  const progress = groups.find((one) => one.group === group)
  return {
    ...{ name, group, consumes: [...consumes], beside: [...beside], fails_to: failsTo },
    stages: stages.map((stage) => stageJson(stage, work)),
    progress: progress === undefined ? null : groupJson(progress),
    work: work === null ? null : { ...work.ofGroup(name) },
  }
}

function stageJson(stage: DescribedStage, work: WorkCounts | null): Record<string, unknown> {
  if (!("branches" in stage)) {
    const { name, says, appends = [], writes = [] } = stage
    return { name, says, appends, writes, counts: work?.ofStep(name) ?? null }
  }
  const branches = Object.entries(stage.branches).map(([word, each]) => [word, each.map((one) => stageJson(one, work))])
  return { on: stage.on, branches: Object.fromEntries(branches) }
}

type Sources = {
  readonly states: () => Promise<Result<Record<string, number>>>
  readonly groups: () => Promise<Result<readonly GroupProgress[]>>
}

const STATES: readonly ElementRow["state"][] = ["queued", "done", "failed", "dismissed", "removed"]

/** One after the other: each looks through a folder's whole table, and the process has other work between two. */
async function countStates(table: Opened["table"]): Promise<Result<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (const state of STATES) {
    const counted = await table.countElements({ states: [state] })
    if (!counted.ok) return counted
    counts[state] = counted.value
    await nextTurn()
  }
  return done(counts)
}

/** Both are asked for at most a twentieth of the time, however many pages are open. */
function sourcesOf({ table, log, clock, config, groups }: Opened): Sources {
  const progress = progressOver()
  return {
    states: sharedAnswer(clock, () => countStates(table)),
    groups: sharedAnswer(clock, async () => {
      if (groups === undefined) {
        const lags = await log.lag()
        return lags.ok ? done(progress(seenInLog(lags.value), clock.nowMs())) : lags
      }
      const seen = await groups()
      return seen.ok ? done(progress(seenByBrokers(seen.value, config.kafkaTopicPrefix), clock.nowMs())) : seen
    }),
  }
}
