import { resolve } from "node:path"
import { type Failure, failure } from "../events/result.ts"
import type { ColourNames } from "../picture/index.ts"
import { lookFormatOf, openSmallFiles } from "../picture/looks/files.ts"
import type { ReadLook } from "../picture/looks/look.ts"
import { type LookRequest, readLook } from "../picture/looks/read-look.ts"
import { didYouMean } from "./nearest.ts"
import { type Fields, isFields, type RuleScope, ruleList, scopeProblem } from "./rules.ts"
import type { Setting } from "./setting.ts"

/** The look file of a rule: the request in the settings, and what was read from the file. */
export type RuleLook = { readonly request: LookRequest; readonly read: ReadLook | null }

/** Keys of a rule that qualify its look. */
const LOOK_KEYS = ["lookView", "lookSpace", "lookOutput", "lookId"] as const

/** Whether a rule's look is a file; else it is the name of a view. */
const isLookFile = (look: unknown): look is string => typeof look === "string" && lookFormatOf(look) !== null

/** What is wrong with what a rule says of its look, as the end of the sentence "rule 2 ..."; null when nothing is. */
function ruleLookProblem(raw: Fields): string | null {
  const said = LOOK_KEYS.filter((key) => raw[key] !== undefined)
  if (said.length === 0) return null
  if (!isLookFile(raw.look)) return `says ${said[0]}, but its look is no file (.cdl, .cc, .ccc, .cube, .clf or .amf).`
  const format = lookFormatOf(raw.look)
  const spaces = said.find((key) => key === "lookSpace" || key === "lookOutput")
  if (format === "amf" && spaces !== undefined) return `says ${spaces}, but an AMF file states its spaces itself.`
  return said.includes("lookId") && format !== "ccc" && format !== "cdl"
    ? "says lookId, but only .cdl and .ccc files hold several corrections."
    : null
}

const textOr = (value: unknown): string | null => (typeof value === "string" ? value : null)

/** The look file that a rule asks for; undefined where its look is a view, or none. */
const ruleLookOf = ({ look, lookSpace, lookOutput, lookId }: Fields): RuleLook | undefined =>
  isLookFile(look)
    ? {
        request: { name: look, space: textOr(lookSpace), output: textOr(lookOutput), id: textOr(lookId) },
        read: null,
      }
    : undefined

type ReadFile = Parameters<typeof readLook>[2]

/** Reads a rule's look file, from the folder of the file of settings. The problem is a whole sentence. */
function readRuleLook({ request }: RuleLook, base: string, read: ReadFile): RuleLook | { readonly problem: string } {
  const path = resolve(base, request.name)
  const outcome = readLook(path, request, read)
  return "problem" in outcome
    ? { problem: `The look file ${path} ${outcome.problem}.` }
    : { request, read: Object.freeze(outcome.read) }
}

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
function ruleProblem(raw: unknown): string | null {
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

function ruleOf(raw: Fields): ColourRule {
  const lookFile = ruleLookOf(raw)
  return {
    bucket: textOr(raw.bucket),
    prefix: String(raw.prefix),
    inputSpace: textOr(raw.inputSpace),
    look: textOr(lookFile === undefined ? raw.look : raw.lookView),
    ...(lookFile && { lookFile }),
  }
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

/** The rule as it stands in the settings file. */
function written({ bucket, prefix, inputSpace, look, lookFile }: ColourRule): object {
  const { name, space, output, id } = lookFile?.request ?? { name: look, space: null, output: null, id: null }
  const lookView = lookFile === undefined ? null : look
  const all = { bucket, prefix, inputSpace, look: name, lookView, lookSpace: space, lookOutput: output, lookId: id }
  return Object.fromEntries(Object.entries(all).filter(([key, value]) => value !== null || BASIC.has(key)))
}

const BASIC: ReadonlySet<string> = new Set(["bucket", "prefix", "inputSpace", "look"])

/** A list of colour rules. */
export const colourRules = (declared: Pick<Setting<unknown>, "group" | "says">): Setting<readonly ColourRule[]> => ({
  ...ruleList({
    ...declared,
    allowed: "a list of rules {bucket?, prefix, inputSpace?, look?, lookView?, lookSpace?, lookOutput?, lookId?}",
    problemOf: ruleProblem,
    ruleOf,
    written,
  }),
  located: withLooks,
})

const ONLY_RULES = ' A look file is named by the look of a rule in colourRules (prefix: "" for all).'

/** Settings that name colour spaces and looks. */
type NamedColours = {
  readonly look: string
  readonly colourRules: readonly ColourRule[]
  readonly ocioConfigPath: string | null
}

/**
 * What is wrong with the colour spaces and looks that the settings name: the first that neither the OCIO config nor the
 * bundled one has, with the nearest name that there is; null when all are there. Said at the start: every frame of that
 * prefix would fail otherwise.
 */
export function colourProblem({ look, colourRules, ocioConfigPath }: NamedColours, names: ColourNames): Failure | null {
  const where = ocioConfigPath === null ? "the bundled OCIO config" : `the OCIO config ${ocioConfigPath}`
  const noLook = (from: string, name: string): Failure =>
    failure(
      "config/invalid",
      `${from} names the look "${name}", which ${where} lacks.${isLookFile(name) ? ONLY_RULES : didYouMean(name, names.looks)}`,
    )
  if (!names.hasLook(look)) return noLook("The setting look (OIIO_LOOK)", look)
  for (const [index, rule] of colourRules.entries()) {
    const from = `Rule ${index + 1} of colourRules`
    if (rule.look !== null && !names.hasLook(rule.look)) return noLook(from, rule.look)
    const missing = spacesOf(rule).find(({ space }) => space !== null && !names.hasSpace(space))
    if (missing?.space)
      return failure(
        "config/invalid",
        `${from} names the ${missing.what} "${missing.space}", which ${where} lacks.${didYouMean(missing.space, names.spaces)}`,
      )
  }
  return null
}

const spacesOf = ({ inputSpace, lookFile }: ColourRule): readonly { what: string; space: string | null }[] => [
  { what: "input space", space: inputSpace },
  { what: "space of its look (lookSpace)", space: lookFile?.request.space ?? null },
  { what: "space that its look gives (lookOutput)", space: lookFile?.request.output ?? null },
]
