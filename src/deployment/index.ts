// The composition root: opens the ports that roles need, with the adapters of a folder of frames or of servers.
import type { InspectorPorts, Policy, ProjectorPorts, RendererPorts } from "../../topology/ports.ts"
import type { Environment } from "../config/index.ts"
import { done, type Result } from "../events/result.ts"
import type { Observe } from "../kafka/index.ts"
import type { KnownOutputsFromLog } from "../known-outputs/memory.ts"
import type { EventLog } from "../log/index.ts"
import type { State } from "../state/index.ts"
import type { ObjectStore } from "../store/index.ts"
import type { Clock } from "../system/clock.ts"
import type { Table } from "../table/index.ts"
import type { DeploymentTarget } from "./deployment-target.ts"

// Each adapter is loaded with its client when it is opened: a command pays for what it uses.

type Folder = Extract<DeploymentTarget, { kind: "folder" }>
type Servers = Extract<DeploymentTarget, { kind: "platform" }>

/** How log and tables are opened: to read beside whoever owns them, or to write, in a folder as its owner under this name. */
export type Access = { readonly mode: "read" } | { readonly mode: "own"; readonly command: string }

/** What adapters may know of the outside. */
export type AdapterSurroundings = {
  readonly clock: Clock
  /** Hears of brokers and memberships of groups; nothing where the target is a folder. Must not throw. */
  readonly observeKafka: Observe
}

/** Log and tables, opened. */
export type Records = { readonly log: EventLog; readonly table: Table; readonly close: () => Promise<void> }

/** Those of a folder are in its state. */
export type FolderRecords = Records & { readonly state: State }

/** A target whose log and tables are open. */
export type OpenTarget<T extends DeploymentTarget = DeploymentTarget> = T extends Folder
  ? T & { readonly records: FolderRecords }
  : T & { readonly records: Records }

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

/** What a process does: any of these, side by side. */
export type Role = "worker" | "projector" | "ingest"

/** Renders, inspects and confirms removals. */
export type Worker = {
  readonly ports: Omit<RendererPorts & InspectorPorts, "observe">
  /** How much of a backfill is under way at once; null: that is left to others. */
  readonly backfill: Policy | null
  /** Goes on beside the groups, so that outputs of other workers are known, too; null where there are no others. */
  readonly followOutputs: KnownOutputsFromLog["follow"] | null
}

/** Folds facts into tables and tells the outside world. */
export type Projector = {
  readonly ports: Omit<ProjectorPorts, "observe">
  /** Facts about elements that are merged at once. */
  readonly rowsPerMerge: number
}

/** Brings arrivals in. */
export type Ingest = {
  readonly ports: Omit<RendererPorts, "observe" | "scratch" | "knownOutputs"> & { readonly table: Table }
}

/** The roles of one process, opened; null for those that were not asked for. */
export type OpenedRoles = {
  readonly log: EventLog
  readonly worker: Worker | null
  readonly projector: Projector | null
  readonly ingest: Ingest | null
  readonly close: () => Promise<void>
}

export type RoleSurroundings = AdapterSurroundings & {
  /** PATH is where tools are looked for. */
  readonly env: Environment
  /** Takes notifications of a folder where the setting for them is `-`. */
  readonly io: { readonly stdout: NodeJS.WritableStream }
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
