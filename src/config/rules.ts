import { didYouMean } from "./nearest.ts"

/** The objects that a rule of the settings file holds for. */
export type RuleScope = {
  /** Bucket it holds for; null for all. */
  readonly bucket: string | null
  /** Start of the keys it holds for, compared letter by letter: end a folder's with a slash. Empty for all. */
  readonly prefix: string
}

type Fields = Record<string, unknown>

export const isFields = (raw: unknown): raw is Fields => typeof raw === "object" && raw !== null && !Array.isArray(raw)

/** What is wrong with a rule's keys or prefix, as the end of the sentence "rule 2 ..."; null when nothing is. */
export function scopeProblem(raw: Fields, keys: readonly string[]): string | null {
  const stranger = Object.keys(raw).find((key) => !keys.includes(key))
  if (stranger !== undefined) return `has an unknown key "${stranger}".${didYouMean(stranger, keys)}`
  if (typeof raw.prefix !== "string") return 'needs a prefix ("" for every key).'
  return raw.prefix.startsWith("/") ? "has a prefix with a leading slash; keys have none." : null
}

/** A list of rules; undefined where one of them is wrong. */
export function rulesOf<Rule extends object>(
  raw: unknown,
  ruleOf: (raw: unknown) => Rule | undefined,
): readonly Rule[] | undefined {
  if (!Array.isArray(raw)) return undefined
  const rules = raw.map(ruleOf)
  return rules.every((rule) => rule !== undefined) ? Object.freeze(rules) : undefined
}

/** What is wrong with the first rule of a list that is wrong; null when none is. */
export function rulesProblem(raw: unknown, ruleProblem: (raw: unknown) => string | null): string | null {
  if (!Array.isArray(raw)) return null
  const problems = raw.map(ruleProblem)
  const index = problems.findIndex((problem) => problem !== null)
  return index < 0 ? null : `rule ${index + 1} ${problems[index]}`
}

/** The first rule that holds for an object, null when none does. */
export const ruleFor = <Rule extends RuleScope>(rules: readonly Rule[], bucket: string, key: string): Rule | null =>
  rules.find((rule) => (rule.bucket === null || rule.bucket === bucket) && key.startsWith(rule.prefix)) ?? null
