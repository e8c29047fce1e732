/** The topology as data: every consumer group, what it reads, its steps, what it appends. It is described from this, and run. */

import { LIST_BUCKETS, LIST_FOLDER, TAKE_IN } from "../src/ingest/steps.ts"
import { semaphore } from "../src/system/concurrency.ts"
import { unpaced } from "../src/system/foreground.ts"
import { recentMap } from "../src/system/recent-map.ts"
import type { TopologyGraph } from "./describe.ts"
import { type Arrived, ELEMENTS } from "./element.ts"
import { chain, type FactGroup, type RetellingGroup } from "./flow/step.ts"
import { GROUPS, INGEST_GROUP } from "./groups.ts"
import { HINTS_READ, type Hint, type HintMemory, readHint } from "./hints/read-hint.ts"
import type { HintPorts } from "./hints/store-looks.ts"
import { BESIDE_RENDERS, headSource, inspectSource, LARGE_HEADERS } from "./inspect/inspect-source.ts"
import type {
  ElementMemory,
  ElementPorts,
  InspectionMemory,
  InspectorPorts,
  RendererPorts,
  RenderMemory,
} from "./ports.ts"
import { mergeRows, notify, type ProjectorGroup } from "./project/projector.ts"
import { confirmRemoval, type Reported, reported } from "./removals/confirm-removal.ts"
import { describeSource } from "./render/describe-source.ts"
import { detectColorspace } from "./render/detect-colorspace.ts"
import { openDisplacedOutputs } from "./render/displaced-outputs.ts"
import { fetchSource } from "./render/fetch-source.ts"
import { locateSource } from "./render/locate-source.ts"
import { publishOutputs, recallOutputs } from "./render/publish-outputs.ts"
import { MOST_TIMED_OUT, renderOutputs } from "./render/render-outputs.ts"
import { reuseOutputs } from "./render/reuse-outputs.ts"
import { storeOutputs } from "./render/store-outputs.ts"
import { type AssemblerPorts, locateMovie, publishMovie, SETTLEMENTS } from "./sequence/assemble.ts"
import { findPictures } from "./sequence/find-pictures.ts"
import { makeReview } from "./sequence/make-review.ts"
import {
  type FrameTold,
  frameTold,
  type RegroupMemory,
  type RegroupPorts,
  regroup,
  rememberMet,
} from "./sequence/regroup.ts"
import { locateReview, publishReview, REVIEWS, type Reviewed, type ReviewerPorts } from "./sequence/review.ts"
import type { Settlement } from "./sequence/revision.ts"
import { BESIDE_FRAMES, SETTLE } from "./sequence/settle.ts"
import { stitchMovie } from "./sequence/stitch-movie.ts"

/** ElementCreated → SourceFetched → ColorspaceDetected → ThumbnailMade → ProxyMade, or ElementFailed. */
export const RENDERER: FactGroup<Arrived, RendererPorts, RenderMemory> = {
  ...GROUPS.renderer,
  ...ELEMENTS,
  stages: chain<Arrived, RendererPorts & RenderMemory>()
    .through(locateSource)
    .fork("outputs", {
      current: (outputs) => outputs.through(recallOutputs),
      outdated: (outputs) =>
        outputs
          .through(fetchSource)
          .through(detectColorspace)
          .through(reuseOutputs)
          .fork("picture", {
            copied: (picture) => picture,
            missing: (picture) => picture.through(renderOutputs),
          })
          .through(describeSource)
          .through(storeOutputs),
    })
    .through(publishOutputs).stages,
  remember: (ports) => ({
    ...ELEMENTS.remember(),
    displaced: openDisplacedOutputs(ports),
    timedOut: recentMap(MOST_TIMED_OUT),
  }),
  forget: ({ displaced }) => displaced.close(),
  closingStep: "acknowledge",
}

/** The same for what a listing found: a topic and a share of its own, so that it delays nothing of today's. */
export const BACKFILL: typeof RENDERER = { ...RENDERER, ...GROUPS.backfill }

/** ElementCreated → SourceInspected, or an ElementFailed that says nothing of the pictures. */
export const INSPECTOR: FactGroup<Arrived, InspectorPorts, InspectionMemory> = {
  ...GROUPS.inspector,
  ...ELEMENTS,
  stages: chain<Arrived, InspectorPorts & InspectionMemory>().through(headSource).through(inspectSource).stages,
  remember: ({ foreground }, stop) => ({
    ...ELEMENTS.remember(),
    largeHeaders: semaphore(LARGE_HEADERS, stop),
    pace: foreground?.pace(BESIDE_RENDERS) ?? unpaced,
  }),
  closingStep: inspectSource.name,
}

/** RemovalReported → ElementRemoved, or nothing where the object is there. */
export const REMOVALS: FactGroup<Reported, ElementPorts, ElementMemory> = {
  ...GROUPS.removals,
  ...ELEMENTS,
  stages: chain<Reported, ElementPorts & ElementMemory>().through(confirmRemoval).stages,
  begin: reported,
  closingStep: confirmRemoval.name,
}

/** What becomes of an element → SequenceFrame, under the key of its sequence. */
export const REGROUP: RetellingGroup<FrameTold, RegroupPorts, RegroupMemory> = {
  ...GROUPS.regroup,
  ...ELEMENTS,
  stages: [regroup],
  begin: frameTold,
  remember: rememberMet,
  closingStep: regroup.name,
}

/** HintReported → SequenceStated, for each sequence that the hint is about. */
export const HINTS: FactGroup<Hint, HintPorts, HintMemory> = {
  ...GROUPS.hints,
  ...HINTS_READ,
  stages: chain<Hint, HintPorts & HintMemory>().through(readHint).stages,
}

/** SequenceFrame, SequenceStated → SequenceSettled: a workflow, which remembers. */
export const SEQUENCER: TopologyGraph = { ...GROUPS.sequencer, beside: BESIDE_FRAMES, stages: [SETTLE] }

/** SequenceSettled → MovieMade: its movie, or why there is none. */
export const ASSEMBLER: FactGroup<Settlement, AssemblerPorts, object> = {
  ...GROUPS.assembler,
  ...SETTLEMENTS,
  stages: chain<Settlement, AssemblerPorts>()
    .through(locateMovie)
    .fork("movie", {
      current: (movie) => movie,
      none: (movie) => movie,
      outdated: (movie) =>
        movie.through(findPictures).fork("pictures", {
          changed: (pictures) => pictures,
          lacking: (pictures) => pictures,
          found: (pictures) => pictures.through(stitchMovie),
        }),
    })
    .through(publishMovie).stages,
  closingStep: publishMovie.name,
}

/** MovieMade → ReviewMade: a small copy of the movie where settings ask for one, or why there is none. */
export const REVIEWER: FactGroup<Reviewed, ReviewerPorts, object> = {
  ...GROUPS.reviewer,
  ...REVIEWS,
  stages: chain<Reviewed, ReviewerPorts>()
    .through(locateReview)
    .fork("review", {
      current: (review) => review,
      none: (review) => review,
      outdated: (review) => review.through(makeReview),
    })
    .through(publishReview).stages,
  closingStep: publishReview.name,
}

export const PROJECTOR: ProjectorGroup = {
  ...GROUPS.projector,
  stages: [mergeRows(GROUPS.projector.consumes), notify],
}

/** A group of its own, so that many rows about headers never delay a proxy's row and notifications. */
export const METADATA_PROJECTOR: ProjectorGroup = {
  ...GROUPS.metadataProjector,
  stages: [mergeRows(GROUPS.metadataProjector.consumes)],
}

export const PROJECTORS: readonly ProjectorGroup[] = [PROJECTOR, METADATA_PROJECTOR]

/** What others write on topics of theirs, or send. */
export const INGEST: TopologyGraph = {
  name: "ingest",
  group: INGEST_GROUP,
  isOutside: true,
  consumes: ["notifications on Kafka topics", "HTTP requests"],
  stages: [TAKE_IN],
}

/** Finds what nobody told of. */
export const LISTINGS: readonly TopologyGraph[] = [
  { name: "bucket-listing", isOutside: true, consumes: ["buckets"], stages: [LIST_BUCKETS] },
  { name: "folder-listing", isOutside: true, consumes: ["a folder"], stages: [LIST_FOLDER] },
]

export const TOPOLOGIES: readonly TopologyGraph[] = [
  INGEST,
  ...LISTINGS,
  RENDERER,
  BACKFILL,
  INSPECTOR,
  REMOVALS,
  REGROUP,
  HINTS,
  SEQUENCER,
  ASSEMBLER,
  REVIEWER,
  ...PROJECTORS,
]
