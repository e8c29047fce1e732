import type { Topic } from "../src/log/index.ts"
import { chain, type StepDescription } from "./chain.ts"
import { confirmRemoval, type Reported } from "./confirm-removal.ts"
import { detectColorspace } from "./detect-colorspace.ts"
import type { DisplacedOutputs } from "./displaced-outputs.ts"
import { fetchSource } from "./fetch-source.ts"
import { headSource, type InspectorLanes, inspectSource } from "./inspect-source.ts"
import type { Lane } from "./lane.ts"
import { locateSource } from "./locate-source.ts"
import { makeProxy } from "./make-proxy.ts"
import { makeThumbnail } from "./make-thumbnail.ts"
import type { Arrived } from "./passage.ts"
import type { ElementPorts, InspectorPorts, RendererPorts } from "./ports.ts"
import { renderOutputs } from "./render-outputs.ts"
import { reuseOutputs } from "./reuse-outputs.ts"
import { storeOutputs } from "./store-outputs.ts"

/** One consumer group and what it does: data, to be described, asserted and only then run. */
export type TopologyGraph = {
  readonly name: string
  readonly group: string
  readonly consumes: readonly Topic[]
  readonly steps: readonly StepDescription[]
  /** Where an element goes that a step gave up on; bytes that nobody can decode go to dead-letter. */
  readonly failsTo: Topic | null
  readonly effects: readonly string[]
}

type RendererLanes = { readonly sources: Lane; readonly renders: Lane }

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

const noLane: Lane = { enter: () => Promise.resolve(null) }

const noneKept: DisplacedOutputs = {
  keep: () => Promise.resolve(),
  take: () => null,
  close: () => Promise.resolve(),
}

export const RENDERER: TopologyGraph = {
  name: "renderer",
  group: "renderer",
  consumes: ["element-created"],
  steps: renderChain({ sources: noLane, renders: noLane }, noneKept).steps,
  failsTo: "element-failed",
  effects: [],
}

/** The same way for what a listing found: a group of its own with a smaller share, so that it delays nothing of today's. */
export const BACKFILL: TopologyGraph = {
  ...RENDERER,
  name: "backfill",
  group: "renderer-backfill",
  consumes: ["element-created-backfill"],
}

/** The second branch: a header for every frame, whoever arrived or was listed; a render is never waited for. */
export const INSPECTOR: TopologyGraph = {
  name: "inspector",
  group: "inspector",
  consumes: [...RENDERER.consumes, ...BACKFILL.consumes],
  steps: inspectionChain({ headers: noLane, largeHeaders: noLane }).steps,
  failsTo: "element-failed",
  effects: [],
}

/** What was said to be gone, looked at. */
export const REMOVALS: TopologyGraph = {
  name: "removals",
  group: "removals",
  consumes: ["removal-reported"],
  steps: removalChain().steps,
  failsTo: "element-failed",
  effects: [],
}

export const PROJECTOR: TopologyGraph = {
  name: "projector",
  group: "projector",
  consumes: ["element-created", "element-created-backfill", "proxy-made", "element-failed", "element-removed"],
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

/** A group of its own, so that many rows about headers never delay a proxy's row and notifications. */
export const METADATA_PROJECTOR: TopologyGraph = {
  name: "metadata-projector",
  group: "projector-metadata",
  consumes: ["source-inspected"],
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
