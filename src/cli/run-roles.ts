import { findPlatform } from "../deployment/deployment-target.ts"
import type { Role } from "../deployment/open-service.ts"
import { intakeProblem } from "../service/run-ingest.ts"
import { runService } from "../service/run-service.ts"
import type { Call, Ending } from "./command.ts"
import { badUsage, giveUp, serverExitCode } from "./terminal/io.ts"

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
