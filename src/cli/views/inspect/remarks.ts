import type { Colorspace } from "../../../events/records.generated.ts"
import { boxHeight, boxWidth, type HeaderPart, type PictureHeader } from "../../../picture/read/header/model.ts"

/** Compressions that every reader in use knows and that lose nothing worth a word. */
const COMMON: ReadonlySet<string> = new Set(["none", "rle", "zips", "zip", "piz", "dwaa", "dwab", "lzw", "packbits"])

const LOSSY: ReadonlySet<string> = new Set(["pxr24", "b44", "b44a", "jpeg", "ojpeg"])

/** What is unusual about a header besides what reading it already warned of, and about the part that is shown; a sentence each. */
export const remarks = ({ parts }: PictureHeader, shown: HeaderPart): readonly string[] => [
  ...windowRemark(shown),
  ...aspectRemark(shown),
  ...new Set(parts.flatMap(compressionRemark)),
]

/** Chromaticities that only a matrix of their own can follow. */
export const colourRemark = ({ rule, matrix }: Colorspace): readonly string[] =>
  rule === "chromaticities" && matrix.length > 0 ? ["The chromaticities are odd: they are of no named space."] : []

function windowRemark({ dataWindow: data, displayWindow: display }: HeaderPart): readonly string[] {
  const beyond = [
    [display.xMin - data.xMin, "left"],
    [data.xMax - display.xMax, "right"],
    [display.yMin - data.yMin, "top"],
    [data.yMax - display.yMax, "bottom"],
  ] as const
  const told = beyond.filter(([pixels]) => pixels > 0).map(([pixels, side]) => `${pixels} px ${side}`)
  if (told.length > 0) return [`Data reaches beyond the display window (${told.join(", ")}): that is not shown.`]
  const share = (boxWidth(data) * boxHeight(data)) / (boxWidth(display) * boxHeight(display))
  return share < 1 ? [`Data covers ${percent(share)} of the display window; the rest is black.`] : []
}

const percent = (share: number): string => (share < 0.01 ? "less than 1%" : `${Math.floor(share * 100)}%`)

function compressionRemark({ compression }: HeaderPart): readonly string[] {
  if (COMMON.has(compression)) return []
  const loses = LOSSY.has(compression) ? " and loses precision" : ""
  return [`The compression ${compression} is uncommon${loses}.`]
}

const aspectRemark = ({ pixelAspect }: HeaderPart): readonly string[] =>
  pixelAspect === 1 ? [] : [`Pixels are not square: the pixel aspect ratio is ${pixelAspect}.`]
