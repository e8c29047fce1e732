import type { Colorspace } from "../../../events/records.generated.ts"
import type { HeaderOutcome } from "../header/bytes.ts"
import type { HeaderPart, PictureFormat, PictureHeader } from "../header/model.ts"
import { SPACES, type Space } from "./spaces.ts"

/** What a rule decides; look and config are added to every decision alike. */
export type Decision = Omit<Colorspace, "look" | "configHash">

/** What a rule found: a decision, or nothing, perhaps with a warning. */
export type Finding = { readonly decision: Decision | null; readonly warnings: readonly string[] }

export type RuleName =
  | "setting"
  | "object-metadata"
  | "interop-id"
  | "aces-container"
  | "chromaticities"
  | "file-name"
  | "dpx-transfer"
  | "tiff-samples"
  | "png-cicp"
  | "png-srgb"
  | "png-gamma"
  | "icc-profile"
  | "samples"
  | "data-pass"
  | "default"

export const nothing: Finding = { decision: null, warnings: [] }

export const warned = (warning: string): Finding => ({ decision: null, warnings: [warning] })

export const inSpace = ({ name, configSpace, encoding }: Space, rule: RuleName, evidence: string): Finding => ({
  decision: { name, configSpace, encoding, matrix: [], rule, evidence },
  warnings: [],
})

/** The space of the config under its own name, decided by `rule`; nothing where the config has no such space. */
export function inSpaceCalled(configSpace: string, rule: RuleName, evidence: string): Finding {
  const space = SPACES.find((one) => one.configSpace === configSpace)
  return space === undefined ? nothing : inSpace(space, rule, evidence)
}

type ByMatrix = {
  readonly name: string
  readonly matrix: readonly number[]
  readonly rule: RuleName
  readonly evidence: string
}

/** Scene-linear light that the matrix turns into linear Rec.709. */
export const byMatrix = ({ name, matrix, rule, evidence }: ByMatrix): Finding => ({
  decision: { name, configSpace: "lin_rec709", encoding: "scene-linear", matrix, rule, evidence },
  warnings: [],
})

/** What of a picture's header the colour rules look at. */
export type ColourSource = {
  readonly format: PictureFormat
  /** The shown part. */
  readonly part: HeaderPart
  /** The first part: chromaticities and the like are shared between the parts of an EXR. */
  readonly firstPart: HeaderPart
  /** The channels that are shown as R, G and B. */
  readonly channels: readonly string[]
  /** The ICC profile of a TIFF. */
  readonly iccBytes: Uint8Array | null
}

/** What the colour rules look at of a part whose `channels` are shown; a profile that could not be read is none. */
export const colourSource = (
  { format, parts }: PictureHeader,
  { part, channels }: Pick<ColourSource, "part" | "channels">,
  icc: HeaderOutcome<Uint8Array | null>,
): ColourSource => ({
  ...{ format, part, channels },
  firstPart: parts[0] ?? part,
  iccBytes: icc.kind === "read" ? icc.value : null,
})

/** Grey pictures show one channel three times: their primaries do not matter. */
export const isGrey = ({ channels }: ColourSource): boolean => new Set(channels).size === 1
