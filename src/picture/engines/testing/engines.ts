import type { Result } from "../../../events/result.ts"
import type { PictureEngine } from "../../index.ts"
import { openInProcessEngine } from "../in-process/engine.ts"
import { type EngineOptions, openRecipeEngine } from "../recipe.ts"

/** The engines that keep the port's promises. */
export const ENGINE_NAMES = ["oiiotool", "in-process"] as const
export type EngineName = (typeof ENGINE_NAMES)[number]

export const openNamedEngine = (name: EngineName, options: EngineOptions = {}): Promise<Result<PictureEngine>> =>
  name === "oiiotool" ? openRecipeEngine(options) : openInProcessEngine({ threads: 2, ...options })
