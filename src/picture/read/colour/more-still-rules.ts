import { numberNamed, numbersNamed } from "../header/model.ts"
import { chromaticitiesOf, meaningOf } from "./chromaticities.ts"
import { byMatrix, type Finding, inSpace, nothing, type RuleName } from "./decision.ts"
import type { ColourSource } from "./source.ts"
import { SPACES } from "./spaces.ts"

function named(configSpace: string, rule: RuleName, evidence: string): Finding {
  const space = SPACES.find((one) => one.configSpace === configSpace)
  return space === undefined ? nothing : inSpace(space, rule, evidence)
}

/** The format is one for printing density of film, and has no other. */
export const cineonLog = (): Finding =>
  named("KodakLog", "samples", "A Cineon file holds printing density: Cineon log.")

/** PRIMARIES where there are any that can be followed; else those of Rec.709, as the world's Radiance pictures are meant. */
export function radiancePrimaries({ part }: ColourSource): Finding {
  const numbers = numbersNamed(part, "PRIMARIES")
  const found = chromaticitiesOf(numbers)
  const rec709 = named("lin_rec709", "samples", "The Radiance picture holds light and states no primaries: Rec.709.")
  if (numbers.length === 0) return rec709
  const meaning = found === null ? null : meaningOf(found)
  const says = `The Radiance picture states its primaries (${numbers.slice(0, 8).join(" ")})`
  if (meaning === null || meaning.is === "invalid")
    return { ...rec709, warnings: [`${says}, which cannot be followed; it is shown with those of Rec.709.`] }
  if (meaning.is === "space") return named(meaning.configSpace, "chromaticities", `${says}: ${meaning.configSpace}.`)
  return byMatrix({ name: meaning.name, matrix: meaning.matrix, rule: "chromaticities", evidence: `${says}.` })
}

/** Profiles of ISO/IEC 15444-1 for digital cinema, whose code values are X'Y'Z' by SMPTE ST 428-1. */
const CINEMA: ReadonlySet<number> = new Set([3, 4, 5, 6])

export function cinemaCodes({ part }: ColourSource): Finding {
  const profile = numberNamed(part, "profile")
  if (profile === null || !CINEMA.has(profile) || part.channels.length !== 3) return nothing
  return named("g26_xyzd65", "samples", `The codestream is of a profile for digital cinema (${profile}): X'Y'Z'.`)
}
