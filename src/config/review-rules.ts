import type { ReviewTexts } from "../picture/index.ts"
import { ruleFor } from "./rules.ts"
import { type SayingRule, sayingRules } from "./saying-rules.ts"
import type { Setting } from "./setting.ts"

// Which movies have a review copy, and what is written over it.

/** What is left out is not decided by rule. */
type ReviewSays = Partial<ReviewTexts> & {
  readonly review?: boolean
  readonly handles?: number
  readonly shotFolder?: number
}

export type ReviewRule = SayingRule<ReviewSays>

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

const isWhole = (raw: unknown, least: number, most: number): raw is number =>
  Number.isSafeInteger(raw) && Number(raw) >= least && Number(raw) <= most

const namesIn = (text: string): readonly string[] => [...text.matchAll(/\{(\w*)\}/g)].map(([, name = ""]) => name)

const textOf = (raw: unknown): string | undefined =>
  typeof raw === "string" && raw.length <= LONGEST_TEXT && namesIn(raw).every((name) => NAMES.includes(name))
    ? raw
    : undefined

const PARSERS = {
  review: (raw) => (typeof raw === "boolean" ? raw : undefined),
  handles: (raw) => (isWhole(raw, 0, MOST_HANDLES) ? raw : undefined),
  shotFolder: (raw) => (isWhole(raw, -MOST_FOLDERS, MOST_FOLDERS) && raw !== 0 ? raw : undefined),
  topLeft: textOf,
  topCenter: textOf,
  topRight: textOf,
  bottomLeft: textOf,
  bottomCenter: textOf,
  bottomRight: textOf,
} as const satisfies { readonly [Key in keyof Required<ReviewSays>]: (raw: unknown) => ReviewSays[Key] }

const A_TEXT = `a text that names in braces only ${NAMES.join(", ")}`

const MUST_BE: Readonly<Record<keyof ReviewSays, string>> = {
  review: "true or false, as its review",
  handles: `a whole number from 0 to ${MOST_HANDLES}, as its handles`,
  shotFolder: "the number of a folder of the key: 1 for the first, -1 for the last, as its shotFolder",
  topLeft: `${A_TEXT}, as its topLeft`,
  topCenter: `${A_TEXT}, as its topCenter`,
  topRight: `${A_TEXT}, as its topRight`,
  bottomLeft: `${A_TEXT}, as its bottomLeft`,
  bottomCenter: `${A_TEXT}, as its bottomCenter`,
  bottomRight: `${A_TEXT}, as its bottomRight`,
}

/** A list of rules of what review copies there are, and what is written over them. */
export const reviewRules = (declared: Pick<Setting<unknown>, "group" | "says">): Setting<readonly ReviewRule[]> =>
  sayingRules<ReviewSays>(declared, { parsers: PARSERS, mustBe: MUST_BE })

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
