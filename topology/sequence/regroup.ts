// Tells facts of elements anew under the keys of their sequences.

import { frameNameOf, type SequenceRule } from "../../src/element/frame-name.ts"
import { type ElementFact, type Fact, isArrival, isOfElement } from "../../src/events/fact.ts"
import { pictureOfFrame } from "../../src/events/frame-picture.ts"
import { type DraftOf, type SequenceOf, sequenceIdOf } from "../../src/events/identity.ts"
import type { Element, SequenceFrame } from "../../src/events/records.generated.ts"
import { BESIDE } from "../../src/sequence/stated/index.ts"
import type { ObjectRef } from "../../src/store/index.ts"
import { type RecentMap, recentMap } from "../../src/system/recent-map.ts"
import { type Arrived, begun, rememberTimes } from "../element.ts"
import type { Retelling } from "../flow/step.ts"
import { GROUPS } from "../groups.ts"
import type { ElementMemory, ElementPorts } from "../ports.ts"
import { isOfRender } from "../project/project.ts"
import { ELSEWHERE } from "./told-frame.ts"

export type RegroupPorts = ElementPorts & {
  /** Which keys are frames. */
  readonly sequenceRuleFor: (ref: ObjectRef) => SequenceRule
}

/** What is kept of sequences: each that is met for the first time is looked at for what lies beside it. */
export type RegroupMemory = ElementMemory & {
  readonly met: RecentMap<true>
  /** Ids of sequences, by what names them. */
  readonly ids: RecentMap<string>
}

const MOST_MET = 100_000

/** Sequences whose frames come side by side. */
const MOST_IDS = 1000

export const rememberMet = (): RegroupMemory => ({
  ...rememberTimes(),
  met: recentMap(MOST_MET),
  ids: recentMap(MOST_IDS),
})

/** A fact about a frame, as its sequence is told of it. */
export type FrameTold = Arrived & { readonly told: readonly (DraftOf<"sequence-frame"> | DraftOf<"hint-reported">)[] }

type Outcome = Pick<SequenceFrame, "state" | "picture" | "failureCode">

/** What a fact says of a frame; null where it says nothing of one. */
export function frameTold(fact: Fact, ports: RegroupPorts & RegroupMemory): FrameTold | null {
  if (!isOfElement(fact)) return null
  const outcome = outcomeOf(fact)
  const { element } = fact.value
  const arrived = outcome === null ? null : begun({ element, logicalTimeMs: null }, ports)
  if (outcome === null || arrived === null) return null
  const spellings = element.keyAlternative === null ? [element.key] : [element.key, element.keyAlternative]
  const told = spellings.flatMap((key) =>
    frameFact(fact, { key, outcome: key === element.key ? outcome : ofOtherSpelling(outcome) }, ports),
  )
  return told.length === 0
    ? null
    : { ...arrived, told: [...told, ...told.flatMap((frame) => hintFact(frame, element, ports))] }
}

/**
 * Where the trigger's spelling is a guess, the frame is awaited under both until it is known which of them it has; nothing has
 * become of what is called otherwise. Of a removal neither is there.
 */
const ofOtherSpelling = ({ state }: Outcome): Outcome => ({
  ...NOTHING_MADE,
  state: state === "arrived" || state === "removed" ? state : ELSEWHERE,
})

function frameFact(
  { value }: ElementFact,
  { key, outcome }: { readonly key: string; readonly outcome: Outcome },
  { sequenceRuleFor, ids }: RegroupPorts & RegroupMemory,
): readonly DraftOf<"sequence-frame">[] {
  const { element, factId, recordedAtMs } = value
  const { bucket, arrivedAtMs } = element
  const name = frameNameOf(key, sequenceRuleFor({ bucket, key }))
  if (name === null) return []
  const { folder, head, tail } = name
  const logicalTimeMs = ("logicalTimeMs" in value ? value.logicalTimeMs : null) ?? arrivedAtMs
  return [
    {
      topic: "sequence-frame",
      about: [factId, key],
      recordedAtMs,
      value: {
        sequence: { sequenceId: idIn(ids, { bucket, folder, head, tail }), bucket, folder, head, tail },
        frame: name.frame,
        padding: name.padding,
        version: name.version,
        elementId: element.elementId,
        key,
        arrivedAtMs,
        trigger: element.trigger,
        logicalTimeMs,
        jobId: element.jobId,
        projectId: element.projectId,
        shotId: element.shotId,
        traceparent: element.traceparent,
        tracestate: element.tracestate,
        state: outcome.state,
        picture: outcome.picture,
        failureCode: outcome.failureCode,
      },
    },
  ]
}

/** Worked out once for all frames of a sequence. */
function idIn(ids: RegroupMemory["ids"], sequence: SequenceOf): string {
  const { bucket, folder, head, tail } = sequence
  const name = JSON.stringify([bucket, folder, head, tail])
  const known = ids.get(name)
  if (known !== undefined) return known
  const id = sequenceIdOf(sequence)
  ids.set(name, id)
  return id
}

/** Of a sequence that is met for the first time, since when this runs. */
function hintFact(
  { about, recordedAtMs, value: { sequence, key } }: DraftOf<"sequence-frame">,
  element: Element,
  { met }: RegroupMemory,
): readonly DraftOf<"hint-reported">[] {
  if (met.get(sequence.sequenceId) === true) return []
  met.set(sequence.sequenceId, true)
  return [
    {
      topic: "hint-reported",
      about,
      ...(recordedAtMs !== undefined && { recordedAtMs }),
      value: { element: { ...element, key }, by: BESIDE, gone: false },
    },
  ]
}

const NOTHING_MADE = { picture: null, failureCode: null } as const

/** A source that was looked for and not found is gone, as in the tables. */
function outcomeOf(fact: ElementFact): Outcome | null {
  if (isArrival(fact)) return { ...NOTHING_MADE, state: "arrived" }
  if (fact.topic === "element-removed") return { ...NOTHING_MADE, state: "removed" }
  if (fact.topic === "proxy-made") return { ...NOTHING_MADE, state: "made", picture: pictureOfFrame(fact.value) }
  if (fact.topic !== "element-failed" || !isOfRender(fact.value)) return null
  const { code } = fact.value
  return code === "source/gone"
    ? { ...NOTHING_MADE, state: "removed" }
    : { ...NOTHING_MADE, state: "failed", failureCode: code }
}

export const regroup: Retelling<FrameTold, RegroupPorts> = {
  name: GROUPS.regroup.name,
  says: "parses the name once, and tells of the frame under its sequence's key",
  appends: ["sequence-frame", "hint-reported"],
  tell: ({ told }) => told,
}
