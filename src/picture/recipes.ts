import type { Reading } from "./model.ts"

/**
 * Numbers of the recipes, one series for all engines: whoever changes pictures, or the way of a kind of file through an
 * engine, gives that engine the next number that none has had, and says in {@link CHANGES} which pictures it changed. It
 * is part of every renderKey, so outputs become stale; those that the change did not touch are kept.
 */
export const RECIPES = {
  /** oiiotool and ffmpeg. */
  oiiotool: 5,
  /** Readers, pixels and encoders of our own. */
  inProcess: 6,
} as const

/** What one recipe changed since the one before it in the same engine. */
export type RecipeChange = {
  readonly before: number
  readonly after: number
  /** Whether a picture of which the header says this may look otherwise than before. In doubt it does. */
  readonly differs: (reading: Reading) => boolean
}

/** Names of channels that oiiotool was always given right: no sign and no number that its own language means. */
const PLAIN_NAME = /^[A-Za-z_][\w.]*$/

/**
 * Of finished pictures the thumbnail's highlights are no longer compressed, and codes of other spaces are converted; parts
 * of multi-part deep files were black; names with signs in them reached oiiotool as something else; data was shown as if it
 * were a picture. Which picture is shown, and in which space, is compared for itself.
 */
const sinceTheFirst = ({ selection, colorspace, pass }: Reading): boolean =>
  pass !== undefined ||
  colorspace.encoding === "display" ||
  (selection.deep && selection.partName !== null) ||
  selection.channels.some((name) => !PLAIN_NAME.test(name))

/**
 * Movies show the same picture in the same quality by a quicker preset, and state one reference in place of four and nothing
 * reordered.
 */
const movieHeads = (): boolean => false

/**
 * Of TIFFs stored turned, luminance and chroma were turned twice, and of tiled ones floats of 64 bits were read wrongly; a
 * Reading does not say which are.
 */
const movieHeadsAndTiffs = ({ selection: { format, orientation, tiled } }: Reading): boolean =>
  format === "tiff" && (orientation !== 1 || tiled)

export const CHANGES: readonly RecipeChange[] = [
  { before: 1, after: 3, differs: sinceTheFirst },
  { before: 2, after: 4, differs: sinceTheFirst },
  { before: 3, after: RECIPES.oiiotool, differs: movieHeads },
  { before: 4, after: RECIPES.inProcess, differs: movieHeadsAndTiffs },
]

/** Bundled OCIO configs of earlier recipes, by their hashes: later ones only added spaces to them. */
export const BUNDLED_BEFORE: ReadonlySet<string> = new Set(["7c6f4802b7f87ae1"])
