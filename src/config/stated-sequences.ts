import { framesOfText } from "../element/frame-ranges.ts"
import type { Rational } from "../events/records.generated.ts"
import { type Fields, isFields, type RuleScope, ruleFor, ruleList, scopeProblem } from "./rules.ts"
import { frameRate, type Setting } from "./setting.ts"

// What is stated beforehand of the sequences of a bucket and prefix.

/** The frame that stands for a sequence. */
export type PosterRule = "first" | "middle" | "last" | number

/** What a movie shows in the place of frames that are missing or failed. */
export const GAPS = ["hold", "black", "skip", "error"] as const

/** What is left out is not decided by rule. */
export type StatedOfSequences = {
  /** Frames that there have to be, as ranges: `1001-1040,1045`. */
  readonly frames?: string
  /** Number of the first frame of every sequence. */
  readonly firstFrame?: number
  /** Where headers state none. */
  readonly rate?: Rational
  readonly poster?: PosterRule
  readonly gaps?: (typeof GAPS)[number]
  /** Name of the sound's file beside the frames; none for silent movies. */
  readonly sound?: string
}

export type StatedRule = RuleScope & { readonly says: StatedOfSequences; readonly written: Fields }

const RATE = frameRate({ group: "sequences", env: null, says: "", default: { num: 24, den: 1 } })

const isFrame = (raw: unknown): raw is number => Number.isSafeInteger(raw)

const oneOf =
  <const T>(...values: readonly T[]) =>
  (raw: unknown): T | undefined =>
    values.find((value) => value === raw)

/** A name in the folder of the frames. */
const SOUND_FILE = /^(none|[^/]*\.wav)$/i

const PARSERS = {
  frames: (raw) => (typeof raw === "string" && framesOfText(raw) !== null ? raw : undefined),
  firstFrame: (raw) => (isFrame(raw) ? raw : undefined),
  rate: (raw) => (typeof raw === "string" || typeof raw === "number" ? RATE.parse(raw) : undefined),
  poster: (raw) => (isFrame(raw) ? raw : oneOf("first", "middle", "last")(raw)),
  gaps: oneOf(...GAPS),
  sound: (raw) => (typeof raw === "string" && SOUND_FILE.test(raw) ? raw : undefined),
} as const satisfies { readonly [Key in keyof Required<StatedOfSequences>]: (raw: unknown) => StatedOfSequences[Key] }

const DECIDES = Object.keys(PARSERS) as (keyof StatedOfSequences)[]

const MUST_BE: Readonly<Record<keyof StatedOfSequences, string>> = {
  frames: "ranges of frames such as 1001-1040,1045 as its frames",
  firstFrame: "a whole number as its firstFrame",
  rate: `${RATE.allowed}, as its rate`,
  poster: "first, middle, last or the number of a frame as its poster",
  gaps: `${GAPS.slice(0, -1).join(", ")} or ${GAPS.at(-1)} as its gaps`,
  sound: "the name of a WAV file beside the frames, or none, as its sound",
}

const LIST = `${DECIDES.slice(0, -1).join(", ")} or ${DECIDES.at(-1)}`

/** What is wrong with one rule, as the end of the sentence "rule 2 ..."; null when nothing is. */
function ruleProblem(raw: unknown): string | null {
  if (!isFields(raw)) return `must be a mapping with prefix, and ${LIST}.`
  const outside = scopeProblem(raw, ["bucket", "prefix", ...DECIDES])
  if (outside !== null) return outside
  if (raw.bucket !== undefined && (typeof raw.bucket !== "string" || raw.bucket === ""))
    return "must have text as its bucket."
  const named = DECIDES.filter((key) => raw[key] !== undefined)
  const bad = named.find((key) => PARSERS[key](raw[key]) === undefined)
  if (bad !== undefined) return `must have ${MUST_BE[bad]}.`
  return named.length === 0 ? `decides nothing: it needs ${LIST}.` : null
}

function ruleOf(raw: Fields): StatedRule {
  const said = DECIDES.filter((key) => raw[key] !== undefined).map((key) => [key, PARSERS[key](raw[key])])
  const bucket = typeof raw.bucket === "string" ? raw.bucket : null
  return { bucket, prefix: String(raw.prefix), says: Object.freeze(Object.fromEntries(said)), written: raw }
}

/** A list of rules that state something of sequences. */
export const statedSequences = (declared: Pick<Setting<unknown>, "group" | "says">): Setting<readonly StatedRule[]> =>
  ruleList({
    ...declared,
    allowed: `a list of rules {bucket?, prefix, ${DECIDES.map((key) => `${key}?`).join(", ")}}`,
    problemOf: ruleProblem,
    ruleOf,
    written: ({ written }) => written,
  })

/** What the first rule that applies to a key says of its sequence. */
export const statedOf = (rules: readonly StatedRule[], bucket: string, key: string): StatedOfSequences =>
  ruleFor(rules, bucket, key)?.says ?? {}
