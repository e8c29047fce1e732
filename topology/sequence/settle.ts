// The sequencer on the facts of the log.

import type { Fact } from "../../src/events/fact.ts"
import { stamped } from "../../src/events/identity.ts"
import type { SequenceFrame as SequenceFrameFact } from "../../src/events/records.generated.ts"
import { factsOf } from "../../src/sequence/integrity/index.ts"
import type { WorkflowGroup } from "../flow/workflow.ts"
import { GROUPS } from "../groups.ts"
import { type SequencerPolicy, type SequencerState, type SequenceSettled, sequencer } from "./sequencer.ts"
import type { SequenceStated } from "./statements.ts"
import { ELSEWHERE, type SequenceFrame } from "./told-frame.ts"

export type SequencerGroup = WorkflowGroup<SequencerState, SequenceFrame | SequenceStated, SequenceSettled>

/** What it does, as the topology is described. */
export const SETTLE = {
  name: "settle",
  says: "remembers every frame, and what is stated of them; says that a sequence is complete once it was quiet or as it was stated, all is read, and no frame is unfinished",
  appends: ["sequence-settled"],
} as const

/** What it reads besides its own topic. */
export const BESIDE_FRAMES = ["sequence-stated"] as const

/** How often it is asked whether a sequence is complete. */
const TICK_MS = 1000

export const sequencerGroup = (policy: SequencerPolicy): SequencerGroup => ({
  ...GROUPS.sequencer,
  beside: BESIDE_FRAMES,
  emits: ["sequence-settled"],
  after: [GROUPS.regroup.group],
  tickMs: TICK_MS,
  workflow: sequencer(policy),
  fromLog: heard,
  toLog: told,
})

function heard(fact: Fact): SequenceFrame | SequenceStated | SequenceSettled | null {
  if (fact.topic === "sequence-stated") return { kind: "stated", ...fact.value }
  if (fact.topic === "sequence-settled") return { kind: "settled", ...fact.value }
  if (fact.topic !== "sequence-frame" || !Number.isSafeInteger(fact.value.frame)) return null
  const { state, picture, failureCode, frame, padding, logicalTimeMs } = fact.value
  const heard = framed(fact.value)
  if (state === "arrived" || state === "removed" || state === ELSEWHERE) return { ...heard, state }
  // Of two files of one frame the report shows the one that the movie does.
  const facts = factsOf({ frame, padding, picture, failureCode, recordedAtMs: logicalTimeMs })
  if (facts === null) return null
  if (state === "failed") return { ...heard, state, facts }
  if (state !== "made" || picture === null) return null
  return { ...heard, state, facts, sourceVersion: picture.sourceVersion, renderKey: picture.renderKey }
}

/** What the sequencer looks at, whatever became of the frame. */
const framed = (told: SequenceFrameFact) => ({
  kind: "frame" as const,
  sequence: told.sequence,
  frame: told.frame,
  padding: told.padding,
  elementId: told.elementId,
  arrivedAtMs: told.arrivedAtMs,
  trigger: told.trigger,
  factId: told.factId,
  logicalTimeMs: told.logicalTimeMs,
})

const told = ({ kind: _, ...settled }: SequenceSettled, nowMs: number): Fact => {
  const { sequenceId } = settled.sequence
  const about = [sequenceId, settled.revision, String(settled.asOfMs)]
  return stamped({ topic: "sequence-settled", about, value: settled }, { causationId: sequenceId, nowMs }) as Fact
}
