import type { Result } from "../../../events/result.ts"
import type { PictureEngine } from "../../index.ts"
import type { EngineOptions } from "../engine.ts"
import { openInProcessEngine } from "../in-process/engine.ts"
import { openOiiotoolEngine } from "../oiiotool/engine.ts"

/** The engines that keep the port's promises. */
export const ENGINE_NAMES = ["oiiotool", "in-process"] as const
export type EngineName = (typeof ENGINE_NAMES)[number]

export const openNamedEngine = (name: EngineName, options: EngineOptions = {}): Promise<Result<PictureEngine>> =>
  name === "oiiotool" ? openOiiotoolEngine(options) : openInProcessEngine({ threads: 2, ...options })
