import type { Topic } from "../src/log/index.ts"

/** A consumer group and the topics that it reads: what is asked about a group needs none of the code that it runs. */
export type Group = {
  readonly name: string
  readonly group: string
  readonly consumes: readonly Topic[]
}

const renderer: Group = { name: "renderer", group: "renderer", consumes: ["element-created"] }

/** The same way for what a listing found: a group of its own with a smaller share, so that it delays nothing of today's. */
const backfill: Group = { name: "backfill", group: "renderer-backfill", consumes: ["element-created-backfill"] }

/** A header for every frame, whoever arrived or was listed; a render is never waited for. */
const inspector: Group = {
  name: "inspector",
  group: "inspector",
  consumes: [...renderer.consumes, ...backfill.consumes],
}

/** What was said to be gone, looked at. */
const removals: Group = { name: "removals", group: "removals", consumes: ["removal-reported"] }

const projector: Group = {
  name: "projector",
  group: "projector",
  consumes: [
    "element-created",
    "element-created-backfill",
    "proxy-made",
    "element-failed",
    "element-removed",
    "failure-dismissed",
    "sequence-settled",
    "movie-made",
    "review-made",
  ],
}

/** A group of its own, so that many rows about headers never delay a proxy's row and notifications. */
const metadataProjector: Group = {
  name: "metadata-projector",
  group: "projector-metadata",
  consumes: ["source-inspected"],
}

/** Tells of frames under the keys of their sequences. A group of its own, so that sequences of the past come without a render. */
const regroup: Group = {
  name: "regroup",
  group: "regroup",
  consumes: ["element-created", "element-created-backfill", "proxy-made", "element-failed", "element-removed"],
}

/** Reads what is stated of sequences, and tells each. */
const hints: Group = { name: "hints", group: "hints", consumes: ["hint-reported"] }

/** Says when a sequence is complete. */
const sequencer = { name: "sequencer", group: "sequencer", consumes: ["sequence-frame"] } as const satisfies Group

/** Makes the movie of a sequence that is complete. */
const assembler: Group = { name: "assembler", group: "assembler", consumes: ["sequence-settled"] }

/** Makes the review copies of movies. A group of its own, so that no movie waits for an encoder. */
const reviewer: Group = { name: "reviewer", group: "reviewer", consumes: ["movie-made"] }

export const GROUPS = {
  renderer,
  backfill,
  inspector,
  removals,
  projector,
  metadataProjector,
  regroup,
  hints,
  sequencer,
  assembler,
  reviewer,
} as const

export const PROJECTOR_GROUPS: readonly Group[] = [projector, metadataProjector]

/** Reads what others write, on topics that are not of this log. */
export const INGEST_GROUP = "ingest"

/** The consumer group of the intake, as the brokers know it. */
export const intakeGroup = ({ kafkaTopicPrefix }: { readonly kafkaTopicPrefix: string }): string =>
  `${kafkaTopicPrefix}${INGEST_GROUP}`
