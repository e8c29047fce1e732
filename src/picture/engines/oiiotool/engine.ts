import type { Result } from "../../../events/result.ts"
import type { PictureEngine } from "../../index.ts"
import { RECIPES } from "../../recipes.ts"
import { type EngineOptions, openEngine } from "../engine.ts"
import { whatIsMissing } from "../setup.ts"
import { oiiotoolFrames } from "./frames.ts"

/**
 * The engine on oiiotool and ffmpeg: one oiiotool process and one ffmpeg process a frame.
 * Fails: config/invalid when the OCIO config cannot be read or is none.
 */
export const openOiiotoolEngine = (options: EngineOptions = {}): Promise<Result<PictureEngine>> =>
  openEngine(options, (base) => ({
    recipe: RECIPES.oiiotool,
    ownReaders: false,
    frames: oiiotoolFrames(base),
    missing: () => whatIsMissing(base.setup),
  }))
