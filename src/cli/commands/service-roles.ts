import { findPlatform } from "../../deployment/deployment-target.ts"
import { intakeProblem } from "../../deployment/intakes.ts"
import type { Role } from "../../deployment/roles.ts"
import { runService } from "../../service/run-service.ts"
import type { Call, Command, Ending } from "../command.ts"
import { badUsage, giveUp, serverExitCode } from "../terminal/io.ts"

/** Runs roles of the stream deployment as a service until the process is told to stop. */
export async function runRoles(call: Call, name: string, roles: readonly Role[]): Promise<Ending> {
  const platform = findPlatform(call)
  if (!platform.ok) return giveUp(call.io, platform.failure)
  const { config } = platform.value
  if (config.kafkaBroker === null)
    return badUsage(call.io, `${name} works on servers: set KAFKA_BROKER and the like. \`run DIR --watch\` needs none.`)
  const problem = roles.includes("ingest") ? intakeProblem(config) : null
  if (problem !== null) return giveUp(call.io, problem)
  const failure = await runService({ name, roles, platform: platform.value }, call)
  return failure === null ? "stopped" : serverExitCode(failure)
}

export const worker: Command = {
  details:
    "As many as are needed share the work as one consumer group. Answers /healthz, /readyz and /metrics. SIGTERM finishes the frames that are begun; nothing is lost by a kill.",
  settings: ["outputs", "pictures", "shown", "colour", "tools", "work", "output", "service", "platform"],
  examples: [["worker", "with KAFKA_BROKER, SCHEMA_REGISTRY_URL and S3_ENDPOINT in the environment"]],
  run: (call) => runRoles(call, "worker", ["worker"]),
}

export const projector: Command = {
  details:
    "One works, further ones stand by. Rows are merged before notifications go out, and these before the offset moves. Answers /healthz, /readyz and /metrics.",
  settings: ["output", "work", "service", "platform"],
  examples: [["projector", "with KAFKA_BROKER, SCHEMA_REGISTRY_URL and VAST_DB_ENDPOINT in the environment"]],
  run: (call) => runRoles(call, "projector", ["projector"]),
}

export const all: Command = {
  details: "For a small deployment, or to try the servers out. More workers can join at any time.",
  settings: ["outputs", "pictures", "shown", "colour", "tools", "work", "output", "intake", "service", "platform"],
  examples: [["all --intake-topics s3-events:versitygw", "arrivals from one topic, all the rest on this machine"]],
  run: (call) => runRoles(call, "all", ["ingest", "worker", "projector"]),
}
