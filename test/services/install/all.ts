import type { ServerName } from "../versions.ts"
import { findJava } from "./java.ts"
import { installKafka } from "./kafka.ts"
import { installOutsideClients, installPythonClients } from "./python-clients.ts"
import { installRegistry } from "./registry.ts"
import { installS3 } from "./s3.ts"
import { installTrino } from "./trino.ts"

/** Maven's downloads one after the other, small ones first; beside them versitygw is compiled. */
const installFromMaven = async (names: readonly ServerName[]): Promise<void> => {
  if (names.includes("kafka")) await installKafka()
  if (names.includes("registry")) await installRegistry()
  if (names.includes("trino")) await installTrino()
}

/** Everything that these servers need, so that starting them fetches nothing. */
export const installAll = async (names: readonly ServerName[]): Promise<void> => {
  const needsJava = names.some((name) => name !== "s3")
  await Promise.all([
    needsJava ? findJava() : undefined,
    names.includes("s3") ? installS3() : undefined,
    names.includes("kafka") ? installPythonClients() : undefined,
    names.includes("trino") ? installOutsideClients() : undefined,
    installFromMaven(names),
  ])
}
