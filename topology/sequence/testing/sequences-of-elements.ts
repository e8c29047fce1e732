// The sequencer on the facts that there are: elements, told apart by their names.

import { frameNameOf } from "../../../src/element/frame-name.ts"
import type { Fact } from "../../../src/events/fact.ts"
import { sequenceIdOf } from "../../../src/events/identity.ts"
import type { Element } from "../../../src/events/records.generated.ts"
import { element, failureDismissed } from "../../../src/events/testing/facts.ts"
import type { WorkflowGroup } from "../../flow/run-workflow.ts"
import { type SequenceFrame, type SequencerState, type SequenceSettled, sequencer } from "../sequencer.ts"

export const QUIET_MS = 60_000

/** A dismissal stands in for the fact that a sequence is settled: its element carries the revision and the frames. */
const settledFact = ({ sequenceId, revision, made, failed, missing }: SequenceSettled, nowMs: number): Fact => {
  const { value } = failureDismissed({ key: sequenceId })
  const told = element({ key: sequenceId, etag: revision, jobId: made, shotId: failed, projectId: missing })
  return { topic: "failure-dismissed", value: { ...value, factId: revision, recordedAtMs: nowMs, element: told } }
}

function fromLog(fact: Fact): SequenceFrame | SequenceSettled | null {
  if (fact.topic === "failure-dismissed") {
    const { key, etag, jobId, shotId, projectId } = fact.value.element
    const frames = { made: jobId ?? "", failed: shotId ?? "", missing: projectId ?? "" }
    return { kind: "settled", sequenceId: key, revision: etag ?? "", ...frames }
  }
  const about = frameOf(fact.value.element, fact.value)
  if (about === null) return null
  if (fact.topic === "element-created") return { ...about, state: "arrived" }
  if (fact.topic === "element-failed") return { ...about, state: "failed", sourceVersion: null }
  if (fact.topic !== "proxy-made") return null
  const { source, renderKey } = fact.value
  return { ...about, state: "made", sourceVersion: source.sourceVersion, renderKey }
}

function frameOf({ bucket, key, elementId, arrivedAtMs }: Element, fact: { factId: string; recordedAtMs: number }) {
  const name = frameNameOf(key)
  if (name === null) return null
  const { factId, recordedAtMs } = fact
  const sequenceId = sequenceIdOf({ bucket, ...name })
  // Ids of the driver's arrivals are words.
  const id = Buffer.from(elementId.padEnd(16)).subarray(-8).toString("hex")
  return { kind: "frame", sequenceId, frame: name.frame, elementId: id, arrivedAtMs, factId, recordedAtMs } as const
}

export const SEQUENCES: WorkflowGroup<SequencerState, SequenceFrame, SequenceSettled> = {
  name: "sequencer",
  group: "sequencer",
  consumes: ["element-created", "proxy-made", "element-failed"],
  emits: ["failure-dismissed"],
  after: [],
  tickMs: 1000,
  workflow: sequencer({ quietMs: QUIET_MS }),
  fromLog,
  toLog: settledFact,
}
