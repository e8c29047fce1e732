// What a sequence is told of one of its frames, and how that is remembered.

import { framePictureOf } from "../../src/events/identity.ts"
import type { Sequence } from "../../src/events/records.generated.ts"
import { type FrameColumns, type FrameFacts, putFrame } from "../../src/sequence/integrity/index.ts"
import { arrive, end, type FramesKnown, finish, idOf } from "./frames-known.ts"

/** The arrival was of an object whose key is spelled otherwise. */
export const ELSEWHERE = "elsewhere"

/** What is told of one frame of a sequence. */
export type SequenceFrame = {
  readonly kind: "frame"
  readonly sequence: Sequence
  readonly frame: number
  /** Digits that its number is written with. */
  readonly padding: number
  /** The arrival that it is about, and when that was. */
  readonly elementId: string
  readonly arrivedAtMs: number
  /** What announced it. */
  readonly trigger: string
  readonly factId: string
  /** Orders what became of the file, by the clock of its store, epoch milliseconds. */
  readonly logicalTimeMs: number
} & (
  | { readonly state: "arrived" | "removed" | typeof ELSEWHERE }
  | { readonly state: "made"; readonly sourceVersion: string; readonly renderKey: string; readonly facts: FrameFacts }
  | { readonly state: "failed"; readonly facts: FrameFacts }
)

type Known = { readonly frames: FramesKnown; readonly details: FrameColumns }

/** Answers whether anything is known now that was not. */
export function tell({ frames, details }: Known, fact: SequenceFrame): boolean {
  const arrival = { atMs: fact.arrivedAtMs, id: idOf(fact.elementId) }
  if (fact.state === "arrived") return arrive(frames, fact, arrival)
  if (fact.state === ELSEWHERE) return end(frames, fact, arrival)
  const picture = fact.state === "made" ? framePictureOf(fact.sourceVersion, fact.renderKey) : ([0n, 0n] as const)
  const state = fact.state === "removed" ? "absent" : fact.state
  const told = { atMs: fact.logicalTimeMs, id: idOf(fact.factId) }
  const { row, isLast, isOther } = finish(frames, fact, { state, arrival, told, picture })
  if (isLast && "facts" in fact) putFrame(details, row, fact.facts)
  return isLast || isOther
}
