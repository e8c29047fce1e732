import type { Selection } from "../../events/records.generated.ts"
import type { HeaderPart, PictureHeader } from "../header/model.ts"
import { dpxReaderProblem } from "../samples/dpx/reader.ts"
import { partProblem as exrProblem } from "../samples/exr/part-source.ts"

/** Who reads the samples: a reader of our own, or oiiotool, which writes what the EXR reader reads. */
export type Route = {
  readonly reader: "exr" | "dpx" | "converted"
  /** What facts call it, such as in-process/exr-zip or converted/exr-dwaa. */
  readonly name: string
}

/**
 * The way of a file through the engine. The header alone decides, so that a file always takes the same way. Which way a
 * kind of file takes is part of the recipe: whoever changes it raises the recipe's number, and with it every renderKey.
 */
export function routeOf(header: PictureHeader, selection: Pick<Selection, "part">): Route {
  const part = header.parts[selection.part]
  const kind = part === undefined ? header.format : kindOf(header, part)
  const isOurs = part !== undefined && isReadHere(header, part)
  if (!isOurs || header.format === "tiff") return { reader: "converted", name: `converted/${kind}` }
  return { reader: header.format, name: `in-process/${kind}` }
}

function isReadHere({ format }: PictureHeader, part: HeaderPart): boolean {
  if (format === "exr") return exrProblem(part)?.code !== "picture/unsupported"
  return format === "dpx" && dpxReaderProblem(part) === null
}

/** Format and compression, and what else about the part decides. */
function kindOf({ format }: PictureHeader, { compression, deep, tiles, channels }: HeaderPart): string {
  if (format === "dpx") return `dpx-${compression === "none" ? (channels[0]?.pixelType ?? "none") : compression}`
  const levels = tiles === null || tiles.levelMode === "one-level" ? "" : `-${tiles.levelMode}`
  return `${format}${deep ? "-deep" : ""}-${compression}${levels}`
}
