import { stepsOf, type TopologyGraph } from "../../topology/describe.ts"
import { BACKFILL, INSPECTOR, PROJECTORS, REMOVALS, RENDERER } from "../../topology/graph.ts"
import { intakeGroup } from "../../topology/groups.ts"
import type { Config } from "../config/index.ts"
import type { Role } from "../deployment/open-service.ts"
import type { ServedGroup } from "./health.ts"

/** The groups that a process of these roles should be a member of. */
export function servedGroups(roles: readonly Role[], config: Config): readonly ServedGroup[] {
  const backfill = config.backfillRendersInFlight === 0 ? [] : [BACKFILL]
  return [
    ...(roles.includes("ingest") && config.intakeTopics.length > 0
      ? [{ group: intakeGroup(config), steps: ["take-in"] }]
      : []),
    ...(roles.includes("worker") ? [RENDERER, ...backfill, INSPECTOR, REMOVALS].map(servedGroup) : []),
    ...(roles.includes("projector") ? PROJECTORS.map(servedGroup) : []),
  ]
}

const servedGroup = ({ group, stages }: TopologyGraph): ServedGroup => ({
  group,
  steps: stepsOf(stages).map(({ name }) => name),
})

/** Tools that one picture may take, one after the other. */
const MOST_TOOLS = 3

/** How long a group may stand still; null for ever. A render of minutes is progress while it is within its time limit. */
export const standstillMs = ({
  standstillSeconds,
  toolTimeoutSeconds,
}: Pick<Config, "standstillSeconds" | "toolTimeoutSeconds">): number | null =>
  standstillSeconds === 0 ? null : Math.max(standstillSeconds, MOST_TOOLS * toolTimeoutSeconds) * 1000
