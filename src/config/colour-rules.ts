import { didYouMean } from "./nearest.ts"
import type { Setting } from "./setting.ts"

/** Colour of the objects of one bucket and prefix. */
export type ColourRule = {
  /** Bucket it holds for; null for all. */
  readonly bucket: string | null
  /** Start of the keys it holds for, compared letter by letter: end a folder's with a slash. Empty for all. */
  readonly prefix: string
  /** Space of the OCIO config that these sources are in; null to decide from the header. */
  readonly inputSpace: string | null
  /** View of their outputs; null for the setting `look`. */
  readonly look: string | null
}

const KEYS = ["bucket", "prefix", "inputSpace", "look"] as const

const isText = (value: unknown): value is string => typeof value === "string" && value !== ""

const isFields = (raw: unknown): raw is Record<string, unknown> =>
  typeof raw === "object" && raw !== null && !Array.isArray(raw)

/** What is wrong with one rule, as the end of the sentence "rule 2 ..."; null when nothing is. */
export function ruleProblem(raw: unknown): string | null {
  if (!isFields(raw)) return "must be a mapping with prefix, and inputSpace or look."
  const stranger = Object.keys(raw).find((key) => !KEYS.some((known) => known === key))
  if (stranger !== undefined) return `has an unknown key "${stranger}".${didYouMean(stranger, KEYS)}`
  if (typeof raw.prefix !== "string") return 'needs a prefix ("" for every key).'
  if (raw.prefix.startsWith("/")) return "has a prefix with a leading slash; keys have none."
  const named = (["bucket", "inputSpace", "look"] as const).filter((key) => raw[key] !== undefined)
  const bad = named.find((key) => !isText(raw[key]))
  if (bad !== undefined) return `must have text as its ${bad}.`
  return raw.inputSpace === undefined && raw.look === undefined ? "decides nothing: it needs inputSpace or look." : null
}

function ruleOf(raw: unknown): ColourRule | undefined {
  if (ruleProblem(raw) !== null || !isFields(raw)) return undefined
  const textOr = (value: unknown): string | null => (isText(value) ? value : null)
  return Object.freeze({
    bucket: textOr(raw.bucket),
    prefix: String(raw.prefix),
    inputSpace: textOr(raw.inputSpace),
    look: textOr(raw.look),
  })
}

function rulesOf(raw: unknown): readonly ColourRule[] | undefined {
  if (!Array.isArray(raw)) return undefined
  const rules = raw.map(ruleOf)
  return rules.every((rule) => rule !== undefined) ? Object.freeze(rules) : undefined
}

function rulesProblem(raw: unknown): string | null {
  if (!Array.isArray(raw)) return null
  const problems = raw.map(ruleProblem)
  const index = problems.findIndex((problem) => problem !== null)
  return index < 0 ? null : `rule ${index + 1} ${problems[index]}`
}

/** A list of colour rules, which only the file can hold. */
export const colourRules = (
  declared: Pick<Setting<readonly ColourRule[]>, "group" | "says" | "env" | "flag" | "default">,
): Setting<readonly ColourRule[]> => ({
  ...declared,
  inFile: true,
  secret: false,
  allowed: "a list of rules {bucket?, prefix, inputSpace?, look?}",
  placeholder: "rules",
  parse: rulesOf,
  problem: rulesProblem,
  show: (rules) => (rules.length === 0 ? "" : JSON.stringify(rules)),
})

/** The first rule that holds for an object, null when none does. */
export const ruleFor = (rules: readonly ColourRule[], bucket: string, key: string): ColourRule | null =>
  rules.find((rule) => (rule.bucket === null || rule.bucket === bucket) && key.startsWith(rule.prefix)) ?? null
