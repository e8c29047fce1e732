import { attempt, type FileBytes, type HeaderOutcome, headerText, refuse } from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"
import type { HeaderAttribute, PictureHeader } from "./model.ts"
import { attribute, headerReader, stillHeader, stillPart } from "./still.ts"

/** The fields that matter of Kodak's Cineon 4.5: generic header and image header, up to the data format. */
const CINEON_BYTES = 712
const [ORIENTATION, ELEMENTS, FIRST_ELEMENT, INTERLEAVE] = [192, 193, 196, 680]
const ELEMENT_BYTES = 28
/** Of line direction and direction of the lines, as DPX has them. The others, which turn by a quarter, no decoder reads. */
const EXIF_ORIENTATION: Readonly<Record<number, number>> = { 0: 1, 1: 2, 2: 4, 3: 3 }
const UNSET = 0xff

/**
 * Header of a Cineon file: three interleaved channels of 10 bits, three to a word of 32 bits.
 * Fails: picture/damaged, picture/unsupported, picture/over-limit.
 */
export const readCineon = (
  file: FileBytes,
  littleEndian: boolean,
  limits: HeaderLimits,
): HeaderOutcome<PictureHeader> =>
  attempt(() => {
    const reader = headerReader(file, littleEndian)
    const span = { offset: 0, lengthBytes: CINEON_BYTES }
    const cursor = reader.at(span)
    const byte = (offset: number): number => {
      cursor.seek(offset)
      return cursor.u8()
    }
    const word = (offset: number): number => {
      cursor.seek(offset)
      return cursor.u32()
    }
    const elements = byte(ELEMENTS)
    const depths = Array.from({ length: Math.min(elements, 8) }, (_, at) =>
      byte(FIRST_ELEMENT + at * ELEMENT_BYTES + 2),
    )
    const [width, height] = [word(FIRST_ELEMENT + 4), word(FIRST_ELEMENT + 8)]
    const [interleave, packing] = [byte(INTERLEAVE), byte(INTERLEAVE + 1)]
    if (elements !== 3 || depths.some((bits) => bits !== 10) || interleave !== 0 || packing !== 5)
      refuse(
        "picture/unsupported",
        `The Cineon file holds ${elements} channels of ${depths.join(", ")} bits, interleave ${interleave}, packing ${packing}; three interleaved ones of 10 bits in words are read.`,
      )
    const stated = byte(ORIENTATION)
    const orientation = stated === UNSET ? 1 : EXIF_ORIENTATION[stated]
    if (orientation === undefined)
      return refuse("picture/unsupported", `The Cineon file has orientation ${stated}, which is not read.`)
    const named = (name: string, value: number, offset: number): HeaderAttribute =>
      attribute(name, "u8", { value, span: { offset, lengthBytes: 1 } })
    const imageOffset = word(4)
    const part = stillPart(
      {
        width,
        height,
        channels: ["R", "G", "B"],
        pixelType: "uint10",
        compression: "none",
        attributes: [named("Orientation", orientation, ORIENTATION)],
      },
      limits,
    )
    const end = imageOffset + width * height * 4
    if (end > file.fileSizeBytes)
      refuse("picture/damaged", `The pixels end at byte ${end} of ${file.fileSizeBytes}: the Cineon file is truncated.`)
    return stillHeader("cineon", { part, warnings: [], reader })
  })

/** Longest header that is looked at: lines of the programs that the picture went through. */
const MOST_RADIANCE_BYTES = 65_536
/** Exif's orientation of each resolution line: where the first row and the first pixel of a row lie. */
const ORIENTATIONS: Readonly<Record<string, number>> = {
  "-Y+X": 1,
  "-Y-X": 2,
  "+Y-X": 3,
  "+Y+X": 4,
  "+X-Y": 5,
  "-X-Y": 6,
  "-X+Y": 7,
  "+X+Y": 8,
}

/**
 * Header of a Radiance picture: lines of text up to an empty one, then the resolution. The magic has been checked.
 * Fails: picture/damaged, picture/unsupported, picture/over-limit.
 */
export const readRadiance = (file: FileBytes, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => {
    const reader = headerReader(file, true)
    const span = { offset: 0, lengthBytes: Math.min(MOST_RADIANCE_BYTES, file.fileSizeBytes) }
    const text = headerText(reader.bytes(span).slice(0, MOST_RADIANCE_BYTES))
    const [, head = "", resolution = ""] = /^([\s\S]*?)\r?\n\r?\n([^\n]{1,64})\n/.exec(text) ?? []
    const [, ySign, y, ySize, xSign, x, xSize] =
      /^([+-])([XY]) (\d{1,9}) ([+-])([XY]) (\d{1,9})\s*$/.exec(resolution) ?? []
    const orientation = ORIENTATIONS[`${ySign}${y}${xSign}${x}`]
    if (orientation === undefined)
      return refuse("picture/damaged", "The Radiance picture has no resolution line that can be read.")
    const stated = (name: string): string | null => new RegExp(`^${name}=\\s*(.*?)\\s*$`, "m").exec(head)?.[1] ?? null
    const format = stated("FORMAT") ?? "none"
    if (format !== "32-bit_rle_rgbe")
      refuse(
        "picture/unsupported",
        `The Radiance picture is of format ${JSON.stringify(format.slice(0, 40))}; 32-bit_rle_rgbe is read.`,
      )
    const named = (name: string, value: HeaderAttribute["value"]): HeaderAttribute =>
      attribute(name, "text", { value, span })
    const primaries = stated("PRIMARIES")?.split(/\s+/).map(Number)
    const texts = ["EXPOSURE", "COLORCORR", "SOFTWARE", "VIEW"].flatMap((name) => {
      const value = stated(name)
      return value === null ? [] : [named(name, value.slice(0, 1024))]
    })
    const part = stillPart(
      {
        width: Number(xSize),
        height: Number(ySize),
        channels: ["R", "G", "B"],
        pixelType: "float32",
        compression: "rgbe",
        pixelAspect: aspectOf(stated("PIXASPECT")),
        attributes: [
          named("Orientation", orientation),
          ...texts,
          ...(primaries === undefined ? [] : [named("PRIMARIES", primaries)]),
        ],
      },
      limits,
    )
    return stillHeader("radiance", { part, warnings: [], reader })
  })

/** Height over width of a pixel, as the format has it. */
function aspectOf(stated: string | null): number {
  const aspect = 1 / Number(stated ?? 1)
  return aspect >= 0.1 && aspect <= 10 ? aspect : 1
}

const TARGA_BYTES = 18
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
    if (file.fileSizeBytes < TARGA_BYTES)
      refuse("picture/not-a-picture", `The file has ${file.fileSizeBytes} bytes only.`)
    const span = { offset: 0, lengthBytes: TARGA_BYTES }
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
    const end = TARGA_BYTES + idBytes + mapBytes + (isPacked ? 0 : width * height * pixelBytes)
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
