import { done, type Result } from "../../events/result.ts"
import { openEarlierOutputsCheck } from "../earlier-outputs.ts"
import type { PictureEngine } from "../index.ts"
import { decideReading } from "../read/decide-reading.ts"
import { DEFAULT_LIMITS, type HeaderLimits } from "../read/header/limits.ts"
import { readLocalHeader } from "../read/local-file.ts"
import { RECIPES } from "../recipes.ts"
import { openRenderer } from "./oiiotool/renderer.ts"
import type { SetupOptions } from "./setup.ts"

export type EngineOptions = SetupOptions & {
  /** What a header may ask for before any decoder starts. */
  readonly headerLimits?: HeaderLimits
}

/**
 * The engine on oiiotool and ffmpeg: header readers of our own, one oiiotool process and one ffmpeg process a frame.
 * Fails: config/invalid when the OCIO config cannot be read or is none.
 */
export async function openRecipeEngine(options: EngineOptions = {}): Promise<Result<PictureEngine>> {
  const limits = options.headerLimits ?? DEFAULT_LIMITS
  const renderer = await openRenderer(options, limits)
  if (!renderer.ok) return renderer
  const { configHash, isBundled, ...rendering } = renderer.value
  const recipe = RECIPES.oiiotool
  return done({
    ...rendering,
    configHash,
    recipe,
    earlierOutputsHold: openEarlierOutputsCheck({ recipe, configHash, isBundled, limits, ownReaders: false }),
    read: (request) =>
      readLocalHeader(request.sourceFile, (file) => decideReading(file, { ...request, configHash, limits }), limits),
  })
}
