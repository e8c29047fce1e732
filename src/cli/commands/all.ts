import type { Command } from "../command.ts"
import { runRoles } from "../run-roles.ts"

export const all: Command = {
  details: "For a small deployment, or to try the servers out. More workers can join at any time.",
  settings: ["outputs", "pictures", "shown", "colour", "tools", "work", "output", "intake", "service", "platform"],
  examples: [["all --intake-topics s3-events:versitygw", "arrivals from one topic, all the rest on this machine"]],
  run: (call) => runRoles(call, "all", ["ingest", "worker", "projector"]),
}
