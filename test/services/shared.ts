import { inject } from "vitest"
import { wantFrom } from "./control.ts"
import type {} from "./global-setup.ts"
import type { Addresses } from "./index.ts"
import type { ServerName } from "./versions.ts"

/**
 * Addresses of this test run's servers, started side by side if they were not yet. They are everybody's: a test file
 * makes its own topics, buckets and schemas (fresh.ts), and one that stops a server starts its own (`startServices`).
 */
export const sharedServices = async <N extends ServerName>(...names: readonly N[]): Promise<Pick<Addresses, N>> => {
  const socketPath = inject("servicesSocket")
  const wanted = names.map(async (name) => [name, await wantFrom(socketPath, name)] as const)
  return Object.fromEntries(await Promise.all(wanted)) as unknown as Pick<Addresses, N>
}
