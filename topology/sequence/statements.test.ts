import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { given } from "../flow/testing/given.ts"
import { type RulesOfSequence, sequencer } from "./sequencer.ts"
import { sequencerPolicy } from "./testing/policy.ts"
import { arrived, hint, made, settled, type Told, told } from "./testing/told.ts"

const QUIET = 60_000
const ruled = (rules: Partial<RulesOfSequence> = {}) => sequencer(sequencerPolicy(QUIET, rules))
const workflow = ruled()
const AT_END = { nowMs: 1e9, knownUntilMs: 1e9 }
const facts = [arrived(1, 100), made(1, 200), arrived(2, 300), made(2, 400)]

describe("a sequence is settled at once", () => {
  it("where somebody says after its last frame that it is complete, and not where that was said before", () => {
    given(workflow, ...facts, hint(null, 350))
      .deadline(350)
      .whenAsked({ nowMs: 400 })
      .says(settled({ made: "1-2" }))
    given(workflow, ...facts, hint(null, 350, { saidMs: 1999 })).deadline(300 + QUIET)
  })

  it("in whatever order the frames and the word that they are complete come to it", () => {
    given(workflow, hint(null, 50), ...facts)
      .deadline(300)
      .whenAsked({ nowMs: 400 })
      .says(settled({ made: "1-2" }))
  })

  it("when a stated range is there, and with what is missing of it when it was quiet", () => {
    given(workflow, hint("1-2", 50, { saidMs: 0 }), ...facts)
      .deadline(300)
      .whenAsked({ nowMs: 400 })
      .says(settled({ made: "1-2", stated: "1-2" }))
    given(workflow, hint("1-4", 50), ...facts)
      .whenAsked({ nowMs: 299 + QUIET })
      .says()
      .whenAsked({ nowMs: 300 + QUIET })
      .says(settled({ made: "1-2", missing: "3-4", stated: "1-4" }))
  })

  it("when the range is there that a rule of the settings states, whatever others say", () => {
    given(ruled({ frames: "1-2" }), ...facts)
      .deadline(300)
      .whenAsked({ nowMs: 400 })
      .says(settled({ made: "1-2", stated: "1-2" }))
    given(ruled({ frames: "1-3", gaps: "skip" }), ...facts, hint("1-2", 50))
      .deadline(300 + QUIET)
      .whenAsked({ nowMs: 1e6 })
      .says(settled({ made: "1-2", missing: "3", stated: "1-3", gaps: "skip" }))
  })

  it("but never while a frame that arrived is unfinished", () => {
    given(workflow, ...facts, arrived(3, 420), hint(null, 430), hint("1-2", 440, { by: "otio" }))
      .deadline(null)
      .whenAsked({ nowMs: 1e12 })
      .says()
  })

  it("and never while stages before it lag behind the word", () => {
    given(workflow, ...facts, hint("1-2", 500))
      .whenAsked({ nowMs: 1e12, knownUntilMs: 499 })
      .says()
      .whenAsked({ nowMs: 1e12, knownUntilMs: 500 })
      .says(settled({ made: "1-2", stated: "1-2" }))
  })
})

describe("what is stated of a sequence", () => {
  it("does nothing to one that does not exist, and waits for it", () => {
    const [told = hint(null, 0), ...others] = [hint("1-2", 50), hint(null, 60, { by: "opencue" })]
    given(workflow, told, ...others)
      .deadline(null)
      .whenAsked({ nowMs: 1e9 })
      .says()
    given(workflow, told, ...others, ...facts)
      .whenAsked({ nowMs: 400 })
      .says(settled({ made: "1-2", stated: "1-2" }))
  })

  it("is what an object .ready says, else an OTIO file, else a hash list", () => {
    const lists = [hint("1-3", 50, { by: "mhl" }), hint("1-2", 51, { by: "otio" })]
    given(workflow, ...lists, ...facts)
      .whenAsked({ nowMs: 400 })
      .says(settled({ made: "1-2", stated: "1-2" }))
    given(workflow, ...lists, hint("1-4", 49), ...facts)
      .whenAsked({ nowMs: 1e6 })
      .says(settled({ made: "1-2", missing: "3-4", stated: "1-4" }))
  })

  it("is the last word of each, which may take back the frames of an earlier one", () => {
    given(workflow, hint("1-9", 50), hint("1-2", 60), ...facts)
      .whenAsked({ nowMs: 400 })
      .says(settled({ made: "1-2", stated: "1-2" }))
    given(workflow, hint("1-9", 50), hint(null, 60), ...facts)
      .whenAsked({ nowMs: 400 })
      .says(settled({ made: "1-2" }))
  })

  it("is taken back by its own object alone; then the last of the others counts", () => {
    const [one, other] = [hint("1-9", 50, { object: "a.ready" }), hint("1-2", 60, { object: ".ready" })]
    given(workflow, one, other, hint("", 70, { object: ".ready" }), ...facts)
      .whenAsked({ nowMs: 1e6 })
      .says(settled({ made: "1-2", missing: "3-9", stated: "1-9" }))
    given(workflow, one, other, hint("", 70, { object: "a.ready" }), ...facts)
      .whenAsked({ nowMs: 400 })
      .says(settled({ made: "1-2", stated: "1-2" }))
    given(workflow, hint(null, 450, { object: ".ready" }), hint("", 460, { object: ".ready" }), ...facts).deadline(
      300 + QUIET,
    )
  })

  it("is kept of so many objects as nobody has, the last of them", () => {
    const many = Array.from({ length: 500 }, (_, at) =>
      hint(`1-${at + 2}`, 500 + at, { object: `${at}.otio`, by: "otio" }),
    )
    const state = many.reduce(workflow.evolve, workflow.initial("s"))
    expect([state.statements.words.size, state.statements.frames?.length]).toEqual([100, 501])
  })

  it("is left out where it is no frames", () => {
    given(workflow, hint("all of them", 50), ...facts).deadline(300 + QUIET)
  })

  it("makes a new revision of a sequence that was settled without it", () => {
    given(workflow, ...facts)
      .whenAsked({ nowMs: 1e6 })
      .says(settled({ made: "1-2" }))
    const [before] = workflow.decide(facts.reduce(workflow.evolve, workflow.initial("s")), AT_END)
    const done: Told = { fact: { ...settled({}), revision: before?.revision ?? "", asOfMs: 300 }, atMs: 1e6 }
    given(workflow, ...facts, done, hint("1-3", 2e6))
      .whenAsked({ nowMs: 3e6 })
      .says(settled({ made: "1-2", missing: "3", stated: "1-3" }))
  })

  it("is the same however words and frames are shuffled and repeated", () => {
    const words = [hint("1-2", 50), hint(null, 60, { by: "opencue" }), hint("1-3", 70), hint("1-9", 80, { by: "otio" })]
    words.push(hint("1-4", 85, { object: "x.ready" }), hint("", 90, { object: "x.ready" }))
    const all = [...facts, ...words, told("failed", 3, { ms: 420 })]
    const outcomeOf = (some: readonly Told[]) => {
      const state = some.reduce(workflow.evolve, workflow.initial("s"))
      return [workflow.deadlineOf(state), workflow.decide(state, AT_END)]
    }
    const shuffled = fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })
    fc.assert(
      fc.property(shuffled, (some) => {
        expect(outcomeOf(some)).toEqual(outcomeOf(all))
      }),
    )
  })
})
