import { attempt, type FileBytes, type HeaderOutcome, refuse } from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"
import type { HeaderAttribute, PictureHeader } from "./model.ts"
import { attribute, headerReader, stillHeader, stillPart } from "./still.ts"

/** The fields that matter of Kodak's Cineon 4.5: generic header and image header, up to the data format. */
const HEADER_BYTES = 712
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
    const span = { offset: 0, lengthBytes: HEADER_BYTES }
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
