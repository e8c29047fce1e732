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
  tga: "targa",
  webp: "webp",
  cin: "cineon",
  hdr: "radiance",
  rgbe: "radiance",
  jp2: "jpeg2000",
  j2k: "jpeg2000",
  j2c: "jpeg2000",
  psd: "psd",
  psb: "psd",
}

/** A name that every tool takes for a file of the format. */
export const fileNameFor = (format: string): string => `shown.${ENDING_FOR_TOOLS[format] ?? format}`

const ENDING_FOR_TOOLS: Readonly<Record<string, string>> = {
  tiff: "tif",
  jpeg: "jpg",
  targa: "tga",
  cineon: "cin",
  radiance: "hdr",
  jpeg2000: "jp2",
}
