import type { Colorspace } from "../../../events/records.generated.ts"
import type { Space } from "./spaces.ts"

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
