/** Deciding which colour space a picture is in, by rules for each format, with the evidence. */

import { fileNameOf } from "../../../element/key.ts"
import type { Colorspace } from "../../../events/records.generated.ts"
import { concerns } from "../../looks/apply.ts"
import type { LookFile } from "../../looks/look.ts"
import type { ColourSettings, DataPass } from "../../model.ts"
import { numberNamed, type PictureFormat, textNamed } from "../header/model.ts"
import { type ColourSource, type Decision, type Finding, inSpace, nothing, warned } from "./decision.ts"
import {
  acesContainer,
  chromaticities,
  cinemaCodes,
  cineonLog,
  dpxTransfer,
  interopId,
  isCmyk,
  pngChunks,
  radiancePrimaries,
  stillSamples,
  tiffSamples,
  xyzChannels,
} from "./format-rules.ts"
import { labSamples } from "./lab.ts"
import { foreignSpace, SPACES, type Space, spaceNamed } from "./spaces.ts"
import { ICC_TABLES } from "./stated-light.ts"

type ColourQuestion = {
  readonly source: ColourSource
  readonly key: string
  /** Space that the object's metadata or tags state. */
  readonly statedSpace: string | null
  readonly colour: ColourSettings
  /** First 16 hex digits of the OCIO config's sha256. */
  readonly configHash: string
}

type ColourRule = (question: ColourQuestion) => Finding

const ofSource =
  (rule: (source: ColourSource) => Finding): ColourRule =>
  ({ source }) =>
    rule(source)

/** The rules in their order: the first that decides wins. What the file says goes before what its name says. */
const RULES: Readonly<Record<PictureFormat, readonly ColourRule[]>> = {
  exr: [setting, metadata, ...[acesContainer, interopId, xyzChannels, chromaticities].map(ofSource), fileName],
  dpx: [setting, metadata, fileName, ofSource(dpxTransfer)],
  tiff: [ofSource(labSamples), setting, metadata, fileName, ofSource(tiffSamples)],
  png: [setting, metadata, fileName, ofSource(pngChunks), ofSource(stillSamples)],
  jpeg: [setting, metadata, fileName, ofSource(stillSamples)],
  targa: [setting, metadata, fileName, ofSource(stillSamples)],
  webp: [setting, metadata, fileName, ofSource(stillSamples)],
  cineon: [setting, metadata, fileName, ofSource(cineonLog)],
  radiance: [setting, metadata, ofSource(radiancePrimaries)],
  jpeg2000: [setting, metadata, fileName, ofSource(cinemaCodes), ofSource(stillSamples)],
  psd: [setting, metadata, fileName, ofSource(stillSamples)],
}

/**
 * The colour space of a picture, deterministic, with the rule that decided and its evidence. Never a guess of the
 * library's: those change between versions. Without any statement an EXR has Rec.709 primaries, as its specification says.
 */
export function decideColour(question: ColourQuestion): {
  readonly colorspace: Colorspace
  readonly warnings: readonly string[]
} {
  const warnings: string[] = []
  for (const rule of RULES[question.source.format]) {
    const finding = rule(question)
    warnings.push(...finding.warnings)
    if (finding.decision !== null) return decided(finding.decision, question, warnings)
  }
  return decided(DEFAULT, question, warnings)
}

const decided = (decision: Decision, question: ColourQuestion, warnings: readonly string[]) => ({
  colorspace: colorspace(decision, question),
  warnings: [...warnings, ...contradicted(decision, question.source), ...approximate(decision, question.source)],
})

/**
 * OpenImageIO's own `oiio:ColorSpace` is what that library took the pixels for in memory, and older versions called every
 * EXR linear: it decides nothing, but where it says something else, somebody may want to know.
 */
function contradicted({ name }: Decision, { format, part, firstPart }: ColourSource): readonly string[] {
  const said = textNamed(part, "oiio:ColorSpace") ?? textNamed(firstPart, "oiio:ColorSpace")
  if (format !== "exr" || said === null || said === "" || spaceNamed(said)?.name === name) return []
  const quoted = JSON.stringify(said.slice(0, 100))
  return [`The header's oiio:ColorSpace ${quoted} is no statement of colour and was not followed.`]
}

/** Without a profile the decoder makes R, G, B of inks by arithmetic. */
function approximate({ configSpace }: Decision, { format, part }: ColourSource): readonly string[] {
  const isCmykTiff = format === "tiff" && numberNamed(part, "PhotometricInterpretation") === 5
  if (!(isCmykTiff || isCmyk(part)) || configSpace === ICC_TABLES) return []
  return ["CMYK is converted without a profile: the colours are approximate."]
}

const DEFAULT: Decision = {
  name: "lin_rec709",
  configSpace: "lin_rec709",
  encoding: "scene-linear",
  matrix: [],
  rule: "default",
  evidence: "The header states no usable colour space: an EXR without chromaticities has Rec.709 primaries.",
}

const colorspace = (decision: Decision, { colour, configHash }: ColourQuestion): Colorspace => ({
  ...decision,
  evidence: [decision.evidence, ...lookSays(colour.lookFile, decision)].join(" "),
  look: colour.look,
  configHash,
})

/** Which look file comes before the view, by its name and the hash of its bytes. */
function lookSays(look: LookFile | undefined, decision: Decision): readonly string[] {
  if (look === undefined) return []
  const file = `The look file ${JSON.stringify(look.name)} (SHA-256 ${look.sha256})`
  if (look.problem !== undefined) return [`${file} ${look.problem}.`]
  if (!concerns(look, decision)) return [`${file} is not applied: ${look.steps.length === 0 ? NOTHING : FINISHED}`]
  const ways = look.steps.map(({ space, output }) => (space === output ? `in ${space}` : `from ${space} to ${output}`))
  return [`${file} is applied ${ways.join(", then ")}.`]
}

const NOTHING = "all that it holds was applied already."
const FINISHED = "the source is a finished picture or data, and the look works on a scene (lookSpace)."

function setting({ colour: { inputSpace } }: ColourQuestion): Finding {
  if (inputSpace === null) return nothing
  const says = `The settings prescribe ${JSON.stringify(inputSpace)} for this object.`
  return inSpace(spaceNamed(inputSpace) ?? foreignSpace(inputSpace), "setting", says)
}

/** Metadata is anybody's: only names that are ours are followed. */
function metadata({ statedSpace }: ColourQuestion): Finding {
  if (statedSpace === null) return nothing
  const space = spaceNamed(statedSpace)
  const said = JSON.stringify(statedSpace.slice(0, 100))
  if (space === undefined) return warned(`The object's metadata states the colour space ${said}, which is not known.`)
  return inSpace(space, "object-metadata", `The object's own metadata states ${said}.`)
}

function fileName({ colour, key }: ColourQuestion): Finding {
  const found = colour.cameraTokens ? cameraToken(key) : null
  if (found === null) return nothing
  return inSpace(found.space, "file-name", `The file name carries the camera token ${found.token}.`)
}

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

type FileNameFinding = { readonly space: Space; readonly token: string }

/** The camera encoding that the last part of a key names, null when none. */
function cameraToken(key: string): FileNameFinding | null {
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

/**
 * The colour space of a pass of data: none. Its values become code values of the outputs, which no view and no curve
 * touches, whatever the header or a setting says of the file's colours.
 */
export const dataColour = (
  { channels }: DataPass,
  { look, configHash }: Pick<Colorspace, "look" | "configHash">,
): Colorspace => ({
  name: "data",
  configSpace: "data",
  encoding: "display",
  matrix: [],
  rule: "data-pass",
  evidence: `${channels.join(", ")} ${channels.length === 1 ? "is" : "are"} data, not colour: no view is applied.`,
  look,
  configHash,
})
