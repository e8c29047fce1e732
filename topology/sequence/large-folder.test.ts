import { describe, expect, it } from "vitest"
import { frameNameOf } from "../../src/element/frame-name.ts"
import { framesOfText } from "../../src/element/frame-ranges.ts"
import { encodeFact } from "../../src/events/codec.ts"
import type { Fact } from "../../src/events/fact.ts"
import { MAX_VALUE_BYTES } from "../../src/log/storage.ts"
import { heldIn } from "./revision.ts"
import { type SequenceSettled, sequencer } from "./sequencer.ts"
import { sequencerGroup } from "./settle.ts"
import { sequencerPolicy } from "./testing/policy.ts"
import { told } from "./testing/told.ts"

const NAMES = 200_000
const LATER = { nowMs: 1e12, knownUntilMs: 1e12 }

describe("a folder of 200,000 names", () => {
  const workflow = sequencer(sequencerPolicy(0))

  /** Of each frame one fact is made; the others are copies of it. */
  function settledOf(names: Iterable<string>): SequenceSettled | undefined {
    const { fact: first } = told("made", 1, { ms: 5 })
    let state = workflow.initial("s")
    for (const name of names) {
      const { frame = 0, padding = 0 } = frameNameOf(name) ?? {}
      if (first.kind !== "frame" || !("facts" in first)) throw new Error("A made frame has facts.")
      const facts = { ...first.facts, frame, padding, timecode: null }
      state = workflow.evolve(state, { fact: { ...first, frame, padding, facts }, atMs: 5 })
    }
    return workflow.decide(state, LATER)[0]
  }

  const nameOf = (number: number): string => `dust/fleck.${String(number).padStart(6, "0")}.exr`

  it("is one sequence, which is told of in a small fact", () => {
    const settled = settledOf(Array.from({ length: NAMES }, (_, at) => nameOf(at + 1)))
    expect(settled).toMatchObject({ made: `1-${NAMES}`, missing: "", failed: "" })
    expect(settled?.report?.made).toMatchObject({ count: NAMES })
    expect(sizeOf(settled)).toBeLessThan(10_000)
  })

  it("of which every second is missing settles, too: its fact holds all that are made, and how many are not", () => {
    const settled = settledOf(Array.from({ length: NAMES / 2 }, (_, at) => nameOf(at * 2 + 1)))
    expect(framesOfText(settled?.made ?? "")).toHaveLength(NAMES / 2)
    expect(settled?.missing).toMatch(/^2,4,6,.*,\.\.\.$/)
    expect(settled?.report?.missing).toMatchObject({ count: NAMES / 2 - 1 })
    expect(sizeOf(settled)).toBeLessThan(MAX_VALUE_BYTES)
    expect(framesOfText(heldIn(settled as SequenceSettled))).toHaveLength(NAMES / 2 - 1)
  })

  function sizeOf(settled: SequenceSettled | undefined): number {
    if (settled === undefined) throw new Error("Nothing was settled.")
    const encoded = encodeFact(sequencerGroup(sequencerPolicy(0)).toLog(settled, 0) as Fact, 1)
    return encoded.ok ? encoded.value.length : Number.NaN
  }
})
