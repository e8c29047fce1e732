import { describe, expect, it } from "vitest"
import { fileNameOf } from "../../src/element/key.ts"
import { sequenceSettled } from "../../src/events/testing/sequence-facts.ts"
import { given } from "../flow/testing/given.ts"
import { filesOf } from "./revision.ts"
import { sequencer } from "./sequencer.ts"
import { sequencerPolicy } from "./testing/policy.ts"
import { arrived, hint, made, settled, type Told, told } from "./testing/told.ts"
import type { SequenceFrame } from "./told-frame.ts"

const QUIET = 60_000
const workflow = sequencer(sequencerPolicy(QUIET))

describe("a sequence is settled", () => {
  it("when it was quiet for as long as is asked for, once", () => {
    given(workflow, arrived(1, 100), made(1, 200), arrived(2, 300), made(2, 400))
      .deadline(300 + QUIET)
      .whenAsked({ nowMs: 299 + QUIET })
      .says()
      .whenAsked({ nowMs: 300 + QUIET })
      .says(settled({ made: "1-2" }))
      .deadline(null)
  })

  it("never while a frame that arrived is unfinished, however long that takes", () => {
    given(workflow, arrived(1, 100), made(1, 200), arrived(2, 300), hint(null, 400))
      .deadline(null)
      .whenAsked({ nowMs: 1e12 })
      .says()
  })

  it("never while stages before it lag behind the deadline", () => {
    given(workflow, arrived(1, 100), made(1, 200))
      .whenAsked({ nowMs: 1e12, knownUntilMs: 99 + QUIET })
      .says()
      .whenAsked({ nowMs: 1e12, knownUntilMs: 100 + QUIET })
      .says(settled({ made: "1" }))
  })

  it("with what failed and what is missing", () => {
    const facts = [1001, 1002, 1006].flatMap((frame) => [arrived(frame, frame), made(frame, frame + 10)])
    given(workflow, ...facts, arrived(1004, 1004), told("failed", 1004, { ms: 1020 }))
      .whenAsked({ nowMs: 1e6 })
      .says(settled({ made: "1001-1002,1006", failed: "1004", missing: "1003,1005" }))
  })

  it("with the widths of its numbers, so that each frame's file can be named", () => {
    const widths = [
      [9_998, 4],
      [9_999, 4],
      [10_000, 5],
      [10_001, 6],
      [-5, 4],
    ] as const
    const facts = widths.map(([frame, padding]) => told("made", frame, { ms: 100, padding }))
    const otherWidths = [{ padding: 6, frames: "10001" }]
    const whole = settled({ made: "-5,9998-10001", missing: "-4-9997", padding: 4, otherWidths })
    given(workflow, ...facts)
      .whenAsked({ nowMs: 1e6 })
      .says(whole)
    const names = filesOf({ ...sequenceSettled().value, ...whole }).map(({ key }) => fileNameOf(key))
    expect(names).toEqual(["-0005", "9998", "9999", "10000", "010001"].map((digits) => `beauty.${digits}.exr`))
  })

  it("as of the latest fact, and later than every revision before it", () => {
    given(workflow, arrived(1, 100), made(1, 200))
      .whenAsked({ nowMs: 1e6 })
      .says(settled({ made: "1", asOfMs: 200 }))
    const before = { fact: settled({ revision: "0".repeat(32), asOfMs: 5000 }), atMs: 5000 }
    given(workflow, before, arrived(1, 100), made(1, 200))
      .whenAsked({ nowMs: 1e6 })
      .says(settled({ made: "1", asOfMs: 5001 }))
  })

  it("also where the log has forgotten the arrivals", () => {
    given(workflow, made(1, 200), made(2, 300))
      .whenAsked({ nowMs: 1e6 })
      .says(settled({ made: "1-2" }))
  })

  it("though numbers lie as far apart as they can, without counting through them", () => {
    const far = 2 ** 53 - 1
    given(workflow, made(0, 1), {
      ...made(1, 2),
      fact: { ...made(1, 2).fact, frame: far, padding: 16 } as SequenceFrame,
    })
      .whenAsked({ nowMs: 1e6 })
      .says(settled({ made: `0,${far}`, missing: `1-${far - 1}` }))
  })
})

describe("a new revision comes of", () => {
  const settlements = (...facts: readonly Told[]) => {
    const state = facts.reduce(workflow.evolve, workflow.initial("s"))
    return workflow.decide(state, { nowMs: 1e9, knownUntilMs: 1e9 })
  }
  const revisions = (...facts: readonly Told[]) => settlements(...facts).map(({ revision }) => revision)
  const first = [arrived(1, 100), made(1, 200), arrived(2, 300), made(2, 400)]
  const [fact = settled({})] = settlements(...first)
  const { revision } = fact
  const done: Told = { fact, atMs: 500 }

  it.each<[what: string, facts: readonly Told[]]>([
    ["a late frame", [arrived(3, 600), made(3, 700)]],
    ["a frame that was replaced", [arrived(2, 600, 3), made(2, 700, 3, "v2")]],
    ["a frame that was removed", [told("removed", 2, { ms: 600, arrival: 3 })]],
    ["a frame that fails now", [arrived(2, 600, 3), told("failed", 2, { ms: 700, arrival: 3 })]],
    [
      "a frame that came behind one whose arrival was taken in by a clock that was ahead",
      [
        told("made", 2, { ms: 450, arrival: 9_999, picture: "v0", logicalMs: 1999 }),
        ...[arrived(2, 600, 3), told("made", 2, { ms: 700, arrival: 3, picture: "v2", logicalMs: 4000 })],
      ],
    ],
    [
      "a removal, though the frame's arrival was taken in by a clock that was ahead",
      [
        told("made", 2, { ms: 450, arrival: 9_999, logicalMs: 2000 }),
        told("removed", 2, { ms: 600, arrival: 3, logicalMs: 4000 }),
      ],
    ],
    ["all frames gone", [1, 2].map((frame) => told("removed", frame, { ms: 600, arrival: 3 }))],
  ])("%s", (_, facts) => {
    const [next] = revisions(...first, done, ...facts)
    expect(next).toMatch(/^[0-9a-f]{32}$/)
    expect(next).not.toBe(revision)
  })

  it.each<[what: string, facts: readonly Told[]]>([
    ["nothing", []],
    ["the same again", first],
    ["a frame that was made again as it was", [arrived(2, 600, 3), made(2, 700, 3)]],
    ["the end of an arrival that was overtaken", [made(2, 800, 1, "v0")]],
    ["a settlement that somebody repeats", [{ ...done, atMs: 900 }]],
  ])("but not of %s", (_, facts) => expect(revisions(...first, done, ...facts)).toEqual([]))

  it("but the same again where a movie waited for the frame, once", () => {
    const asked = { ms: 700, arrival: 3, trigger: "movie" }
    const anew = [...first, done, told("arrived", 2, asked), told("made", 2, asked)]
    expect(revisions(...anew.slice(0, -1))).toEqual([])
    expect(revisions(...anew)).toEqual([revision])
    expect(revisions(...anew, { fact: { ...fact, asOfMs: 700 }, atMs: 900 })).toEqual([])
  })

  describe("and ever later where the frames that a movie waits for are lost again and again", () => {
    /** Frames are asked for by their movie in the arrivals `rounds`, a second each, and made at once. */
    const deadlineAfter = (policy: ReturnType<typeof sequencer>, ...rounds: readonly number[]) => {
      const asked = rounds.flatMap((arrival): Told[] => {
        const at = { ms: arrival * 1000, arrival, trigger: "movie" }
        return [told("arrived", 2, at), told("made", 2, at)]
      })
      const state = [...first, done, ...asked, ...asked.toReversed()].reduce(policy.evolve, policy.initial("s"))
      return (policy.deadlineOf(state) ?? Number.NaN) - (rounds.at(-1) ?? 0) * 1000
    }
    const [minute, day] = [60, 24 * 3600]

    it.each<[rounds: readonly number[], laterSeconds: number]>([
      [[minute], 0],
      [[minute, 2 * minute], 0],
      [[minute, 2 * minute, 3 * minute], 2 * minute],
      [[minute, 2 * minute, 3 * minute, 6 * minute], 4 * minute],
      [[day, 2 * day, 3 * day], day],
      [[day, 2 * day, 9 * day], 0],
    ])("in the seconds %j: %i s later than quiet", (rounds, laterSeconds) =>
      expect(deadlineAfter(workflow, ...rounds)).toBe(QUIET + laterSeconds * 1000),
    )

    it("but at once where all is settled for the last time", () =>
      expect(deadlineAfter(sequencer({ ...sequencerPolicy(0), isLast: true }), 60, 120, 180)).toBe(0))

    it("or where they are other pictures by now", () => {
      const rounds = [minute, 2 * minute, 3 * minute].flatMap((arrival) => {
        const at = { ms: arrival * 1000, arrival, trigger: "movie", picture: `v${arrival}` }
        return [told("arrived", 2, at), told("made", 2, at)]
      })
      const state = [...first, done, ...rounds].reduce(workflow.evolve, workflow.initial("s"))
      expect(workflow.deadlineOf(state)).toBe(3 * minute * 1000 + QUIET)
    })
  })

  it("and it is the first one's again where everything is as it was", () => {
    const removed = told("removed", 3, { ms: 900, arrival: 3 })
    const [again] = revisions(...first, arrived(3, 600), made(3, 700), removed)
    expect(again).toBe(revision)
  })
})
