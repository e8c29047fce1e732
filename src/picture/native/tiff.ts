import type { Selection } from "../../events/records.generated.ts"
import { failed, failure, type Result } from "../../events/result.ts"
import { labStorage } from "../read/colour/lab.ts"
import {
  boxHeight,
  boxWidth,
  firstNumber,
  type HeaderPart,
  numbersNamed,
  type PictureHeader,
} from "../read/header/model.ts"
import type { NativeLibrary } from "./library.ts"
import { type NativeReader, openNativeReader } from "./reader.ts"

/** A TIFF that is read by path. */
export type TiffOrder = {
  readonly path: string
  readonly header: PictureHeader
  readonly selection: Pick<Selection, "part" | "channels">
}

/** Photometric interpretations that the library makes red, green and blue of, or that are those. */
const READ: ReadonlySet<number> = new Set([0, 1, 2, 3, 5, 6])
/** Those that become red, green and blue, whatever their samples are called. */
const FIRST_CONVERTED = 3

/** Alpha, of which kind soever, and alpha that the colours are not multiplied by (TIFF 6.0, ExtraSamples). */
const ALPHAS = [1, 2]
const UNASSOCIATED = 2

/** What native/tiff.h wants to know, in its order; null for a kind that the library does not read. */
export function tiffOrder({ header, selection }: Omit<TiffOrder, "path">): readonly number[] | null {
  const part = header.parts[selection.part]
  const photometric = part === undefined ? null : firstNumber(part, "PhotometricInterpretation")
  if (header.format !== "tiff" || part === undefined || photometric === null) return null
  if (!READ.has(photometric) || labStorage(part) !== null) return null
  const places = selection.channels.map((name) => placeOf(part, photometric, name))
  if (places.length !== 3 || places.some((place) => place < 0)) return null
  return [
    ...[part.index, boxWidth(part.dataWindow), boxHeight(part.dataWindow), part.channels.length],
    ...places,
    photometric < FIRST_CONVERTED ? multipliedBy(part) : -1,
  ]
}

/** The selection names colours R, G, B or Y, whatever the samples of the file are. */
function placeOf({ channels }: HeaderPart, photometric: number, name: string): number {
  const colour = ["R", "G", "B"].indexOf(name === "Y" ? "R" : name)
  if (colour !== -1 || photometric >= FIRST_CONVERTED) return colour
  return channels.findIndex((channel) => channel.name === name)
}

/** Place of the alpha that the colours still have to be multiplied by, as the last tag of several says; -1 for none. */
function multipliedBy(part: HeaderPart): number {
  const extras = numbersNamed(part, "ExtraSamples")
  const last = extras.findLastIndex((extra) => ALPHAS.includes(extra))
  return extras.includes(UNASSOCIATED) ? part.channels.length - extras.length + last : -1
}

/** Opens a TIFF in the library. Fails: picture/damaged, picture/unsupported, picture/over-limit, source/gone, store/*. */
export function openNativeTiff(library: NativeLibrary, order: TiffOrder): Result<NativeReader> {
  const numbers = tiffOrder(order)
  if (numbers === null) return failed(NOT_NATIVE)
  const open = library.declared("void *tiff_open(const char *, const int64_t *, int *, char *)")
  const asked = BigInt64Array.from(numbers, BigInt)
  return openNativeReader(library, (outcome, problem) => open(order.path, asked, outcome, problem))
}

const NOT_NATIVE = failure("picture/unsupported", "The library does not read this kind of TIFF.")
