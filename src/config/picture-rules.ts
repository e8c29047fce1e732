import type { PictureChoice } from "../picture/index.ts"
import { ruleFor } from "./rules.ts"
import { type SayingRule, sayingRules } from "./saying-rules.ts"
import type { Setting } from "./setting.ts"

// Which picture of a file is shown, by bucket and prefix.

/** What is shown of the objects of one bucket and prefix. */
export type PictureRule = SayingRule<PictureChoice>

const isText = (value: unknown): value is string =>
  typeof value === "string" && value.trim() !== "" && !/[\0\n]/.test(value)

/** A part's index from 0, or its name. */
export function partOf(raw: unknown): number | string | undefined {
  if (typeof raw === "string" && /^\d{1,6}$/.test(raw)) return Number(raw)
  if (typeof raw === "number") return Number.isInteger(raw) && raw >= 0 ? raw : undefined
  return isText(raw) ? raw : undefined
}

/** Two different numbers: what is shown as black, and what as white. */
export function dataRangeOf(raw: unknown): readonly [number, number] | undefined {
  const given: readonly unknown[] = typeof raw === "string" ? raw.split(",") : Array.isArray(raw) ? raw : []
  const isNumber = (one: unknown): boolean => typeof one === "number" || (typeof one === "string" && one.trim() !== "")
  const [black = Number.NaN, white = Number.NaN] = given.filter(isNumber).map(Number)
  const isRange = given.length === 2 && Number.isFinite(black) && Number.isFinite(white) && black !== white
  return isRange ? Object.freeze([black, white] as const) : undefined
}

/** One channel, or more; text with commas between them, or a list for names that hold some. */
export function channelsOf(raw: unknown): readonly string[] | undefined {
  const given: readonly unknown[] = typeof raw === "string" ? raw.split(",") : Array.isArray(raw) ? raw : []
  const names = given.flatMap((one) => (isText(one) ? [one.trim()] : []))
  return names.length === given.length && names.length > 0 ? Object.freeze(names) : undefined
}

const textOf = (raw: unknown): string | undefined => (isText(raw) ? raw : undefined)

const trueOf = (raw: unknown): true | undefined => (raw === true ? true : undefined)

const PARSERS = {
  part: partOf,
  view: textOf,
  layer: textOf,
  channels: channelsOf,
  dataRange: dataRangeOf,
  asColour: trueOf,
} as const

const MUST_BE: Readonly<Record<keyof PictureChoice, string>> = {
  part: "a whole number from 0, or the name of a part, as its part",
  view: "text as its view",
  layer: "text as its layer",
  channels: "names as its channels",
  dataRange: "two different numbers as its dataRange",
  asColour: "true as its asColour",
}

/** A list of rules of what is shown. */
export const pictureRules = (declared: Pick<Setting<unknown>, "group" | "says">): Setting<readonly PictureRule[]> =>
  sayingRules<PictureChoice>(declared, { parsers: PARSERS, mustBe: MUST_BE })

type ChoiceSettings = {
  readonly [Key in Exclude<keyof PictureChoice, "asColour">]: NonNullable<PictureChoice[Key]> | null
} & {
  readonly asColour: boolean
  readonly pictureRules: readonly PictureRule[]
}

/**
 * What is to be shown of an object: the first rule that applies to it, over the settings for all; null where neither says
 * anything, so that nothing of it is part of a renderKey.
 */
export function choiceFor(chosen: ChoiceSettings, bucket: string, key: string): PictureChoice | null {
  const rule = ruleFor(chosen.pictureRules, bucket, key)
  const names = Object.keys(PARSERS) as (keyof PictureChoice)[]
  const given = names
    .map((name) => [name, chosen[name] === false ? null : chosen[name]] as const)
    .filter(([, value]) => value !== null)
  const choice: PictureChoice = { ...Object.fromEntries(given), ...rule?.says }
  return Object.keys(choice).length === 0 ? null : choice
}
