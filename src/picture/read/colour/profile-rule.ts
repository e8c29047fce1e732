import { byMatrix, type Decision, type Finding, inSpace, type RuleName } from "./decision.ts"
import type { IccLight, IccProfile } from "./icc.ts"
import { SPACES } from "./spaces.ts"
import { ICC_SPACE, ICC_TABLES, isLinear, namedSpace } from "./stated-light.ts"

export const called = ({ description }: IccProfile): string => (description === "" ? "" : ` (${description})`)

export const nameOfProfile = ({ description }: IccProfile): string =>
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
export const byTables = (icc: IccProfile, rule: RuleName, says: string): Finding => ({
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
