import { didYouMean } from "./nearest.ts"
import type { Setting } from "./setting.ts"

/** The objects that a rule of the settings file applies to. */
export type RuleScope = {
  /** Bucket that it applies to; null for every bucket. */
  readonly bucket: string | null
  /** Key prefix, case-sensitive; empty matches all keys. A folder's ends with a slash. */
  readonly prefix: string
}

/** A mapping, as it stands in the file. */
export type Fields = Readonly<Record<string, unknown>>

export const isFields = (raw: unknown): raw is Fields => typeof raw === "object" && raw !== null && !Array.isArray(raw)

/** What is wrong with a rule's keys or prefix, as the end of the sentence "rule 2 ..."; null when nothing is. */
export function scopeProblem(raw: Fields, keys: readonly string[]): string | null {
  const stranger = Object.keys(raw).find((key) => !keys.includes(key))
  if (stranger !== undefined) return `has an unknown key "${stranger}".${didYouMean(stranger, keys)}`
  if (typeof raw.prefix !== "string") return 'needs a prefix ("" for every key).'
  return raw.prefix.startsWith("/") ? "has a prefix with a leading slash; keys have none." : null
}

/** How the rules of one setting are checked, read and shown. */
type RuleKind<Rule> = Pick<Setting<readonly Rule[]>, "group" | "says" | "allowed"> & {
  /** What is wrong with one rule, as the end of the sentence "rule 2 ..."; null when nothing is. */
  readonly problemOf: (raw: unknown) => string | null
  /** Reads a rule that `problemOf` accepts. */
  readonly ruleOf: (raw: Fields) => Rule
  /** The rule as it stands in the file. */
  readonly written: (rule: Rule) => object
}

/** A setting that is a list of rules, empty by default, which only the file can hold. */
export const ruleList = <Rule extends RuleScope>({
  problemOf,
  ruleOf,
  written,
  ...declared
}: RuleKind<Rule>): Setting<readonly Rule[]> => ({
  ...declared,
  env: null,
  flag: null,
  inFile: true,
  secret: false,
  default: Object.freeze<Rule[]>([]),
  placeholder: "rules",
  parse: (raw) =>
    Array.isArray(raw) && raw.every((one) => problemOf(one) === null)
      ? Object.freeze(raw.map((one) => Object.freeze(ruleOf(one))))
      : undefined,
  problem: (raw) => {
    const problems = Array.isArray(raw) ? raw.map(problemOf) : []
    const index = problems.findIndex((problem) => problem !== null)
    return index < 0 ? null : `rule ${index + 1} ${problems[index]}`
  },
  show: (rules) => (rules.length === 0 ? "" : JSON.stringify(rules.map(written))),
})

/** The first rule that applies to an object, null when none does. */
export const ruleFor = <Rule extends RuleScope>(rules: readonly Rule[], bucket: string, key: string): Rule | null =>
  rules.find((rule) => (rule.bucket === null || rule.bucket === bucket) && key.startsWith(rule.prefix)) ?? null
