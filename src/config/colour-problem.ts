import { type Failure, failure } from "../events/failure.ts"
import type { ColourNames } from "../picture/index.ts"
import type { ColourRule } from "./colour-rules.ts"
import { didYouMean } from "./nearest.ts"
import { isLookFile } from "./rule-look.ts"
import type { Config } from "./table.ts"

const ONLY_RULES = ' A look file is named by the look of a rule in colourRules (prefix: "" for all).'

/**
 * What is wrong with the colour spaces and looks that the settings name: the first that neither the OCIO config nor the
 * bundled one has, with the nearest name that there is; null when all are there. Said at the start: every frame of that
 * prefix would fail otherwise.
 */
export function colourProblem(
  { look, colourRules, ocioConfigPath }: Pick<Config, "look" | "colourRules" | "ocioConfigPath">,
  names: ColourNames,
): Failure | null {
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
