import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type SequenceSettled, sequencer } from "./sequencer.ts"
import { sequencerPolicy } from "./testing/policy.ts"
import { arrived, made, type Told, told } from "./testing/told.ts"

const workflow = sequencer(sequencerPolicy(60_000))

describe("whatever the order of facts, and however often they come", () => {
  /** A life of a frame: arrivals one after the other, each with an end, or none yet. */
  const life = (frame: number) =>
    fc.array(fc.constantFrom("made", "failed", "removed", "unfinished"), { minLength: 1, maxLength: 3 }).map((ends) =>
      ends.flatMap((end, index): Told[] => {
        const [ms, arrival] = [frame * 100 + index * 20, index + 1]
        const begun = arrived(frame, ms, arrival)
        if (end === "removed") return [begun, told("removed", frame, { ms: ms + 10, arrival })]
        if (end === "unfinished") return [begun]
        return [begun, told(end as "made" | "failed", frame, { ms: ms + 10, arrival, picture: `v${index}` })]
      }),
    )
  const sequences = fc.tuple(...[1, 2, 3, 4].map(life)).map((lives) => lives.flat())
  const outcomeOf = (facts: readonly Told[]) => {
    const state = facts.reduce(workflow.evolve, workflow.initial("s"))
    const said = workflow.decide(state, { nowMs: 1e9, knownUntilMs: 1e9 })
    return { said, deadline: workflow.deadlineOf(state), unfinished: state.frames.counts.unfinished }
  }

  it("the same is settled, and nothing while a frame is unfinished", () => {
    const shuffled = sequences.chain((facts) =>
      fc.tuple(
        fc.constant(facts),
        fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2, maxLength: facts.length * 2 }),
      ),
    )
    fc.assert(
      fc.property(shuffled, ([facts, others]) => {
        const outcome = outcomeOf(facts)
        expect(outcomeOf(others)).toEqual(outcome)
        if (outcome.unfinished > 0) expect(outcome).toMatchObject({ said: [], deadline: null })
      }),
      { numRuns: 400 },
    )
  })

  /** What ticks between the facts say is told back at once, as the log tells it; each is at the latest fact's time or later. */
  function settledOnTheWay(facts: readonly Told[], isTick: readonly boolean[]) {
    const said: { readonly settled: SequenceSettled; readonly unfinished: number }[] = []
    let state = workflow.initial("s")
    for (const [at, fact] of [...facts, null].entries()) {
      if (fact !== null) state = workflow.evolve(state, fact)
      if (fact !== null && isTick[at % isTick.length] === false) continue
      for (const settled of workflow.decide(state, { nowMs: 1e9, knownUntilMs: 1e9 })) {
        said.push({ settled, unfinished: state.frames.counts.unfinished })
        state = workflow.evolve(state, { fact: settled, atMs: 1e9 })
      }
    }
    return { said, last: said.at(-1)?.settled.revision ?? null }
  }

  it("and whenever it is asked: the last revision is the same, each is later than the one before, none is of unfinished frames", () => {
    const shuffled = sequences.chain((facts) =>
      fc.tuple(
        fc.constant(facts),
        fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2, maxLength: facts.length * 2 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
      ),
    )
    fc.assert(
      fc.property(shuffled, ([facts, others, ticks]) => {
        const [inOrder, onTheWay] = [outcomeOf(facts), settledOnTheWay(others, ticks)]
        expect(onTheWay.said.every(({ unfinished }) => unfinished === 0)).toBe(true)
        const times = onTheWay.said.map(({ settled }) => settled.asOfMs)
        expect(times).toEqual([...new Set(times)].toSorted((one, other) => one - other))
        // Frames that never ended hold up the last word of all; then what was said before stands.
        if (inOrder.unfinished === 0 && inOrder.said.length > 0) expect(onTheWay.last).toBe(inOrder.said[0]?.revision)
      }),
      { numRuns: 400 },
    )
  })

  it("a hundred thousand frames are one sequence", () => {
    let state = workflow.initial("s")
    for (let frame = 1; frame <= 100_000; frame++) state = workflow.evolve(state, made(frame, frame))
    expect(workflow.decide(state, { nowMs: 1e9, knownUntilMs: 1e9 })).toMatchObject([{ made: "1-100000", missing: "" }])
  })
})
