import type { LooksBeside } from "../src/element/looks-beside.ts"
import type { OutputsFor } from "../src/element/output-places.ts"
import type { Endings } from "../src/element/source.ts"
import type { Failure } from "../src/events/result.ts"
import type { KnownOutputs } from "../src/known-outputs/index.ts"
import type { EventLog } from "../src/log/index.ts"
import type { Notifications } from "../src/notify/index.ts"
import type { HeaderInspector, MetadataWriter, PictureEngine, RenderSettings, Scratch } from "../src/picture/index.ts"
import type { ObjectRef, ObjectStore } from "../src/store/index.ts"
import type { Clock } from "../src/system/clock.ts"
import type { Semaphore } from "../src/system/concurrency.ts"
import type { Foreground, Pace } from "../src/system/foreground.ts"
import type { RecentMap } from "../src/system/recent-map.ts"
import type { Table } from "../src/table/index.ts"
import type { DisplacedOutputs } from "./render/displaced-outputs.ts"

/** How much may be under way, and how long something is tried. */
export type Policy = {
  /** Elements taken from the log and not yet acknowledged. Bounds everything below. */
  readonly credits: number
  /** Arrivals of a topic that the log looks at ahead, so that directories take turns. */
  readonly lookAhead: number
  /** Renders at once, one thread each. */
  readonly rendersInFlight: number
  /** Sources fetched or being fetched at once, those under render included: bounds scratch space. */
  readonly sourcesHeld: number
  /** Headers inspected at once; bounds memory, most of them take 64 KiB. */
  readonly inspectionsInFlight: number
  /** Tries of a step for a transient failure of one object. */
  readonly mostAttempts: number
  readonly backoffMs: number
  readonly mostBackoffMs: number
  readonly mostSourceBytes: number
  /** Whether facts and outputs hold the SHA-256 of sources; absent: they do not. */
  readonly sourceSha256?: boolean
  /** Whether ids that objects state are taken, outputs carry SpaceHarbor's tags, and completions without a job are left out. */
  readonly spaceharbor?: boolean
  /** Endings of pictures that are sources; absent: the contract's. */
  readonly endings?: Endings
  /** Facts merged at once, and how long the first waits for others while no merge is under way, milliseconds. */
  readonly batchRows: number
  readonly batchMs: number
  readonly generatorVersion: string
}

/** What the running topology tells whoever watches: progress bars and metrics. Must not throw. */
export type Observation =
  | { readonly kind: "taken" | "finished" | "dropped"; readonly topology: string }
  | {
      /** An element waits for its directory alone, without a credit of its topology; or it no longer does. */
      readonly kind: "set-aside" | "taken-up"
      readonly topology: string
      readonly bucket: string
      readonly key: string
      readonly why: Failure
    }
  | { readonly kind: "step"; readonly step: string; readonly ms: number; readonly ok: boolean }
  | { readonly kind: "retry" | "outage"; readonly step: string; readonly failure: Failure; readonly waitMs: number }
  | {
      readonly kind: "failed"
      readonly step: string
      readonly failure: Failure
      readonly bucket: string
      readonly key: string
    }
  | { readonly kind: "remark"; readonly bucket: string; readonly key: string; readonly says: string }
  | { readonly kind: "made"; readonly bucket: string; readonly key: string; readonly reused: boolean }
  /** SpaceHarbor waits for no job of this element: no completion is told. */
  | { readonly kind: "no-job"; readonly bucket: string; readonly key: string; readonly success: boolean }
  /** A source is found to be gone. */
  | { readonly kind: "removed"; readonly bucket: string; readonly key: string }
  | { readonly kind: "dead-letter"; readonly topic: string; readonly says: string }

export type RendererPorts = {
  readonly log: EventLog
  readonly store: ObjectStore
  readonly picture: PictureEngine
  /** Absent only where no settings ask for metadata files. */
  readonly metadata?: MetadataWriter
  readonly scratch: Scratch
  readonly clock: Clock
  /** 0 up to 1: jitter of back-offs, nothing else. */
  readonly random: () => number
  readonly settingsFor: (ref: ObjectRef) => RenderSettings
  /** Look files that lie beside frames; absent: none is looked for. */
  readonly looksBeside?: LooksBeside
  /** Where outputs of a bucket's sources go. */
  readonly outputsFor: OutputsFor
  readonly knownOutputs: KnownOutputs
  readonly policy: Policy
  /** Renders are foreground work; absent where nothing else is done beside them. */
  readonly foreground?: Foreground
  readonly observe: (observation: Observation) => void
  /** Set by the topology that runs: aborts when it is to end, so that nothing is waited for any more. */
  readonly ending?: AbortSignal
}

/** What every group needs, whatever its steps do. */
export type FlowPorts = Pick<RendererPorts, "log" | "clock" | "random" | "policy" | "observe" | "ending">

/** What groups of elements need besides: what is said of an object follows the clock of its store. */
export type ElementPorts = FlowPorts & Pick<RendererPorts, "store" | "outputsFor">

export type InspectorPorts = ElementPorts & Pick<RendererPorts, "foreground"> & { readonly headers: HeaderInspector }

/** What a run of a group of elements keeps beside its ports. */
export type ElementMemory = {
  /** The logical time that was said of an object last, by its bucket and key. */
  readonly lastTimes: RecentMap<number>
}

export type RenderMemory = ElementMemory & {
  readonly displaced: DisplacedOutputs
  /** How pictures ran out of their time, by renderKey: the same bytes would, again. */
  readonly timedOut: RecentMap<Failure>
}

export type InspectionMemory = ElementMemory & {
  /** Bounds headers that are large. */
  readonly largeHeaders: Semaphore
  /** Slows inspections down while frames are rendered. */
  readonly pace: Pace
}

export type ProjectorPorts = FlowPorts & {
  readonly table: Table
  readonly notifications: Notifications
}

/**
 * How a topology is stopped: `stop` takes in nothing new, lets work finish and leaves what waits in line or for somebody
 * else's recovery; `abort` gives up work under way.
 */
export type Stopping = {
  readonly stop: AbortSignal
  readonly abort: AbortSignal
  /** All that there will be has been taken in: nothing is to wait for more. Absent where there is no end. */
  readonly last?: AbortSignal
}
