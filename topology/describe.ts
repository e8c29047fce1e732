/** The topology as text and as a picture, derived from the data that runs. */

import type { Group } from "./groups.ts"

/** What can be said of a step without running it. */
export type DescribedStep = {
  readonly name: string
  readonly says: string
  readonly appends?: readonly string[]
  /** What it changes outside the log. */
  readonly writes?: readonly string[]
  readonly needs?: { readonly permit: string; readonly until: "step" | "end" }
}

export type DescribedFork = {
  readonly on: string
  readonly branches: Readonly<Record<string, readonly DescribedStage[]>>
}

export type DescribedStage = DescribedStep | DescribedFork

/** What can be said of a group without running it. */
export type TopologyGraph = Pick<Group, "name"> & {
  /** Its consumer group; absent where it reads no topics. */
  readonly group?: string
  readonly consumes: readonly string[]
  /** Topics that it reads besides, without an offset of its own: a workflow folds them anew whenever it begins. */
  readonly beside?: readonly string[]
  /** What it consumes comes from elsewhere than the log. */
  readonly isOutside?: true
  readonly stages: readonly DescribedStage[]
  /** Where it goes that a step gave up on. Records of the log that nobody can decode go to dead-letter. */
  readonly failsTo?: string
}

const isFork = (stage: DescribedStage): stage is DescribedFork => "branches" in stage

/** All steps, those of every branch included, in the order in which they stand. */
export const stepsOf = (stages: readonly DescribedStage[]): readonly DescribedStep[] =>
  stages.flatMap((stage) => (isFork(stage) ? Object.values(stage.branches).flatMap(stepsOf) : [stage]))

/** What each group consumes, does and appends. */
export const describeAsText = (graphs: readonly TopologyGraph[]): string => graphs.map(asText).join("\n")

function asText({ name, group, consumes, beside = [], isOutside, stages, failsTo }: TopologyGraph): string {
  const widest = widestOf(stages, INDENT)
  const failing = failsTo === undefined ? "" : `  a step that gives up     --> ${failsTo}\n`
  const undecodable = isOutside ? "" : "  bytes nobody can decode  --> dead-letter\n"
  const called = group === undefined ? name : `${name} (consumer group ${group})`
  const besides = beside.length === 0 ? "" : `, and folds ${beside.join(", ")}`
  return `${called}\n  consumes ${consumes.join(", ")}${besides}\n${stagesAsText(stages, INDENT, widest)}${failing}${undecodable}`
}

const INDENT = "    "
const DEEPER = "  "

/** Columns that the names of steps take, indented as they stand. */
const widestOf = (stages: readonly DescribedStage[], indent: string): number =>
  Math.max(
    0,
    ...stages.map((stage) =>
      isFork(stage)
        ? Math.max(...Object.values(stage.branches).map((branch) => widestOf(branch, indent + DEEPER)))
        : indent.length + stage.name.length,
    ),
  )

const stagesAsText = (stages: readonly DescribedStage[], indent: string, widest: number): string =>
  stages
    .map((stage) =>
      isFork(stage)
        ? Object.entries(stage.branches)
            .map(([word, branch]) => {
              const head = `${indent}${stage.on} ${word}:`
              return branch.length === 0
                ? `${head} goes on\n`
                : `${head}\n${stagesAsText(branch, indent + DEEPER, widest)}`
            })
            .join("")
        : `${indent}${stepAsText(stage, widest - indent.length)}\n`,
    )
    .join("")

function stepAsText({ name, says, appends = [], writes = [], needs }: DescribedStep, widest: number): string {
  const outcomes = [...appends, ...writes]
  const limit = needs === undefined ? "" : ` (at most ${needs.permit} at once${UNTIL[needs.until]})`
  return `${name.padEnd(widest)}  ${says}${limit}${outcomes.length === 0 ? "" : `  --> ${outcomes.join(", ")}`}`
}

const UNTIL = { step: "", end: ", until acknowledged" } as const

/** The graph as a Mermaid flowchart. */
export const describeAsMermaid = (graphs: readonly TopologyGraph[]): string =>
  `flowchart LR\n${graphs.map(asMermaid).join("")}`

/** Where a line into or out of some stages is drawn from, and the word that stands on it. */
type Port = { readonly id: string; readonly word?: string }

const word = (text: string): string => text.replaceAll(/[^a-zA-Z]/g, "_")

const topicNode = (topic: string): string => `${word(topic)}([${topic}])`

function asMermaid({ name, consumes: own, beside = [], isOutside, stages, failsTo }: TopologyGraph): string {
  const consumes = [...own, ...beside]
  const idOf = (step: DescribedStep): string => word(`${name}_${step.name}`)
  const steps = stepsOf(stages)
  const { edges } = edgesOf(
    stages,
    consumes.map((topic) => ({ id: topicNode(topic) })),
    idOf,
  )
  const isInside = (edge: string): boolean => !consumes.some((topic) => edge.startsWith(topicNode(topic)))
  const lines = [
    `  subgraph ${name}`,
    ...steps.map((step) => `    ${idOf(step)}[${step.name}]`),
    ...edges.filter(isInside).map((edge) => `    ${edge}`),
    "  end",
    ...edges.filter((edge) => !isInside(edge)).map((edge) => `  ${edge}`),
    ...steps.flatMap((step) => (step.appends ?? []).map((topic) => `  ${idOf(step)} --> ${topicNode(topic)}`)),
    ...(failsTo === undefined ? [] : [`  ${name} -. gives up .-> ${topicNode(failsTo)}`]),
    ...(isOutside ? [] : [`  ${name} -. cannot decode .-> ${topicNode("dead-letter")}`]),
    ...steps.flatMap((step) => (step.writes ?? []).map((what) => `  ${idOf(step)} --> ${word(what)}[(${what})]`)),
  ]
  return lines.map((line) => `${line}\n`).join("")
}

/** Lines between the stages, and the ends from which the next line goes on. */
function edgesOf(
  stages: readonly DescribedStage[],
  from: readonly Port[],
  idOf: (step: DescribedStep) => string,
): { readonly edges: readonly string[]; readonly ends: readonly Port[] } {
  const edges: string[] = []
  let ends = from
  for (const stage of stages) {
    if (isFork(stage)) {
      const before = ends
      const branches = Object.entries(stage.branches).map(([value, branch]) =>
        edgesOf(
          branch,
          before.map(({ id }) => ({ id, word: `${stage.on} ${value}` })),
          idOf,
        ),
      )
      edges.push(...branches.flatMap((branch) => branch.edges))
      ends = branches.flatMap((branch) => branch.ends)
      continue
    }
    const to = idOf(stage)
    edges.push(...ends.map(({ id, word: on }) => (on === undefined ? `${id} --> ${to}` : `${id} -- ${on} --> ${to}`)))
    ends = [{ id: to }]
  }
  return { edges, ends }
}
