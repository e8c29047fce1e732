import type { ReviewTexts } from "../picture/index.ts"
import { type Fields, isFields, type RuleScope, ruleFor, ruleList, scopeProblem } from "./rules.ts"
import type { Setting } from "./setting.ts"

// Which movies have a review copy, and what is written over it.

/** What is left out is not decided by rule. */
type ReviewSays = Partial<ReviewTexts> & {
  readonly review?: boolean
  readonly handles?: number
  readonly shotFolder?: number
}

export type ReviewRule = RuleScope & { readonly says: ReviewSays; readonly written: Fields }

/** What a text may name in braces. */
const NAMES = ["shot", "version", "name", "folder", "bucket", "frame", "timecode", "date"]

/** Where texts stand, and what stands there unless a rule says otherwise. */
const TEXTS: ReviewTexts = {
  topLeft: "{shot}",
  topCenter: "{name}",
  topRight: "{version}",
  bottomLeft: "{timecode}",
  bottomCenter: "{date}",
  bottomRight: "{frame}",
}

const MOST_HANDLES = 1000
const MOST_FOLDERS = 100
const LONGEST_TEXT = 200

const isWhole = (raw: unknown, least: number, most: number): boolean =>
  Number.isSafeInteger(raw) && Number(raw) >= least && Number(raw) <= most

const namesIn = (text: string): readonly string[] => [...text.matchAll(/\{(\w*)\}/g)].map(([, name = ""]) => name)

const isText = (raw: unknown): boolean =>
  typeof raw === "string" && raw.length <= LONGEST_TEXT && namesIn(raw).every((name) => NAMES.includes(name))

type Check = { readonly holds: (raw: unknown) => boolean; readonly mustBe: string }

const TEXT: Check = { holds: isText, mustBe: `a text that names in braces only ${NAMES.join(", ")}` }

const CHECKS: Readonly<Record<keyof Required<ReviewSays>, Check>> = {
  review: { holds: (raw) => typeof raw === "boolean", mustBe: "true or false" },
  handles: { holds: (raw) => isWhole(raw, 0, MOST_HANDLES), mustBe: `a whole number from 0 to ${MOST_HANDLES}` },
  shotFolder: {
    holds: (raw) => isWhole(raw, -MOST_FOLDERS, MOST_FOLDERS) && raw !== 0,
    mustBe: "the number of a folder of the key: 1 for the first, -1 for the last",
  },
  topLeft: TEXT,
  topCenter: TEXT,
  topRight: TEXT,
  bottomLeft: TEXT,
  bottomCenter: TEXT,
  bottomRight: TEXT,
}

const DECIDES = Object.keys(CHECKS) as (keyof ReviewSays)[]
const LIST = `${DECIDES.slice(0, -1).join(", ")} or ${DECIDES.at(-1)}`

/** What is wrong with one rule, as the end of the sentence "rule 2 ..."; null when nothing is. */
function ruleProblem(raw: unknown): string | null {
  if (!isFields(raw)) return `must be a mapping with prefix, and ${LIST}.`
  const outside = scopeProblem(raw, ["bucket", "prefix", ...DECIDES])
  if (outside !== null) return outside
  if (raw.bucket !== undefined && (typeof raw.bucket !== "string" || raw.bucket === ""))
    return "must have text as its bucket."
  const named = DECIDES.filter((key) => raw[key] !== undefined)
  const bad = named.find((key) => !CHECKS[key].holds(raw[key]))
  if (bad !== undefined) return `must have ${CHECKS[bad].mustBe}, as its ${bad}.`
  return named.length === 0 ? `decides nothing: it needs ${LIST}.` : null
}

function ruleOf(raw: Fields): ReviewRule {
  const says = Object.fromEntries(DECIDES.filter((key) => raw[key] !== undefined).map((key) => [key, raw[key]]))
  const bucket = typeof raw.bucket === "string" ? raw.bucket : null
  return { bucket, prefix: String(raw.prefix), says: Object.freeze(says), written: raw }
}

/** A list of rules of what review copies there are, and what is written over them. */
export const reviewRules = (declared: Pick<Setting<unknown>, "group" | "says">): Setting<readonly ReviewRule[]> =>
  ruleList({
    ...declared,
    allowed: `a list of rules {bucket?, prefix, ${DECIDES.map((key) => `${key}?`).join(", ")}}`,
    problemOf: ruleProblem,
    ruleOf,
    written: ({ written }) => written,
  })

type ReviewSettings = {
  readonly review: boolean
  readonly reviewCrf: number
  readonly reviewRules: readonly ReviewRule[]
  readonly proxyPreset: string
}

/** Whether there is a movie that may have a review copy. */
export const asksForReviews = ({ review, reviewRules }: ReviewSettings): boolean =>
  review || reviewRules.some(({ says }) => says.review === true)

/** What the review copy of a sequence is to be, called by what its frames' names share; null where it has none. */
export function reviewFor(
  { review, reviewCrf, reviewRules, proxyPreset }: ReviewSettings,
  bucket: string,
  key: string,
) {
  const {
    review: isAsked = review,
    handles = 0,
    shotFolder = null,
    ...texts
  } = ruleFor(reviewRules, bucket, key)?.says ?? {}
  if (!isAsked) return null
  return { handles, shotFolder, texts: { ...TEXTS, ...texts }, crf: reviewCrf, preset: proxyPreset }
}
