import type { Selection } from "../../events/records.generated.ts"
import type { Result } from "../../events/result.ts"
import type { HeaderPart, PictureHeader } from "../read/header/model.ts"
import { isLuminanceChroma, isOwnExr } from "../read/select/exr.ts"
import { dpxReaderProblem } from "../samples/dpx/kinds.ts"
import { openDpxReader } from "../samples/dpx/reader.ts"
import { openLuminanceChromaReader } from "../samples/exr/luminance-chroma.ts"
import { openExrReader } from "../samples/exr/reader.ts"
import type { ByteSource, SampleReader } from "../samples/index.ts"

export type OwnReader = "exr" | "luminance-chroma" | "dpx"

/** Who reads the samples: a reader of our own, or oiiotool, which writes what the EXR reader reads. */
export type Route = {
  readonly reader: OwnReader | "converted"
  /** What facts call it, such as in-process/exr-zip or converted/exr-dwaa. */
  readonly name: string
}

/**
 * The way of a file through the engine. The header alone decides, so that a file always takes the same way. Which way a
 * kind of file takes is part of the recipe: whoever changes it raises the recipe's number, and with it every renderKey.
 */
export function routeOf(header: PictureHeader, selection: Pick<Selection, "part" | "channels">): Route {
  const part = header.parts[selection.part]
  if (part === undefined) return { reader: "converted", name: `converted/${header.format}` }
  const reader = ownReader(header, part, selection)
  const [way, kind] = [reader === null ? "converted" : "in-process", kindOf(header, part)]
  return { reader: reader ?? "converted", name: `${way}/${kind}${reader === "luminance-chroma" ? "-chroma" : ""}` }
}

/** Damage that the header already shows is our reader's to name, too. */
function ownReader(
  { format }: PictureHeader,
  part: HeaderPart,
  { channels }: Pick<Selection, "channels">,
): OwnReader | null {
  if (format === "dpx") return dpxReaderProblem(part) === null ? "dpx" : null
  if (format !== "exr" || !isOwnExr(part, channels)) return null
  return isLuminanceChroma(channels) ? "luminance-chroma" : "exr"
}

/** Format and compression, and what else about the part decides. */
function kindOf({ format }: PictureHeader, { compression, deep, tiles, channels }: HeaderPart): string {
  if (format === "dpx") return `dpx-${compression === "none" ? (channels[0]?.pixelType ?? "none") : compression}`
  const levels = tiles === null || tiles.levelMode === "one-level" ? "" : `-${tiles.levelMode}`
  return `${format}${deep ? "-deep" : ""}-${compression}${levels}`
}

/** A file that is read here, and what of it is shown. */
export type OwnSource = {
  readonly sourceFile: string
  readonly header: PictureHeader
  readonly selection: Selection
  readonly reader: OwnReader
}

const READERS = { exr: openExrReader, "luminance-chroma": openLuminanceChromaReader, dpx: openDpxReader }

/** The reader of the file's format. Fails like that. */
export const openReader = (bytes: ByteSource, { header, selection, reader }: OwnSource): Result<SampleReader> =>
  READERS[reader](bytes, header, selection)
