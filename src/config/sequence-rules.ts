import { framePattern, type SequenceRule } from "../element/frame-name.ts"
import { type Fields, isFields, type RuleScope, ruleFor, ruleList, scopeProblem } from "./rules.ts"
import type { Setting } from "./setting.ts"

/** Which file names are frames of a sequence, in one bucket and below one prefix. */
export type SequenceScope = RuleScope & {
  /** As it is written: never, always, or a pattern. */
  readonly sequence: string
  readonly rule: SequenceRule
}

const KEYS = ["bucket", "prefix", "sequence"] as const

const isText = (value: unknown): value is string => typeof value === "string" && value !== ""

const sequenceRuleOf = (text: string): SequenceRule | null =>
  text === "never" || text === "always" || text === "usual" ? text : framePattern(text)

/** What is wrong with one rule, as the end of the sentence "rule 2 ..."; null when nothing is. */
function ruleProblem(raw: unknown): string | null {
  if (!isFields(raw)) return "must be a mapping with prefix and sequence."
  const outside = scopeProblem(raw, KEYS)
  if (outside !== null) return outside
  if (raw.bucket !== undefined && !isText(raw.bucket)) return "must have text as its bucket."
  return isText(raw.sequence) && sequenceRuleOf(raw.sequence) !== null
    ? null
    : "must have never, always, usual or a pattern with one number (beauty.####.exr, *_%04d.dpx) as its sequence."
}

const ruleOf = (raw: Fields): SequenceScope => {
  const sequence = String(raw.sequence)
  const bucket = isText(raw.bucket) ? raw.bucket : null
  return { bucket, prefix: String(raw.prefix), sequence, rule: sequenceRuleOf(sequence) ?? "usual" }
}

/** A list of rules of what is a sequence. */
export const sequenceRules = (declared: Pick<Setting<unknown>, "group" | "says">): Setting<readonly SequenceScope[]> =>
  ruleList({
    ...declared,
    allowed: "a list of rules {bucket?, prefix, sequence}",
    problemOf: ruleProblem,
    ruleOf,
    written: ({ bucket, prefix, sequence }) => ({ ...(bucket && { bucket }), prefix, sequence }),
  })

/** The first rule that applies to an object; the usual names where none does. */
export const sequenceRuleFor =
  (rules: readonly SequenceScope[]) =>
  ({ bucket, key }: { readonly bucket: string; readonly key: string }): SequenceRule =>
    ruleFor(rules, bucket, key)?.rule ?? "usual"
