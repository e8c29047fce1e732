import type { PictureFormat } from "./model.ts"

/** Which format a file's ending promises. */
export const FORMAT_OF_ENDING: Readonly<Record<string, PictureFormat>> = {
  exr: "exr",
  dpx: "dpx",
  tif: "tiff",
  tiff: "tiff",
  png: "png",
  jpg: "jpeg",
  jpeg: "jpeg",
}

/** A name that every tool takes for a file of the format. */
export const fileNameFor = (format: string): string => `shown.${ENDING_FOR_TOOLS[format] ?? format}`

const ENDING_FOR_TOOLS: Readonly<Record<string, string>> = { tiff: "tif", jpeg: "jpg" }
