import { attempt, type FileBytes, type HeaderOutcome, refuse } from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"
import type { HeaderAttribute, PictureHeader } from "./model.ts"
import { attribute, headerReader, stillHeader, stillPart } from "./still.ts"

const HEADER_BYTES = 18
/** Image types of Truevision's TGA 2.0: a palette, colour or grey, and the same with runs. */
const [PALETTE, COLOUR, GREY, RUNS] = [1, 2, 3, 8]
const DEPTHS: Readonly<Record<number, readonly number[]>> = { 1: [8], 2: [15, 16, 24, 32], 3: [8, 16] }
const PALETTE_DEPTHS: readonly number[] = [15, 16, 24, 32]
const ALPHA_BITS = 0x0f

/**
 * Header of a TGA. The format has no magic: its name promised one, so what could not be one is refused.
 * Fails: picture/not-a-picture, picture/damaged, picture/over-limit.
 */
export const readTarga = (file: FileBytes, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => {
    const reader = headerReader(file, true)
    if (file.fileSizeBytes < HEADER_BYTES)
      refuse("picture/not-a-picture", `The file has ${file.fileSizeBytes} bytes only.`)
    const span = { offset: 0, lengthBytes: HEADER_BYTES }
    const cursor = reader.at(span)
    const [idBytes, mapType, type] = [cursor.u8(), cursor.u8(), cursor.u8()]
    const [, mapEntries, mapBits] = [cursor.u16(), cursor.u16(), cursor.u8()]
    cursor.seek(12)
    const [width, height, bits, descriptor] = [cursor.u16(), cursor.u16(), cursor.u8(), cursor.u8()]
    const [kind, isPacked] = [type & ~RUNS, (type & RUNS) !== 0]
    const isKnown = mapType <= 1 && DEPTHS[kind]?.includes(bits) === true && (descriptor & 0xc0) === 0
    const hasMap = kind !== PALETTE || (mapType === 1 && mapEntries > 0 && PALETTE_DEPTHS.includes(mapBits))
    if (!isKnown || !hasMap)
      refuse(
        "picture/not-a-picture",
        `The file is no TGA that is read: image type ${type}, ${bits} bits, palette of ${mapEntries}.`,
      )
    const pixelBytes = Math.ceil(bits / 8)
    const mapBytes = mapType === 1 ? mapEntries * Math.ceil(mapBits / 8) : 0
    const end = HEADER_BYTES + idBytes + mapBytes + (isPacked ? 0 : width * height * pixelBytes)
    const numbers = { imageType: type, bitDepth: bits, imageDescriptor: descriptor }
    const part = stillPart(
      {
        width,
        height,
        channels: channelsOf({ kind, bits: kind === PALETTE ? mapBits : bits, alphaBits: descriptor & ALPHA_BITS }),
        pixelType: "uint8",
        compression: isPacked ? "tga-rle" : "none",
        attributes: Object.entries(numbers).map(
          ([name, value]): HeaderAttribute => attribute(name, "u8", { value, span }),
        ),
      },
      limits,
    )
    if (end > file.fileSizeBytes)
      refuse("picture/damaged", `The pixels end at byte ${end} of ${file.fileSizeBytes}: the TGA is truncated.`)
    return stillHeader("targa", { part, warnings: [], reader })
  })

type Pixels = { readonly kind: number; readonly bits: number; readonly alphaBits: number }

function channelsOf({ kind, bits, alphaBits }: Pixels): readonly string[] {
  if (kind === GREY) return bits === 16 ? ["Y", "A"] : ["Y"]
  const hasAlpha = bits === 32 || (kind === COLOUR && bits === 16 && alphaBits > 0)
  return hasAlpha ? ["R", "G", "B", "A"] : ["R", "G", "B"]
}
