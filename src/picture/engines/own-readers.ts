import type { Selection } from "../../events/records.generated.ts"
import { failed, failure, type Result } from "../../events/result.ts"
import { dpxLayout, openNativeDpx } from "../native/dpx.ts"
import { openNativeExr } from "../native/exr.ts"
import type { NativeLibrary } from "../native/library.ts"
import { openNativeTiff, tiffOrder } from "../native/tiff.ts"
import type { HeaderPart, PictureHeader } from "../read/header/model.ts"
import { isLuminanceChroma, isOwnExr } from "../read/select/exr.ts"
import { dpxReaderProblem } from "../samples/dpx/kinds.ts"
import { openDpxReader } from "../samples/dpx/reader.ts"
import { openLuminanceChromaReader } from "../samples/exr/luminance-chroma.ts"
import { openExrReader } from "../samples/exr/reader.ts"
import type { ByteSource, SampleReader } from "../samples/index.ts"

export type OwnReader = "exr" | "luminance-chroma" | "dpx" | "tiff"

/** Who reads the samples: a reader of our own, or oiiotool, which writes what the EXR reader reads. */
export type Route = {
  readonly reader: OwnReader | "converted"
  /** What facts call it, such as in-process/exr-zip or converted/exr-dwaa. */
  readonly name: string
}

/**
 * The way of a file through the engine. The header and whether there is a native library decide, so that a file always takes
 * the same way. Which way a kind of file takes is part of the recipe: whoever changes it raises the recipe's number, and with
 * it every renderKey.
 */
export function routeOf(
  header: PictureHeader,
  selection: Pick<Selection, "part" | "channels">,
  hasLibrary = false,
): Route {
  const part = header.parts[selection.part]
  if (part === undefined) return { reader: "converted", name: `converted/${header.format}` }
  const reader = hasLibrary ? nativeReader(header, part, selection) : ownReader(header, part, selection)
  const [way, kind] = [reader === null ? "converted" : "in-process", kindOf(header, part)]
  return { reader: reader ?? "converted", name: `${way}/${kind}${reader === "luminance-chroma" ? "-chroma" : ""}` }
}

type Shown = Pick<Selection, "part" | "channels">

/** Damage that the header already shows is our reader's to name, too. */
function ownReader({ format }: PictureHeader, part: HeaderPart, { channels }: Shown): OwnReader | null {
  if (format === "dpx") return dpxReaderProblem(part) === null ? "dpx" : null
  if (format !== "exr" || !isOwnExr(part, channels)) return null
  return isLuminanceChroma(channels) ? "luminance-chroma" : "exr"
}

/** With the library, EXRs of every compression are read here, deep ones too, and TIFFs. */
function nativeReader(header: PictureHeader, part: HeaderPart, selection: Shown): OwnReader | null {
  if (header.format === "tiff") return tiffOrder({ header, selection }) === null ? null : "tiff"
  if (header.format !== "exr") return ownReader(header, part, selection)
  return isLuminanceChroma(selection.channels) ? "luminance-chroma" : "exr"
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

/**
 * The reader of the file: the library's where there is one, else one in JavaScript, which also reads the rare kinds of DPX.
 * Who opens a reader of the library closes it. Fails like the reader; tool/missing for
 * what only the library reads.
 */
export function openReader(
  bytes: ByteSource,
  source: OwnSource,
  library: NativeLibrary | null = null,
): Result<SampleReader> {
  const { sourceFile: path, header, selection, reader } = source
  if (reader === "tiff")
    return library === null ? failed(NO_LIBRARY) : openNativeTiff(library, { path, header, selection })
  if (reader === "dpx") return openDpx(bytes, source, library)
  if (library !== null) return openNativeExr(library, { path, header, selection })
  const part = header.parts[selection.part]
  if (part !== undefined && ownReader(header, part, selection) === null) return failed(NO_LIBRARY)
  return (reader === "exr" ? openExrReader : openLuminanceChromaReader)(bytes, header, selection)
}

const NO_LIBRARY = failure(
  "tool/missing",
  "The native library is gone or cannot be loaded: run `oiio-proxy-generator setup`.",
)

function openDpx(
  bytes: ByteSource,
  { sourceFile: path, header, selection }: OwnSource,
  library: NativeLibrary | null,
): Result<SampleReader> {
  const littleEndian = bytes.readAt(0, 1)[0] === "X".charCodeAt(0)
  const order = { path, sizeBytes: bytes.sizeBytes, littleEndian, header, selection }
  if (library === null || dpxLayout(order) === null) return openDpxReader(bytes, header, selection)
  return openNativeDpx(library, order)
}
