import type { Command } from "../command.ts"
import { runRoles } from "../run-roles.ts"

export const worker: Command = {
  details:
    "As many as are needed share the work as one consumer group. Answers /healthz, /readyz and /metrics. SIGTERM finishes the frames that are begun; nothing is lost by a kill.",
  settings: ["outputs", "pictures", "shown", "colour", "tools", "work", "output", "service", "platform"],
  examples: [["worker", "with KAFKA_BROKER, SCHEMA_REGISTRY_URL and S3_ENDPOINT in the environment"]],
  run: (call) => runRoles(call, "worker", ["worker"]),
}
