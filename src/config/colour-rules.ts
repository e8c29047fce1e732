import { openSmallFiles } from "../picture/looks/files.ts"
import { LOOK_KEYS, type RuleLook, readRuleLook, ruleLookOf, ruleLookProblem } from "./rule-look.ts"
import { isFields, type RuleScope, rulesOf, rulesProblem, scopeProblem } from "./rules.ts"
import type { Setting } from "./setting.ts"

/** Colour of the objects of one bucket and prefix. */
export type ColourRule = RuleScope & {
  /** Space of the OCIO config that these sources are in; null to decide from the header. */
  readonly inputSpace: string | null
  /** View of their outputs; null for the setting `look`. */
  readonly look: string | null
  /** Look from a file, which comes before the view. */
  readonly lookFile?: RuleLook
}

const KEYS = ["bucket", "prefix", "inputSpace", "look", ...LOOK_KEYS] as const

const isText = (value: unknown): value is string => typeof value === "string" && value !== ""

/** What is wrong with one rule, as the end of the sentence "rule 2 ..."; null when nothing is. */
export function ruleProblem(raw: unknown): string | null {
  if (!isFields(raw)) return "must be a mapping with prefix, and inputSpace or look."
  const outside = scopeProblem(raw, KEYS)
  if (outside !== null) return outside
  const named = (["bucket", "inputSpace", "look", ...LOOK_KEYS] as const).filter((key) => raw[key] !== undefined)
  const bad = named.find((key) => !isText(raw[key]))
  if (bad !== undefined) return `must have text as its ${bad}.`
  if (raw.inputSpace === undefined && raw.look === undefined && LOOK_KEYS.every((key) => raw[key] === undefined))
    return "decides nothing: it needs inputSpace or look."
  return ruleLookProblem(raw)
}

function ruleOf(raw: unknown): ColourRule | undefined {
  if (ruleProblem(raw) !== null || !isFields(raw)) return undefined
  const textOr = (value: unknown): string | null => (isText(value) ? value : null)
  const lookFile = ruleLookOf(raw)
  return Object.freeze({
    bucket: textOr(raw.bucket),
    prefix: String(raw.prefix),
    inputSpace: textOr(raw.inputSpace),
    look: textOr(lookFile === undefined ? raw.look : raw.lookView),
    ...(lookFile && { lookFile }),
  })
}

type Located = { readonly value: readonly ColourRule[] } | { readonly problem: string }

/** The rules with their look files read; a problem names the rule and the file. */
function withLooks(rules: readonly ColourRule[], base: string): Located {
  const readFile = openSmallFiles()
  const read: ColourRule[] = []
  for (const [index, rule] of rules.entries()) {
    const lookFile = rule.lookFile === undefined ? undefined : readRuleLook(rule.lookFile, base, readFile)
    if (lookFile !== undefined && "problem" in lookFile)
      return { problem: `rule ${index + 1} is of no use. ${lookFile.problem}` }
    read.push(lookFile === undefined ? rule : Object.freeze({ ...rule, lookFile }))
  }
  return { value: Object.freeze(read) }
}

/** As it stands in the file. */
function written({ bucket, prefix, inputSpace, look, lookFile }: ColourRule): object {
  const { name, space, output, id } = lookFile?.request ?? { name: look, space: null, output: null, id: null }
  const lookView = lookFile === undefined ? null : look
  const all = { bucket, prefix, inputSpace, look: name, lookView, lookSpace: space, lookOutput: output, lookId: id }
  return Object.fromEntries(Object.entries(all).filter(([key, value]) => value !== null || BASIC.has(key)))
}

const BASIC: ReadonlySet<string> = new Set(["bucket", "prefix", "inputSpace", "look"])

/** A list of colour rules, which only the file can hold. */
export const colourRules = (
  declared: Pick<Setting<readonly ColourRule[]>, "group" | "says" | "env" | "flag" | "default">,
): Setting<readonly ColourRule[]> => ({
  ...declared,
  inFile: true,
  secret: false,
  allowed: "a list of rules {bucket?, prefix, inputSpace?, look?, lookView?, lookSpace?, lookOutput?, lookId?}",
  placeholder: "rules",
  parse: (raw) => rulesOf(raw, ruleOf),
  problem: (raw) => rulesProblem(raw, ruleProblem),
  show: (rules) => (rules.length === 0 ? "" : JSON.stringify(rules.map(written))),
  located: withLooks,
})
