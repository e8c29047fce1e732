import { readFile } from "node:fs/promises"
import type { Box, Colorspace, Selection } from "../../../events/records.generated.ts"
import type { Reading, RenderSettings } from "../../model.ts"
import { type OcioConfig, viewsOf } from "../ocio-config.ts"
import { parseOcioConfig } from "../ocio-text.ts"
import { inputColour, type PicturePlan, planPicture } from "../plan.ts"

/** Settings of the contract: 256x256, 1920x1080, quality 85, CRF 23. */
export const SETTINGS: RenderSettings = {
  colour: { inputSpace: null, look: "un-tone-mapped", cameraTokens: false },
  thumbnailEdgePx: 256,
  thumbnailQuality: 85,
  proxyWidthPx: 1920,
  proxyHeightPx: 1080,
  proxyCrf: 23,
  proxyPreset: "veryfast",
  stillHoldFrames: 1,
  defaultFrameRate: { num: 24, den: 1 },
}

export const boxOf = (width: number, height: number): Box => ({ xMin: 0, yMin: 0, xMax: width - 1, yMax: height - 1 })

const SELECTION: Selection = {
  format: "exr",
  compression: "zip",
  part: 0,
  partName: null,
  view: null,
  layer: null,
  channels: ["R", "G", "B"],
  reason: "The file's only colour channels.",
  deep: false,
  tiled: false,
  displayWindow: boxOf(1920, 1080),
  dataWindow: boxOf(1920, 1080),
  pixelAspect: 1,
  orientation: 1,
  frameRate: null,
  timecode: null,
}

const COLORSPACE: Colorspace = {
  name: "lin_rec709",
  configSpace: "lin_rec709",
  encoding: "scene-linear",
  matrix: [],
  rule: "default",
  evidence: "No chromaticities: Rec.709 primaries.",
  look: "un-tone-mapped",
  configHash: "0123456789abcdef",
}

export type ReadingParts = { readonly selection?: Partial<Selection>; readonly colorspace?: Partial<Colorspace> }

/** A reading made by hand: a plain linear HD EXR, but for the parts given. */
export const reading = ({ selection, colorspace }: ReadingParts = {}): Reading => ({
  selection: { ...SELECTION, ...selection },
  colorspace: { ...COLORSPACE, ...colorspace },
  warnings: [],
})

const PATH = new URL("../../proxy.ocio", import.meta.url).pathname

/** The bundled config under a short path. */
export const bundledConfig = async (): Promise<OcioConfig> => {
  const config = parseOcioConfig("proxy.ocio", await readFile(PATH, "utf8"))
  if (config === null) throw new Error("The bundled config cannot be parsed.")
  return config
}

export type PlanOptions = ReadingParts & { readonly settings?: Partial<RenderSettings>; readonly config?: OcioConfig }

/** The plan of a reading made by hand. */
export async function planOf(options: PlanOptions = {}): Promise<PicturePlan> {
  const bundled = await bundledConfig()
  const [made, settings] = [reading(options), { ...SETTINGS, ...options.settings }]
  const views = viewsOf(made.colorspace.look, options.config ?? bundled)
  if (views === null) throw new Error("The config has no such look.")
  const input = inputColour(made.colorspace, views, bundled)
  return planPicture(made, settings, { views, look: null, input })
}
