import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { IntegrityReport } from "../../src/events/records.generated.ts"
import { sequencer } from "./sequencer.ts"
import { sequencerPolicy } from "./testing/policy.ts"
import { arrived, hint, made, settled, type Told, told } from "./testing/told.ts"

const workflow = sequencer(sequencerPolicy(60_000))

const settlements = (...facts: readonly Told[]) =>
  workflow.decide(facts.reduce(workflow.evolve, workflow.initial("s")), { nowMs: 1e9, knownUntilMs: 1e9 })

function reportOf(...facts: readonly Told[]): IntegrityReport {
  const [first] = settlements(...facts)
  if (first?.report == null) throw new Error("nothing is settled")
  return first.report
}

const list = (ranges: string, count: number) => ({ ranges, count, more: 0 })
const frames = (...numbers: readonly number[]) => numbers.flatMap((frame) => [arrived(frame, 100), made(frame, 200)])
const second = (state: "arrived" | "made" | "removed", ms: number) =>
  told(state, 1, { ms, arrival: 1, padding: 7, logicalMs: 2000 + ms })
const later = (fact: Told | undefined, atMs: number): Told => ({ fact: fact?.fact ?? settled({}), atMs })

describe("what is settled says what is wrong", () => {
  it("with what failed, by its code, and what is missing", () => {
    const failed = [arrived(4, 100), told("failed", 4, { ms: 200 })]
    expect(reportOf(...frames(1, 2, 6), ...failed)).toMatchObject({
      ...{ isSound: false, made: list("1-2,6", 3), missing: list("3,5", 2) },
      failed: [{ code: "picture/damaged", frames: list("4", 1) }],
    })
  })

  it("against the frames that were stated", () => {
    expect(reportOf(...frames(1, 2, 9), hint("2-4", 500))).toMatchObject({
      ...{ missing: list("3-4", 2), outside: list("1,9", 2), firstFrame: { expected: 2, found: 1 } },
    })
  })

  it("of nothing but what is there: not of a frame that was replaced, or removed", () => {
    const gone = [...frames(3), told("removed", 3, { ms: 900, arrival: 3 })]
    const repaired = [arrived(2, 50, 1), told("failed", 2, { ms: 60, arrival: 1 })]
    expect(reportOf(...repaired, ...frames(1, 2), ...gone)).toMatchObject({ isSound: true, made: list("1-2", 2) })
  })
})

describe("a second file of a frame", () => {
  const first = frames(1, 2)
  const [fact] = settlements(...first)
  const done = later(fact && { fact, atMs: 0 }, 500)
  const twice = [...first, second("arrived", 150), second("made", 150)]

  it("that is not shown makes no other revision, but is reported, as of later", () => {
    const [report] = settlements(...twice, done)
    expect(report).toMatchObject({
      ...{ revision: fact?.revision, made: "1-2", asOfMs: (fact?.asOfMs ?? 0) + 1 },
      report: { isSound: false, duplicates: list("1", 1), made: { count: 2 } },
    })
    const told = later(report && { fact: report, atMs: 0 }, 700)
    expect(settlements(...twice, done, told)).toEqual([])
    const [again] = settlements(...twice, done, told, second("removed", 800))
    expect(again).toMatchObject({ revision: fact?.revision, report: { isSound: true, duplicates: { count: 0 } } })
  })

  it("is shown where it was made later, or the other one is gone", () => {
    const later = [...first, second("arrived", 150), second("made", 250)]
    const [newer] = settlements(...later)
    expect(newer).toMatchObject({ padding: 4, otherWidths: [{ padding: 7, frames: "1" }] })
    expect(settlements(...twice)[0]).toMatchObject({ padding: 4, otherWidths: [] })
    expect(settlements(...twice, told("removed", 1, { ms: 900, arrival: 3 }))[0]).toMatchObject({
      ...{ made: "1-2", otherWidths: [{ padding: 7, frames: "1" }] },
      report: { isSound: true, duplicates: { count: 0 } },
    })
  })

  it("is reported alike in whatever order it is told, and however often", () => {
    const [wanted] = settlements(...twice)
    const shuffled = fc.shuffledSubarray([...twice, ...twice], { minLength: twice.length * 2 })
    fc.assert(fc.property(shuffled, (facts) => void expect(settlements(...facts)).toEqual([wanted])))
  })
})
