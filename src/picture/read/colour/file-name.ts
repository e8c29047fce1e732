import { fileNameOf } from "../../../element/key.ts"
import { SPACES, type Space } from "./spaces.ts"

/** Camera encodings that file names carry as a word of their own. */
const TOKENS: readonly (readonly [word: RegExp, configSpace: string])[] = [
  [/^(alexa)?logc3?$/, "LogC3"],
  [/^logc4$/, "LogC4"],
  [/^(canon|c)-?log2$/, "CanonLog2"],
  [/^(canon|c)-?log3$/, "CanonLog3"],
  [/^s-?log3$/, "SLog3_SGamut3"],
  [/^v-?log$/, "VLog"],
  [/^log3g10$/, "Log3G10"],
  [/^acescct$/, "ACEScct"],
]
const CINE_WORD = /^(s-?gamut3-?)?cine$/

export type FileNameFinding = { readonly space: Space; readonly token: string }

/** The camera encoding that the last part of a key names, null when none. */
export function cameraToken(key: string): FileNameFinding | null {
  const fileName = fileNameOf(key).toLowerCase()
  const words = fileName.split(/[._\s]+/)
  const pieces = [...words, ...words.flatMap((word) => word.split("-"))]
  for (const token of pieces) {
    const found = TOKENS.find(([word]) => word.test(token))?.[1]
    if (found === undefined) continue
    const isCine = found === "SLog3_SGamut3" && pieces.some((piece) => CINE_WORD.test(piece))
    const space = SPACES.find(({ configSpace }) => configSpace === (isCine ? "SLog3_SGamut3Cine" : found))
    return space === undefined ? null : { space, token }
  }
  return null
}
