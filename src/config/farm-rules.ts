import { FARMS, type Farm, type FarmName, type FarmPlace, type FarmWork, isFarm, PARTS } from "../element/farms.ts"
import { type Fields, isFields, type RuleScope, ruleList, scopeProblem } from "./rules.ts"
import type { Setting } from "./setting.ts"

// Where the frames of a farm's jobs are: names of jobs to a bucket and a prefix.

/** A text with gaps: `*` matches anything, `{name}` something that the prefix may name. */
type Pattern = readonly (string | { readonly takes: string | null })[]

export type FarmRule = RuleScope & {
  readonly bucket: string
  readonly by: Farm
  readonly patterns: Readonly<Partial<Record<FarmName, Pattern>>>
  readonly written: Fields
}

const PIECE = /\*|\{([A-Za-z]\w*)\}/g

/** Null where two gaps touch, or a brace is left over. */
function patternOf(text: string): Pattern | null {
  const pieces: Pattern[number][] = []
  let end = 0
  for (const found of text.matchAll(PIECE)) {
    if (found.index === end && end > 0) return null
    pieces.push(text.slice(end, found.index), { takes: found[1] ?? null })
    end = found.index + found[0].length
  }
  pieces.push(text.slice(end))
  return pieces.some((piece) => typeof piece === "string" && /[{}]/.test(piece)) ? null : pieces
}

/** What the gaps of a pattern took, each as little as it can; null where the text does not match. In linear time. */
function taken(pattern: Pattern, text: string): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>()
  const [first = "", ...rest] = pattern
  if (typeof first !== "string" || !text.startsWith(first)) return null
  if (rest.length === 0) return text === first ? found : null
  let at = first.length
  for (let index = 0; index < rest.length; index += 2) {
    const [gap, behind] = [rest[index], rest[index + 1]]
    if (typeof gap !== "object" || typeof behind !== "string") return null
    const least = at + (gap.takes === null ? 0 : 1)
    const isLast = index + 2 === rest.length
    const next = isLast ? text.length - behind.length : text.indexOf(behind, least)
    if (next < least || !text.startsWith(behind, next)) return null
    if (gap.takes !== null) found.set(gap.takes, text.slice(at, next))
    at = next + behind.length
  }
  return found
}

const namesIn = (pattern: Pattern): readonly string[] =>
  pattern.flatMap((piece) => (typeof piece === "string" || piece.takes === null ? [] : [piece.takes]))

const isText = (value: unknown): value is string => typeof value === "string" && value !== ""

/** What is wrong with one rule, as the end of the sentence "rule 2 ..."; null when nothing is. */
function ruleProblem(raw: unknown): string | null {
  if (!isFields(raw) || !isFarm(raw.by)) return `must be a mapping whose by is ${Object.keys(FARMS).join(" or ")}.`
  const names = FARMS[raw.by]
  if (!isText(raw.prefix)) return "needs a prefix that is not empty: no job is about a whole bucket."
  const outside = scopeProblem(raw, ["by", "bucket", "prefix", ...names])
  if (outside !== null) return outside
  if (!isText(raw.bucket)) return "needs the bucket of the frames."
  const given = names.filter((name) => raw[name] !== undefined)
  if (given.length === 0) return `says of no job: it needs ${names.slice(0, -1).join(", ")} or ${names.at(-1)}.`
  const bad = given.find((name) => !isText(raw[name]) || patternOf(raw[name]) === null)
  if (bad !== undefined) return `must have a text as its ${bad}, with something between any two of * and {name}.`
  return strangerProblem(raw.prefix, [
    ...names,
    ...given.flatMap((name) => namesIn(patternOf(String(raw[name])) ?? [])),
  ])
}

function strangerProblem(prefix: string, known: readonly string[]): string | null {
  const named = [...prefix.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name)
  const stranger = named.find((name) => !known.includes(name))
  return stranger === undefined ? null : `has a prefix that names {${stranger}}, which is none of ${known.join(", ")}.`
}

function ruleOf(raw: Fields): FarmRule {
  const by = isFarm(raw.by) ? raw.by : "opencue"
  const given = FARMS[by].filter((name) => raw[name] !== undefined)
  const patterns = Object.fromEntries(given.map((name) => [name, patternOf(String(raw[name])) ?? []]))
  return { by, bucket: String(raw.bucket), prefix: String(raw.prefix), patterns, written: raw }
}

/** A list of rules of where the frames of jobs are. */
export const farmRules = (declared: Pick<Setting<unknown>, "group" | "says">): Setting<readonly FarmRule[]> =>
  ruleList({
    ...declared,
    allowed: "a list of rules {by, show?, shot?, job?, layer?, farm?, queue?, step?, bucket, prefix}",
    problemOf: ruleProblem,
    ruleOf,
    written: ({ written }) => written,
  })

/** Where the first rule that matches says that the frames are; null when none does. */
export const farmPlaceFor =
  (rules: readonly FarmRule[]) =>
  (work: FarmWork): FarmPlace | null => {
    for (const rule of rules) {
      const values = rule.by === work.by ? valuesFor(rule, work) : null
      const prefix = values === null ? null : filled(rule.prefix, values)
      if (prefix !== null) return { bucket: rule.bucket, prefix }
    }
    return null
  }

/** What the prefix may name; null where the rule is about other jobs, or about a part and the work is not. */
function valuesFor({ patterns }: FarmRule, { names }: FarmWork): ReadonlyMap<string, string> | null {
  if (PARTS.some((part) => (patterns[part] === undefined) !== (names[part] === undefined))) return null
  const values = new Map(Object.entries(names))
  for (const name of Object.values(FARMS).flat()) {
    const pattern = patterns[name]
    if (pattern === undefined) continue
    const found = taken(pattern, names[name] ?? "")
    if (found === null) return null
    for (const [key, value] of found) values.set(key, value)
  }
  return values
}

/** No name leads out of the folder that a rule names: one with a slash, or a dot alone, maps to nothing. */
function filled(prefix: string, values: ReadonlyMap<string, string>): string | null {
  const named = [...prefix.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => values.get(name) ?? "")
  if (named.some((value) => value === "" || value === "." || value === ".." || value.includes("/"))) return null
  return prefix.replaceAll(/\{(\w+)\}/g, (_, name: string) => values.get(name) ?? "")
}
