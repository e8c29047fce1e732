import type { Selection } from "../../events/records.generated.ts"
import { failed, failure, type Result } from "../../events/result.ts"
import { bitsOf, dpxStorage } from "../read/header/dpx-storage.ts"
import { boxHeight, boxWidth, type HeaderPart, type PictureHeader } from "../read/header/model.ts"
import { dpxElements, dpxReaderProblem, legalRange } from "../samples/dpx/kinds.ts"
import type { NativeLibrary } from "./library.ts"
import { type NativeReader, openNativeReader } from "./reader.ts"

/** Where the samples are, in the order of native/dpx.h. */
export type DpxLayout = readonly number[]

/** A DPX that is read by path. */
export type DpxOrder = {
  readonly path: string
  readonly sizeBytes: number
  readonly littleEndian: boolean
  readonly header: PictureHeader
  readonly selection: Pick<Selection, "channels">
}

/**
 * How the library reads this DPX, or null where the reader in JavaScript does: floats, run lengths, chroma, planes, rows
 * that run on, and damage that the header shows.
 */
export function dpxLayout({ header, selection, sizeBytes, littleEndian }: Omit<DpxOrder, "path">): DpxLayout | null {
  const [part, ...others] = dpxElements(header)
  if (part === undefined || others.length > 0 || dpxReaderProblem(part) !== null) return null
  if (bitsOf(part) >= 32 || part.compression === "rle") return null
  const places = selection.channels.map((name) => placeOf(part, name))
  if (places.length !== 3 || places.includes(-1)) return null
  const finding = dpxStorage(header, part, sizeBytes)
  if (finding.is === "cut" || finding.storage.rowBytes === null) return null
  const { offset, rowBytes, filling } = finding.storage
  const range = legalRange(part) ?? { low: 0, high: 2 ** bitsOf(part) - 1 }
  return [
    ...[offset, rowBytes, boxWidth(part.dataWindow), boxHeight(part.dataWindow), bitsOf(part), filling],
    ...[littleEndian ? 1 : 0, part.channels.length, ...places, range.low, range.high],
  ]
}

/** Luminance with chroma is not a sample of a pixel. */
const placeOf = ({ channels }: HeaderPart, name: string): number =>
  channels.some((channel) => channel.name.startsWith("C")) ? -1 : channels.findIndex((channel) => channel.name === name)

/** Opens a DPX in the library. Fails: picture/unsupported where it is for the reader in JavaScript; source/gone, store/*. */
export function openNativeDpx(library: NativeLibrary, order: DpxOrder): Result<NativeReader> {
  const layout = dpxLayout(order)
  if (layout === null) return failed(NOT_NATIVE)
  const open = library.declared("void *dpx_open(const char *, const int64_t *, int *, char *)")
  const numbers = BigInt64Array.from(layout, BigInt)
  return openNativeReader(library, (outcome, problem) => open(order.path, numbers, outcome, problem))
}

const NOT_NATIVE = failure("picture/unsupported", "The library does not read this kind of DPX.")
