import type { TopologyGraph } from "./graph.ts"

/** The graph as text: what each group consumes, does and appends. */
export function describeAsText(graphs: readonly TopologyGraph[]): string {
  return graphs.map(asText).join("\n")
}

function asText(graph: TopologyGraph): string {
  const widest = Math.max(...graph.steps.map(({ name }) => name.length))
  const steps = graph.steps.map(({ name, says, appends }) => {
    const fact = appends === null ? "" : `  --> ${appends}`
    return `    ${name.padEnd(widest)}  ${says}${fact}\n`
  })
  const failing = graph.failsTo === null ? "" : `  a step that gives up     --> ${graph.failsTo}\n`
  const effects = graph.effects.length === 0 ? "" : `  keeps up to date         --> ${graph.effects.join(", ")}\n`
  return (
    `${graph.name} (consumer group ${graph.group})\n` +
    `  consumes ${graph.consumes.join(", ")}\n${steps.join("")}${failing}` +
    `  bytes nobody can decode  --> dead-letter\n${effects}`
  )
}

/** The graph as a Mermaid flowchart. */
export function describeAsMermaid(graphs: readonly TopologyGraph[]): string {
  return `flowchart LR\n${graphs.map(asMermaid).join("")}`
}

function asMermaid(graph: TopologyGraph): string {
  const id = (name: string): string => `${graph.name}_${name}`.replaceAll("-", "_")
  const node = (topic: string): string => `${topic.replaceAll(/[^a-z]/g, "_")}([${topic}])`
  const [first] = graph.steps
  const lines = [
    `  subgraph ${graph.name}`,
    ...graph.steps.map(({ name }) => `    ${id(name)}[${name}]`),
    ...graph.steps.slice(1).map(({ name }, index) => `    ${id(graph.steps[index]?.name ?? "")} --> ${id(name)}`),
    "  end",
    ...graph.consumes.map((topic) => `  ${node(topic)} --> ${id(first?.name ?? "")}`),
    ...graph.steps.flatMap(({ name, appends }) => (appends === null ? [] : [`  ${id(name)} --> ${node(appends)}`])),
    ...(graph.failsTo === null ? [] : [`  ${graph.name} -. gives up .-> ${node(graph.failsTo)}`]),
    `  ${graph.name} -. cannot decode .-> ${node("dead-letter")}`,
    ...graph.effects.map(
      (effect) => `  ${id(graph.steps.at(-1)?.name ?? "")} --> ${effect.replaceAll(/[^a-z]/g, "_")}[(${effect})]`,
    ),
  ]
  return lines.map((line) => `${line}\n`).join("")
}
