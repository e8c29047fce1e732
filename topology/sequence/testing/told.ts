import { expect } from "vitest"
import { sequence } from "../../../src/events/testing/sequence-facts.ts"
import { cleanFrame } from "../../../src/sequence/testing/frames.ts"
import type { Recorded } from "../../flow/workflow.ts"
import type { SequenceSettled } from "../sequencer.ts"
import type { SequenceStated } from "../statements.ts"
import type { SequenceFrame } from "../told-frame.ts"

// Facts as the sequencer is told of them.

const SEQUENCE = sequence()

export type Told = Recorded<SequenceFrame | SequenceStated | SequenceSettled>

const uuid = (number: number) => `${number.toString(16).padStart(8, "0")}-0000-5000-8000-000000000000`

/** One fact about a frame's `arrival` (its first, its second), recorded at `atMs`. */
export function told(
  state: SequenceFrame["state"],
  frame: number,
  at: { ms: number; arrival?: number; picture?: string; padding?: number; trigger?: string; logicalMs?: number },
): Told {
  const { ms, arrival = 2, picture = "v1", trigger = "listing" } = at
  const { logicalMs: logicalTimeMs = arrival * 1000 + Math.min(ms, 999) } = at
  const { padding = Math.max(4, String(frame).replace("-", "").length) } = at
  const elementId = uuid(frame * 10 + arrival)
  const about = { kind: "frame", sequence: SEQUENCE, frame, padding, elementId } as const
  const times = { arrivedAtMs: arrival * 1000, trigger, logicalTimeMs, factId: uuid(ms) }
  const facts = { ...cleanFrame(frame), padding, recordedAtMs: logicalTimeMs }
  const result =
    state === "made"
      ? { state, sourceVersion: picture, renderKey: "k", facts }
      : state === "failed"
        ? { state, facts: { ...facts, failure: "picture/damaged", traits: {} } }
        : { state }
  return { fact: { ...about, ...times, ...result } as SequenceFrame, atMs: ms }
}

export const arrived = (frame: number, ms: number, arrival?: number) =>
  told("arrived", frame, { ms, ...(arrival !== undefined && { arrival }) })

export const made = (frame: number, ms: number, arrival?: number, picture?: string) =>
  told("made", frame, { ms, ...(arrival !== undefined && { arrival }), ...(picture !== undefined && { picture }) })

/** `saidMs` is when it was said, by the clock by which arrivals are taken in. */
export const hint = (
  frames: string | null,
  ms: number,
  { saidMs = 3000, by = "ready", object = null }: { saidMs?: number; by?: string; object?: string | null } = {},
): Told => ({
  fact: {
    kind: "stated",
    sequence: SEQUENCE,
    factId: uuid(ms),
    recordedAtMs: ms,
    by,
    frames,
    object,
    saidAtMs: saidMs,
  },
  atMs: ms,
})

export const settled = (text: Partial<SequenceSettled>): SequenceSettled => ({
  ...{
    kind: "settled",
    sequence: SEQUENCE,
    revision: expect.stringMatching(/^[0-9a-f]{32}$/),
    made: "",
    failed: "",
    missing: "",
    stated: "",
    gaps: "hold",
    asOfMs: expect.any(Number),
    padding: 4,
    otherWidths: [],
    report: expect.objectContaining({ isSound: expect.any(Boolean) }),
  },
  ...text,
})
