import type { RulesOfSequence, SequencerPolicy } from "../sequencer.ts"

/** How tests settle sequences. */
export const sequencerPolicy = (quietMs: number, rules: Partial<RulesOfSequence> = {}): SequencerPolicy => ({
  quietMs,
  rulesFor: () => ({ gaps: "hold", frames: null, firstFrame: null, rate: { num: 24, den: 1 }, ...rules }),
})
