import { spaceNamed } from "../read/colour/spaces.ts"

/**
 * Names of spaces inside the Academy's transform ids, of versions 1.5 (`IDT.ARRI.Alexa-v3-logC-EI800.a1.v2`,
 * `ACEScsc.Academy.ACEScct_to_ACES.a1.0.3`) and 2.0 (`CSC.Arri.LogC4_to_ACES.a2.v1`). The first that matches counts.
 */
const SPACES: readonly (readonly [RegExp, string])[] = [
  [/ACEScct/, "ACEScct"],
  [/ACEScc(?![a-z])/, "ACEScc"],
  [/ACEScg/, "ACEScg"],
  [/ADX10/, "ADX10"],
  [/ADX16/, "ADX16"],
  [/LogC4/i, "LogC4"],
  [/LogC3|LogC[-_]?EI800/i, "LogC3"],
  [/Venice_?SLog3_?SGamut3_?Cine/i, "SLog3_SGamut3CineVenice"],
  [/Venice_?SLog3_?SGamut3/i, "SLog3_SGamut3Venice"],
  [/SLog3_?SGamut3_?Cine/i, "SLog3_SGamut3Cine"],
  [/SLog3_?SGamut3/i, "SLog3_SGamut3"],
  [/VLog_?VGamut/i, "VLog"],
  [/Log3G10_?(RWG|REDWideGamut)/i, "Log3G10"],
  [/CLog2_?CGamut/i, "CanonLog2"],
  [/CLog3_?CGamut/i, "CanonLog3"],
  [/BMDFilm_?WideGamut_?Gen5/i, "BMDFilmGen5"],
  [/DaVinci_?Intermediate/i, "DaVinciIntermediate"],
  [/DLog_?DGamut/i, "DLog"],
  [/AppleLog_?BT2020/i, "AppleLog"],
  [/Unity/i, "ACES2065-1"],
]

/** The space on the other side of a transform to or from ACES2065-1; null for one that is not known here. */
export function spaceOfTransform(id: string): string | null {
  const name = id.slice(id.lastIndexOf(":") + 1)
  const found = SPACES.find(([pattern]) => pattern.test(name))?.[1]
  return found === undefined ? null : (spaceNamed(found)?.configSpace ?? null)
}
