import { readFile } from "node:fs/promises"
import type { RenderSettings } from "../../index.ts"
import { type OcioConfig, parseOcioConfig } from "../ocio-config.ts"
import { inputColour, type PicturePlan, planPicture } from "../plan.ts"
import { viewsOf } from "../views.ts"
import { type ReadingParts, reading, SETTINGS } from "./readings.ts"

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
