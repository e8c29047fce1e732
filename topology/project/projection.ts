/** The steps of a projector: what becomes of a batch of facts outside the log. */

import type { Fact } from "../../src/events/fact.ts"
import type { Result } from "../../src/events/result.ts"
import type { Topic } from "../../src/log/index.ts"
import type { Outcome } from "../../src/notify/index.ts"
import type { Group } from "../groups.ts"
import type { ProjectorPorts } from "../ports.ts"
import { isOfRender, project, tablesOf } from "./project.ts"

export type ProjectorStep = {
  readonly name: string
  readonly says: string
  /** Tables and messages. */
  readonly writes: readonly string[]
  /** Null where there is nothing to do. */
  readonly run: (facts: readonly Fact[], ports: ProjectorPorts) => Promise<Result<void>> | null
}

/** A group that takes its facts through its steps batch by batch. */
export type ProjectorGroup = Group & { readonly stages: readonly ProjectorStep[] }

export const mergeRows = (topics: readonly Topic[]): ProjectorStep => ({
  name: "merge-rows",
  says: "folds facts into rows; last writer wins, so repeats and order do not matter",
  writes: tablesOf(topics),
  run: (facts, { table }) => table.merge(project(facts)),
})

export const notify: ProjectorStep = {
  name: "notify",
  says: "tells the outside world, after the rows and before the offset; a replay never does",
  writes: ["proxy.generated", "completion event"],
  run: (facts, { notifications }) => {
    const outcomes = facts.flatMap(outcomeOf)
    return outcomes.length === 0 ? null : notifications.tell(outcomes)
  },
}

const outcomeOf = (fact: Fact): readonly Outcome[] => {
  if (fact.topic === "proxy-made") return [{ made: fact.value }]
  return fact.topic === "element-failed" && isOfRender(fact.value) ? [{ failed: fact.value }] : []
}
