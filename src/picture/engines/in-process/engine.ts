import type { Result } from "../../../events/result.ts"
import { onceEach } from "../../../system/recent-map.ts"
import { libvipsVersion } from "../../encode/jpeg.ts"
import type { PictureEngine } from "../../index.ts"
import type { Scratch } from "../../model.ts"
import { RECIPES } from "../../recipes.ts"
import { openScratch, scratchPlaces } from "../../scratch.ts"
import { type EngineOptions, openEngine } from "../engine.ts"
import { whatIsMissing } from "../setup.ts"
import { inProcessFrames } from "./frames.ts"
import { openLutCache } from "./lut-cache.ts"

export type InProcessOptions = EngineOptions & {
  /** Room for what oiiotool converts, asked for at the first need; absent for {@link scratchPlaces}' default. */
  readonly scratch?: () => Promise<Scratch>
  /** Folder where looks that are tables outlive the process; null or absent to bake them anew in each. */
  readonly looksFolder?: string | null
}

/**
 * The engine of readers, pixels and encoders of our own, which work in render processes; ffmpeg for movies and sharp for
 * stills where there is no native library, oiiotool for what we do not read. Fails: config/invalid when the OCIO config cannot be read or is none.
 */
export const openInProcessEngine = (options: InProcessOptions = {}): Promise<Result<PictureEngine>> =>
  openEngine(options, (base) => ({
    recipe: RECIPES.inProcess,
    ownReaders: true,
    frames: inProcessFrames({
      ...base,
      luts: openLutCache({ configHash: base.setup.configHash, folder: options.looksFolder ?? null }),
      spaces: onceEach(),
      scratch: options.scratch ?? once(() => openScratch(scratchPlaces(null))),
    }),
    async missing() {
      const tools = await whatIsMissing(base.setup)
      // Loading sharp takes a tenth of a second and 20 MB, for nothing where the library writes stills.
      const libvips = base.hasLibrary ? null : await libvipsVersion()
      return libvips?.ok === false ? [...tools, libvips.failure] : tools
    },
  }))

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}
