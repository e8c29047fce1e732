import type { Command } from "../command.ts"
import { runRoles } from "../run-roles.ts"

export const projector: Command = {
  details:
    "One works, further ones stand by. Rows are merged before notifications go out, and these before the offset moves. Answers /healthz, /readyz and /metrics.",
  settings: ["output", "work", "service", "platform"],
  examples: [["projector", "with KAFKA_BROKER, SCHEMA_REGISTRY_URL and VAST_DB_ENDPOINT in the environment"]],
  run: (call) => runRoles(call, "projector", ["projector"]),
}
