import { framesOfText, GAP_POLICIES, type GapPolicy, isFrameNumber } from "../element/frame-ranges.ts"
import type { Rational } from "../events/records.generated.ts"
import { ruleFor } from "./rules.ts"
import { type SayingRule, sayingRules } from "./saying-rules.ts"
import { frameRate, type Setting } from "./setting.ts"

// What is stated beforehand of the sequences of a bucket and prefix.

/** The frame that stands for a sequence. */
export type PosterRule = "first" | "middle" | "last" | number

/** What is left out is not decided by rule. */
export type StatedOfSequences = {
  /** Frames that there have to be, as ranges: `1001-1040,1045`. */
  readonly frames?: string
  /** Number of the first frame of every sequence. */
  readonly firstFrame?: number
  /** Where headers state none. */
  readonly rate?: Rational
  readonly poster?: PosterRule
  readonly gaps?: GapPolicy
  /** Name of the sound's file beside the frames; none for silent movies. */
  readonly sound?: string
}

export type StatedRule = SayingRule<StatedOfSequences>

const RATE = frameRate({ group: "sequences", env: null, says: "", default: { num: 24, den: 1 } })

const oneOf =
  <const T>(...values: readonly T[]) =>
  (raw: unknown): T | undefined =>
    values.find((value) => value === raw)

/** A name in the folder of the frames. */
const SOUND_FILE = /^(none|[^/]*\.wav)$/i

const PARSERS = {
  frames: (raw) => (typeof raw === "string" && framesOfText(raw) !== null ? raw : undefined),
  firstFrame: (raw) => (isFrameNumber(raw) ? raw : undefined),
  rate: (raw) => (typeof raw === "string" || typeof raw === "number" ? RATE.parse(raw) : undefined),
  poster: (raw) => (isFrameNumber(raw) ? raw : oneOf("first", "middle", "last")(raw)),
  gaps: oneOf(...GAP_POLICIES),
  sound: (raw) => (typeof raw === "string" && SOUND_FILE.test(raw) ? raw : undefined),
} as const satisfies { readonly [Key in keyof Required<StatedOfSequences>]: (raw: unknown) => StatedOfSequences[Key] }

const MUST_BE: Readonly<Record<keyof StatedOfSequences, string>> = {
  frames: "ranges of frames such as 1001-1040,1045 as its frames",
  firstFrame: "a whole number as its firstFrame",
  rate: `${RATE.allowed}, as its rate`,
  poster: "first, middle, last or the number of a frame as its poster",
  gaps: `${GAP_POLICIES.slice(0, -1).join(", ")} or ${GAP_POLICIES.at(-1)} as its gaps`,
  sound: "the name of a WAV file beside the frames, or none, as its sound",
}

/** A list of rules that state something of sequences. */
export const statedSequences = (declared: Pick<Setting<unknown>, "group" | "says">): Setting<readonly StatedRule[]> =>
  sayingRules<StatedOfSequences>(declared, { parsers: PARSERS, mustBe: MUST_BE })

/** What the first rule that applies to a key says of its sequence. */
export const statedOf = (rules: readonly StatedRule[], bucket: string, key: string): StatedOfSequences =>
  ruleFor(rules, bucket, key)?.says ?? {}
