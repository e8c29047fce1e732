import { ICC_ATTRIBUTE } from "../header/icc-profile.ts"
import { attributeNamed, type HeaderPart } from "../header/model.ts"
import {
  byMatrix,
  type ColourSource,
  type Decision,
  type Finding,
  inSpace,
  inSpaceCalled,
  isGrey,
  type RuleName,
} from "./decision.ts"
import { type IccLight, type IccProfile, readIcc } from "./icc.ts"
import { SPACES } from "./spaces.ts"
import { ICC_SPACE, ICC_TABLES, isLinear, namedSpace, neutral } from "./stated-light.ts"

/** What the formats do not share in telling colours from samples and their ICC profile. */
type SampleRules = {
  /** How a sentence calls the file. */
  readonly what: string
  readonly isCmyk: boolean
  /** Whether littleCMS converts the samples by the profile's tables. */
  readonly isByTables: (icc: IccProfile) => boolean
  readonly rules: { readonly ofProfile: RuleName; readonly ofSamples: RuleName }
  /** Ends the evidence of a file that has no profile. */
  readonly withoutProfile: string
  /** What a picture is said to be shown as where its profile cannot be followed. */
  readonly shownAs: string
  /** Whether a warning names tables that were not followed. */
  readonly warnsOfTables: boolean
}

/** The ICC profile where there is one that can be followed; else what such samples usually are. */
export function bySamples(source: ColourSource, kind: SampleRules): Finding {
  const { what, rules } = kind
  const { part } = source
  const says = `The ${what} has ${part.channels[0]?.pixelType ?? "no"} samples`
  if (attributeNamed(part, ICC_ATTRIBUTE) === undefined) return unstated(`${says}${kind.withoutProfile}`)
  const icc = source.iccBytes === null ? null : readIcc(source.iccBytes)
  if (icc === null) return lost("cannot be read")
  if (kind.isByTables(icc)) return byTables(icc, rules.ofProfile, says)
  const light = lightFor(source, icc, kind.isCmyk)
  if (typeof light === "string") return lost(`${called(icc)} ${light}`.trim())
  const evidence = `${says} and an ICC profile${called(icc)}`
  const found = byLight({ light, name: nameOfProfile(icc), rule: rules.ofProfile, evidence })
  const tables = `The ${what}'s ICC profile${called(icc)} holds tables, too, which were not followed: its curves and primaries were.`
  return kind.warnsOfTables && icc.hasTables ? { ...found, warnings: [...found.warnings, tables] } : found

  function lost(why: string): Finding {
    const warning = `The ${what}'s ICC profile ${why}; the picture is shown as ${kind.shownAs}.`
    return { ...unstated(`${says} and no ICC profile that can be followed`), warnings: [warning] }
  }

  function unstated(evidence: string): Finding {
    const [configSpace, means] = isFloat(part) ? ["lin_rec709", "scene-linear"] : ["srgb_tx", "sRGB"]
    return inSpaceCalled(configSpace, rules.ofSamples, `${evidence}: ${means}.`)
  }
}

export const isFloat = ({ channels }: HeaderPart): boolean => channels[0]?.pixelType.startsWith("float") === true

/** What the profile says of such samples, or why it says nothing. */
function lightFor(source: ColourSource, { model, light }: IccProfile, isCmyk: boolean): IccLight | string {
  const fitting = isCmyk ? ["CMYK"] : isGrey(source) ? ["GRAY", "RGB"] : ["RGB"]
  if (!fitting.includes(model)) return `is one for ${model || "nothing"}, which the samples are not`
  if (light === null) return isCmyk ? "of CMYK is not followed" : "has no usable curves and primaries"
  return isGrey(source) ? neutral(light) : light
}

const called = ({ description }: IccProfile): string => (description === "" ? "" : ` (${description})`)

const nameOfProfile = ({ description }: IccProfile): string =>
  description === "" ? "icc" : `icc:${description.slice(0, 80)}`

/** Curves and primaries, however a file states them. `evidence` begins a sentence that "with the curve ..." goes on. */
export type StatedLight = {
  readonly light: IccLight
  readonly name: string
  readonly rule: RuleName
  readonly evidence: string
}

/** The named space of the same colours where there is one; else a matrix for light, and a space of its own for codes. */
export function byLight({ light, name, rule, evidence }: StatedLight): Finding {
  const space = SPACES.find(({ configSpace }) => configSpace === namedSpace(light))
  if (space !== undefined) return inSpace(space, rule, `${evidence} with the curve and primaries of ${space.name}.`)
  if (isLinear(light)) {
    const says = `${evidence} that is linear, with primaries of no named space: a matrix was computed from them.`
    return byMatrix({ name, matrix: light.matrix, rule, evidence: says })
  }
  const decision: Decision = {
    name,
    configSpace: ICC_SPACE,
    encoding: "display",
    matrix: [],
    rule,
    evidence: `${evidence}, whose curves and primaries were followed.`,
  }
  return { decision, warnings: [] }
}

/** The tables of a profile are littleCMS's to follow. */
const byTables = (icc: IccProfile, rule: RuleName, says: string): Finding => ({
  decision: {
    name: nameOfProfile(icc),
    configSpace: ICC_TABLES,
    encoding: "display",
    matrix: [],
    rule,
    evidence: `${says} and an ICC profile${called(icc)}, whose tables littleCMS followed.`,
  },
  warnings: [],
})
