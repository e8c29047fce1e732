import { type Fields, isFields, type RuleScope, ruleList, scopeProblem } from "./rules.ts"
import type { Setting } from "./setting.ts"

/** A rule of which each key besides bucket and prefix says one thing; what is left out is not decided by it. */
export type SayingRule<Says> = RuleScope & { readonly says: Says; readonly written: Fields }

/** How what a rule says is read. */
type Sayings<Says> = {
  /** Reads what stands in the file, by key; undefined for what it must not be. */
  readonly parsers: { readonly [Key in keyof Required<Says>]: (raw: unknown) => Says[Key] | undefined }
  /** What it must be, by key, as the end of the sentence "rule 2 must have ...". */
  readonly mustBe: Readonly<Record<keyof Says, string>>
}

/** A list of rules that say at least one thing each. */
export function sayingRules<Says extends object>(
  declared: Pick<Setting<unknown>, "group" | "says">,
  { parsers, mustBe }: Sayings<Says>,
): Setting<readonly SayingRule<Says>[]> {
  const keys = Object.keys(parsers) as (keyof Says & string)[]
  const list = `${keys.slice(0, -1).join(", ")} or ${keys.at(-1)}`
  const named = (raw: Fields) => keys.filter((key) => raw[key] !== undefined)
  const problemOf = (raw: unknown): string | null => {
    if (!isFields(raw)) return `must be a mapping with prefix, and ${list}.`
    const outside = scopeProblem(raw, ["bucket", "prefix", ...keys])
    if (outside !== null) return outside
    if (raw.bucket !== undefined && (typeof raw.bucket !== "string" || raw.bucket.trim() === ""))
      return "must have text as its bucket."
    const bad = named(raw).find((key) => parsers[key](raw[key]) === undefined)
    if (bad !== undefined) return `must have ${mustBe[bad]}.`
    return named(raw).length === 0 ? `decides nothing: it needs ${list}.` : null
  }
  const ruleOf = (raw: Fields): SayingRule<Says> => {
    const says = Object.fromEntries(named(raw).map((key) => [key, parsers[key](raw[key])])) as Says
    const bucket = typeof raw.bucket === "string" ? raw.bucket : null
    return { bucket, prefix: String(raw.prefix), says: Object.freeze(says), written: raw }
  }
  const allowed = `a list of rules {bucket?, prefix, ${keys.map((key) => `${key}?`).join(", ")}}`
  return ruleList({ ...declared, allowed, problemOf, ruleOf, written: ({ written }) => written })
}
