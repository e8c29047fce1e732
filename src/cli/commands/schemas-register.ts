import { findPlatform } from "../../deployment/deployment-target.ts"
import { registryAccess } from "../../deployment/server-access.ts"
import { registerSchemas } from "../../log/kafka/schemas.ts"
import type { Call, Command, Ending } from "../command.ts"
import { giveUp } from "../terminal/io.ts"

async function run(call: Call): Promise<Ending> {
  const platform = findPlatform(call)
  if (!platform.ok) return giveUp(call.io, platform.failure)
  const { config } = platform.value
  const registry = registryAccess(config)
  if (!registry.ok) return giveUp(call.io, registry.failure)
  const registered = await registerSchemas({ registry: registry.value, prefix: config.kafkaTopicPrefix })
  if (!registered.ok) return giveUp(call.io, registered.failure)
  for (const { subject, id } of registered.value) call.io.stdout.write(`${subject} has id ${id}\n`)
  return 0
}

export const schemasRegister: Command = {
  details:
    "Workers do not start before it. Registering again changes nothing; a schema that breaks a registered version is refused.",
  settings: ["platform"],
  examples: [["schemas register", "before a new version's first worker starts"]],
  run,
}
