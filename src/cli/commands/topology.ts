import { describeAsMermaid, describeAsText } from "../../../topology/describe.ts"
import { TOPOLOGIES } from "../../../topology/graph.ts"
import type { Call, Command, Ending } from "../command.ts"

function run({ io, options }: Call): Promise<Ending> {
  io.stdout.write(options.mermaid === true ? describeAsMermaid(TOPOLOGIES) : describeAsText(TOPOLOGIES))
  return Promise.resolve(0)
}

export const topology: Command = {
  options: [{ syntax: "--mermaid", says: "as a Mermaid flowchart" }],
  examples: [["topology --mermaid > topology.mmd", "for a document"]],
  run,
}
