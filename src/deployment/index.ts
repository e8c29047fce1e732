// The composition root: opens the ports that roles need, with the adapters of a folder of frames or of servers.

import { done, type Result } from "../events/result.ts"
import type { EventLog } from "../log/index.ts"
import type { ObjectStore } from "../store/index.ts"
import type { Table } from "../table/index.ts"
import type { DeploymentTarget } from "./deployment-target.ts"
import type {
  Access,
  AdapterSurroundings,
  Folder,
  OpenedRoles,
  OpenTarget,
  Records,
  Role,
  RoleSurroundings,
  Servers,
} from "./roles.ts"

// Each adapter is loaded with its client when it is opened: a command pays for what it uses.

/** Opens log and tables. Fails as the adapters do, and config/invalid. */
export async function openTarget<T extends DeploymentTarget>(
  target: T,
  access: Access,
  surroundings: AdapterSurroundings,
): Promise<Result<OpenTarget<T>>> {
  const records = await openRecords(target, access, surroundings)
  return records.ok ? done({ ...target, records: records.value } as OpenTarget<T>) : records
}

const openRecords = async (
  target: DeploymentTarget,
  access: Access,
  surroundings: AdapterSurroundings,
): Promise<Result<Records>> =>
  target.kind === "folder"
    ? (await import("./folder.ts")).openFolderRecords(target.installation, access, surroundings.clock)
    : (await import("./platform.ts")).openPlatformRecords(target.platform.config, access, surroundings)

/** Opens the log alone, for reading. */
export async function openLog(target: DeploymentTarget, surroundings: AdapterSurroundings): Promise<Result<EventLog>> {
  if (target.kind === "platform")
    return (await import("./platform.ts")).openPlatformLog(target.platform.config, surroundings)
  const records = await openRecords(target, { mode: "read" }, surroundings)
  return records.ok ? done({ ...records.value.log, close: records.value.close }) : records
}

/** Opens the tables alone, for reading: on servers without asking brokers or registry. */
export async function openTable(target: DeploymentTarget, surroundings: AdapterSurroundings): Promise<Result<Table>> {
  if (target.kind === "platform")
    return (await import("./platform.ts")).openPlatformTable(target.platform.config, surroundings.clock)
  const records = await openRecords(target, { mode: "read" }, surroundings)
  return records.ok ? done({ ...records.value.table, close: records.value.close }) : records
}

/** Opens the store: frames and outputs, in folders or in S3. */
export async function openStore(
  target: DeploymentTarget,
  { clock }: Pick<AdapterSurroundings, "clock">,
): Promise<Result<ObjectStore>> {
  return target.kind === "folder"
    ? (await import("./folder.ts")).openFolderStore(target.installation)
    : (await import("./platform.ts")).openPlatformStore(target.platform.config, clock)
}

/**
 * Opens what the roles need and nothing else; what was opened is closed when a part of it fails. The records of a folder are
 * the caller's and stay open.
 */
export async function open(
  target: OpenTarget<Folder> | Servers,
  roles: readonly Role[],
  surroundings: RoleSurroundings,
): Promise<Result<OpenedRoles>> {
  return target.kind === "folder"
    ? (await import("./folder.ts")).openFolderRoles(target, roles, surroundings)
    : (await import("./platform.ts")).openPlatformRoles(target.platform.config, roles, surroundings)
}
