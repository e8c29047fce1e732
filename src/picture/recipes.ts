/**
 * Numbers of the recipes, one series for all engines: whoever changes pictures, or the way of a kind of file through an
 * engine, gives that engine the next number that none has had. It is part of every renderKey, so outputs become stale.
 */
export const RECIPES = {
  /** oiiotool and ffmpeg. */
  oiiotool: 3,
  /** Readers and pixels of our own. */
  inProcess: 4,
} as const
