import type { Topic } from "../src/log/index.ts"
import type { Semaphore } from "../src/system/semaphore.ts"
import { chain, type StepDescription } from "./flow/chain.ts"
import type { Arrived } from "./flow/element-in-flight.ts"
import { GROUPS, type Group } from "./groups.ts"
import { headSource, type InspectorLanes, inspectSource } from "./inspect/inspect-source.ts"
import type { ElementPorts, InspectorPorts, RendererPorts } from "./ports.ts"
import { confirmRemoval, type Reported } from "./removals/confirm-removal.ts"
import { detectColorspace } from "./render/detect-colorspace.ts"
import type { DisplacedOutputs } from "./render/displaced-outputs.ts"
import { fetchSource } from "./render/fetch-source.ts"
import { locateSource } from "./render/locate-source.ts"
import { makeProxy } from "./render/make-proxy.ts"
import { makeThumbnail } from "./render/make-thumbnail.ts"
import { renderOutputs } from "./render/render-outputs.ts"
import { reuseOutputs } from "./render/reuse-outputs.ts"
import { storeOutputs } from "./render/store-outputs.ts"

/** One consumer group and what it does: data, to be described, asserted and only then run. */
export type TopologyGraph = Group & {
  readonly steps: readonly StepDescription[]
  /** Where an element goes that a step gave up on; bytes that nobody can decode go to dead-letter. */
  readonly failsTo: Topic | null
  readonly effects: readonly string[]
}

type RendererLanes = { readonly sources: Semaphore; readonly renders: Semaphore }

/** ElementCreated → SourceFetched → ColorspaceDetected → ThumbnailMade → ProxyMade, or ElementFailed. */
export const renderChain = (lanes: RendererLanes, displaced: DisplacedOutputs) =>
  chain<Arrived, RendererPorts>()
    .through(locateSource)
    .through(fetchSource(lanes))
    .through(detectColorspace)
    .through(reuseOutputs(displaced))
    .through(renderOutputs(lanes))
    .through(storeOutputs(displaced))
    .through(makeThumbnail)
    .through(makeProxy)

/** ElementCreated → SourceInspected, or an ElementFailed that says nothing of the pictures. */
export const inspectionChain = (lanes: InspectorLanes) =>
  chain<Arrived, InspectorPorts>().through(headSource(lanes)).through(inspectSource(lanes))

/** RemovalReported → ElementRemoved, or nothing where the object is there. */
export const removalChain = () => chain<Reported, ElementPorts>().through(confirmRemoval)

const noSemaphore: Semaphore = { acquire: () => Promise.resolve(null) }

const noneKept: DisplacedOutputs = {
  keep: () => Promise.resolve(),
  take: () => null,
  close: () => Promise.resolve(),
}

export const RENDERER: TopologyGraph = {
  ...GROUPS.renderer,
  steps: renderChain({ sources: noSemaphore, renders: noSemaphore }, noneKept).steps,
  failsTo: "element-failed",
  effects: [],
}

export const BACKFILL: TopologyGraph = {
  ...RENDERER,
  ...GROUPS.backfill,
}

export const INSPECTOR: TopologyGraph = {
  ...GROUPS.inspector,
  steps: inspectionChain({ headers: noSemaphore, largeHeaders: noSemaphore }).steps,
  failsTo: "element-failed",
  effects: [],
}

export const REMOVALS: TopologyGraph = {
  ...GROUPS.removals,
  steps: removalChain().steps,
  failsTo: "element-failed",
  effects: [],
}

export const PROJECTOR: TopologyGraph = {
  ...GROUPS.projector,
  steps: [
    {
      name: "merge-rows",
      says: "folds facts into rows; last writer wins, so repeats and order do not matter",
      appends: null,
    },
    {
      name: "notify",
      says: "tells the outside world, after the rows and before the offset; a replay never does",
      appends: null,
    },
  ],
  failsTo: null,
  effects: ["proxy_outputs", "elements", "proxy.generated", "completion event"],
}

export const METADATA_PROJECTOR: TopologyGraph = {
  ...GROUPS.metadataProjector,
  steps: [
    {
      name: "merge-rows",
      says: "replaces all rows of a version together; the later inspection wins",
      appends: null,
    },
  ],
  failsTo: null,
  effects: ["files", "parts", "channels", "attributes"],
}

export const PROJECTORS: readonly TopologyGraph[] = [PROJECTOR, METADATA_PROJECTOR]

export const TOPOLOGIES: readonly TopologyGraph[] = [RENDERER, BACKFILL, INSPECTOR, REMOVALS, ...PROJECTORS]
