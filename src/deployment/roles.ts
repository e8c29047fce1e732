// What a deployment target opens to: log and tables, and the ports of each role that a process plays.

import type { WorkflowPorts } from "../../topology/flow/run-workflow.ts"
import type { InspectorPorts, Policy, ProjectorPorts, RendererPorts } from "../../topology/ports.ts"
import type { AssemblerPorts } from "../../topology/sequence/assemble.ts"
import type { RegroupPorts } from "../../topology/sequence/regroup.ts"
import type { ReviewerPorts } from "../../topology/sequence/review.ts"
import type { SequencerPolicy } from "../../topology/sequence/sequencer.ts"
import type { Environment } from "../config/index.ts"
import type { Observe } from "../kafka/index.ts"
import type { KnownOutputsFromLog } from "../known-outputs/memory.ts"
import type { EventLog } from "../log/index.ts"
import type { State } from "../state/index.ts"
import type { Clock } from "../system/clock.ts"
import type { Table } from "../table/index.ts"
import type { BegunRenders } from "./begin-renders.ts"
import type { DeploymentTarget } from "./deployment-target.ts"

export type Folder = Extract<DeploymentTarget, { kind: "folder" }>
export type Servers = Extract<DeploymentTarget, { kind: "platform" }>

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

/** What a process does: any of these, side by side. */
export type Role = "worker" | "projector" | "ingest"

/** Renders, inspects and confirms removals. */
export type Worker = {
  readonly ports: Omit<RendererPorts & InspectorPorts, "observe">
  /** What tells sequences of their frames, says when they are complete and makes their movies; null: nothing does. */
  readonly sequences: Sequences | null
  /** How much of a backfill is under way at once; null: that is left to others. */
  readonly backfill: Policy | null
  /** Goes on beside the groups, so that outputs of other workers are known, too; null where there are no others. */
  readonly followOutputs: KnownOutputsFromLog["follow"] | null
}

export type Sequences = Pick<RegroupPorts, "sequenceRuleFor"> &
  Pick<AssemblerPorts, "movies" | "posterFor" | "soundFor" | "soundsByRule"> & {
    readonly settling: SequencerPolicy
    /** Memory for what is known of sequences, and where the rest of it is. */
    readonly spill: NonNullable<WorkflowPorts["spill"]>
    /** Makes review copies of movies; null where settings ask for none. */
    readonly reviews: Pick<ReviewerPorts, "reviews" | "reviewFor"> | null
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
  /** Render processes that were begun before, in a folder; absent or null to begin them when there is something to render. */
  readonly begun?: BegunRenders | null
}
