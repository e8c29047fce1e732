import { spaceNamed } from "../read/colour/spaces.ts"
import { childNamed, parseXml, type XmlElement } from "./xml.ts"

/** One look transform of an AMF file, in the order in which they are applied. */
export type AmfStep =
  | {
      readonly kind: "file"
      readonly reference: string
      /** Which correction of the file (ColorCorrectionRef); null for the only one. */
      readonly id: string | null
      /** That a CDL of the file works in. */
      readonly space: string
    }
  /** An ASC CDL as the text of a .cc file, and the space that it works in. */
  | { readonly kind: "cdl"; readonly text: string; readonly space: string }
  /** A transform of the Academy that OpenColorIO has built in. */
  | { readonly kind: "builtin"; readonly style: string }

/** What an ACES Metadata File says of pictures. */
type Amf = { readonly inputSpace: string | null; readonly steps: readonly AmfStep[] }

/** What is wrong with an AMF file, as the end of a sentence about it. */
type AmfProblem = { readonly problem: string }

/** The look transforms of the Academy that OpenColorIO has built in, in ACES2065-1. */
const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/GamutCompress/i, "ACES-LMT - ACES 1.3 Reference Gamut Compression"],
  [/BlueLightArtifactFix/i, "ACES-LMT - BLUE_LIGHT_ARTIFACT_FIX"],
]

/** Where an AMF does not say what space its CDL works in. */
const CDL_SPACE = "ACEScct"

/**
 * Reads an ACES Metadata File (S-2019-001), of version 1 or 2: the first pipeline's input transform and look transforms.
 * What is marked as applied is in the pictures already. Its output transform is not followed: outputs are shown in the view
 * of the settings.
 */
export function parseAmf(bytes: Uint8Array): Amf | AmfProblem {
  const root = parseXml(bytes)
  if ("problem" in root) return root
  const pipeline = root.name === "acesMetadataFile" ? childNamed(root, "pipeline") : undefined
  if (pipeline === undefined) return { problem: "is no ACES Metadata File with a pipeline" }
  const steps: AmfStep[] = []
  for (const transform of pipeline.children) {
    if (transform.name !== "lookTransform" || isApplied(transform)) continue
    const step = stepOf(transform)
    if ("problem" in step) return step
    steps.push(step)
  }
  return { inputSpace: inputSpaceOf(pipeline), steps }
}

/** The files that its look transforms name. */
export function amfReferences(bytes: Uint8Array): readonly string[] {
  const amf = parseAmf(bytes)
  return "problem" in amf ? [] : amf.steps.flatMap((step) => (step.kind === "file" ? [step.reference] : []))
}

const isApplied = ({ attributes }: XmlElement): boolean => ["true", "1"].includes(attributes.get("applied") ?? "")

const textIn = (element: XmlElement | undefined): string => element?.text.trim() ?? ""

function inputSpaceOf(pipeline: XmlElement): string | null {
  const input = childNamed(pipeline, "inputTransform")
  if (input === undefined || isApplied(input)) return null
  return spaceOfTransform(textIn(childNamed(input, "transformId")))
}

function stepOf(transform: XmlElement): AmfStep | AmfProblem {
  const reference = textIn(childNamed(transform, "file"))
  const correction = childNamed(transform, "ColorCorrectionRef")
  const isCdl = childNamed(transform, ...SOP, ...SAT) !== undefined
  if (reference !== "" || correction !== undefined || isCdl) {
    const space = workingSpaceOf(transform)
    if (space === null) return { problem: "has a CDL in a working space that is not known here" }
    if (isCdl) return cdlStep(transform, space)
    if (reference === "") return { problem: "refers to a ColorCorrection, but names no file that holds it" }
    return { kind: "file", reference: decoded(reference), id: correction?.attributes.get("ref") ?? null, space }
  }
  const id = textIn(childNamed(transform, "transformId"))
  const known = LOOKS.find(([pattern]) => pattern.test(id))
  if (known !== undefined) return { kind: "builtin", style: known[1] }
  return { problem: `has a look transform that is neither a CDL, nor a file, nor known here (${id.slice(0, 120)})` }
}

const SOP = ["SOPNode", "ASC_SOP"]
const SAT = ["SatNode", "SATNode", "ASC_SAT"]

/** A name is written as a URI: `show%20look.clf`. */
function decoded(reference: string): string {
  try {
    return decodeURIComponent(reference)
  } catch (error) {
    if (error instanceof URIError) return reference
    throw error
  }
}

function cdlStep(transform: XmlElement, space: string): AmfStep | AmfProblem {
  const [sop, sat] = [childNamed(transform, ...SOP), childNamed(transform, ...SAT)]
  const numbers = [
    numbersIn(sop, "Slope", 3) ?? [1, 1, 1],
    numbersIn(sop, "Offset", 3) ?? [0, 0, 0],
    numbersIn(sop, "Power", 3) ?? [1, 1, 1],
    numbersIn(sat, "Saturation", 1) ?? [1],
  ]
  if (numbers.flat().some((one) => !Number.isFinite(one))) return { problem: "has a CDL whose numbers are none" }
  return { kind: "cdl", text: correctionText(numbers), space }
}

/** The conversion to the space, or back from it, names it; both do in a whole file. */
function workingSpaceOf(transform: XmlElement): string | null {
  const stated = childNamed(transform, "cdlWorkingSpace")
  if (stated === undefined) return CDL_SPACE
  const way = childNamed(stated, "toCdlWorkingSpace") ?? childNamed(stated, "fromCdlWorkingSpace")
  return spaceOfTransform(textIn(way === undefined ? undefined : childNamed(way, "transformId")))
}

/** Null where the element is not there; NaN for what is no number, or for another count of them. */
function numbersIn(parent: XmlElement | undefined, name: string, count: number): readonly number[] | null {
  const element = parent === undefined ? undefined : childNamed(parent, name)
  if (element === undefined) return null
  const words = element.text.trim().split(/\s+/)
  return words.length === count ? words.map((word) => (word === "" ? Number.NaN : Number(word))) : [Number.NaN]
}

const correctionText = ([
  slope = [],
  offset = [],
  power = [],
  saturation = [],
]: readonly (readonly number[])[]): string =>
  `<ColorCorrection xmlns="urn:ASC:CDL:v1.2"><SOPNode><Slope>${slope.join(" ")}</Slope><Offset>${offset.join(" ")}</Offset>` +
  `<Power>${power.join(" ")}</Power></SOPNode><SatNode><Saturation>${saturation.join(" ")}</Saturation></SatNode></ColorCorrection>\n`

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
function spaceOfTransform(id: string): string | null {
  const name = id.slice(id.lastIndexOf(":") + 1)
  const found = SPACES.find(([pattern]) => pattern.test(name))?.[1]
  return found === undefined ? null : (spaceNamed(found)?.configSpace ?? null)
}
