import { type Failure, failure } from "../events/failure.ts"
import type { ColourNames } from "../picture/index.ts"
import { didYouMean } from "./nearest.ts"
import type { Config } from "./table.ts"

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
    failure("config/invalid", `${from} names the look "${name}", which ${where} lacks.${didYouMean(name, names.looks)}`)
  if (!names.hasLook(look)) return noLook("The setting look (OIIO_LOOK)", look)
  for (const [index, rule] of colourRules.entries()) {
    const from = `Rule ${index + 1} of colourRules`
    if (rule.look !== null && !names.hasLook(rule.look)) return noLook(from, rule.look)
    const space = rule.inputSpace
    if (space !== null && !names.hasSpace(space))
      return failure(
        "config/invalid",
        `${from} names the input space "${space}", which ${where} lacks.${didYouMean(space, names.spaces)}`,
      )
  }
  return null
}
