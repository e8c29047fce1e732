import type { Channel } from "../../../events/records.generated.ts"
import { attempt, type Cursor, type FileBytes, type HeaderOutcome, openCursor, refuse, textToNul } from "./bytes.ts"
import { DPX_UNSET } from "./dpx-storage.ts"
import { type HeaderLimits, windowProblem } from "./limits.ts"
import {
  flatChannel,
  flatPart,
  type HeaderAttribute,
  type HeaderPart,
  numberNamed,
  type PictureHeader,
  sizeBox,
} from "./model.ts"

const FIRST_ELEMENT = 780

/**
 * Header of a DPX file, one part for each image element; the fields of the file itself stand in the first.
 * The magic has been checked. Fails: picture/damaged, picture/over-limit.
 */
export const readDpx = (file: FileBytes, littleEndian: boolean, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => dpxHeader(openCursor(file, littleEndian), limits))

function dpxHeader(cursor: Cursor, limits: HeaderLimits): PictureHeader {
  const core = DPX_CORE_FIELDS.map((field) => readField(cursor, field, 0))
  const number = (name: string): number => Number(core.find((attribute) => attribute.name === name)?.value)
  const [imageOffset, width, height] = [number("imageOffset"), number("width"), number("height")]
  const window = sizeBox(width, height)
  const problem = windowProblem("image", window, limits)
  if (problem !== null) refuse(problem.code, problem.says)
  const hasIndustry = imageOffset >= DPX_GENERIC_BYTES && imageOffset !== DPX_UNSET
  const industry = hasIndustry ? DPX_INDUSTRY_FIELDS.map((field) => readField(cursor, field, 0)) : []
  const { count, warnings } = elementCount(number("elementCount"))
  const parts = Array.from({ length: count }, (_, index): HeaderPart => {
    const element = elementFields(cursor, index)
    return elementPart(index, window, index === 0 ? [...core, ...element, ...industry] : element)
  })
  const spans = [{ offset: 0, lengthBytes: hasIndustry ? DPX_GENERIC_BYTES : DPX_CORE_BYTES }]
  return { format: "dpx", parts, spans, warnings }
}

/** Unset or impossible counts are read as one: the first element is the one that is shown. */
function elementCount(stated: number): { readonly count: number; readonly warnings: readonly string[] } {
  if (stated >= 1 && stated <= DPX_MAX_ELEMENTS) return { count: stated, warnings: [] }
  return { count: 1, warnings: [`The DPX header states ${stated} image elements; one is read.`] }
}

const elementFields = (cursor: Cursor, index: number): readonly HeaderAttribute[] =>
  DPX_ELEMENT_FIELDS.map((field) => readField(cursor, field, FIRST_ELEMENT + index * DPX_ELEMENT_BYTES))

const FIELD_BYTES = { u8: 1, u16: 2, u32: 4, f32: 4 } as const

function readField(cursor: Cursor, [offset, name, type]: DpxField, base: number): HeaderAttribute {
  cursor.seek(base + offset)
  const lengthBytes = typeof type === "number" ? type : FIELD_BYTES[type]
  const span = { offset: base + offset, lengthBytes }
  const value = typeof type === "number" ? textToNul(cursor.bytes(type)) : cursor[type]()
  return { name, type: typeof type === "number" ? `char${type}` : type, value, span, truncated: false }
}

type Window = ReturnType<typeof sizeBox>

function elementPart(index: number, window: Window, attributes: readonly HeaderAttribute[]): HeaderPart {
  const part = flatPart({ index, kind: "element", dataWindow: window, attributes })
  const encoding = numberNamed(part, "encoding")
  return {
    ...part,
    compression: encoding === 1 ? "rle" : "none",
    pixelAspect: dpxAspect(part),
    channels: elementChannels(numberNamed(part, "descriptor") ?? 0, pixelType(part)),
  }
}

/** 1 where either side is unset: 0, all ones, or nothing believable. */
function dpxAspect(part: HeaderPart): number {
  const horizontal = numberNamed(part, "pixelAspectHorizontal") ?? 0
  const vertical = numberNamed(part, "pixelAspectVertical") ?? 0
  const aspect = horizontal / vertical
  const sane = horizontal > 0 && vertical > 0 && horizontal !== DPX_UNSET && vertical !== DPX_UNSET
  return sane && aspect >= 0.1 && aspect <= 10 ? aspect : 1
}

function pixelType(part: HeaderPart): string {
  const bits = numberNamed(part, "bitDepth") ?? 0
  if (bits === 32 || bits === 64) return `float${bits}`
  return numberNamed(part, "dataSign") === 0 ? `uint${bits}` : `int${bits}`
}

/** Channels of an image descriptor, SMPTE 268M table 1. */
const DESCRIPTORS: Readonly<Record<number, string>> = {
  1: "R",
  2: "G",
  3: "B",
  4: "A",
  6: "Y",
  7: "CbCr",
  8: "Z",
  9: "composite",
  50: "R G B",
  51: "R G B A",
  52: "A B G R",
  100: "Cb Y Cr",
  101: "Cb Y A Cr",
  102: "Cb Y Cr",
  103: "Cb Y Cr A",
}

const elementChannels = (descriptor: number, pixelTypeName: string): readonly Channel[] =>
  (DESCRIPTORS[descriptor] ?? "user").split(" ").map((name) => {
    const isHalved = (descriptor === 100 || descriptor === 101) && name.startsWith("C")
    return flatChannel(name, pixelTypeName, isHalved ? 2 : 1)
  })

/** u8, u16, u32, f32, or text with its length in bytes. */
type DpxFieldType = keyof typeof FIELD_BYTES | number

/** Byte offset, name, type. */
type DpxField = readonly [offset: number, name: string, type: DpxFieldType]

/** From lists of `4 imageOffset u32, 8 version 8`. */
const fields = (...lines: readonly string[]): readonly DpxField[] =>
  lines
    .flatMap((line) => line.split(", "))
    .map((field): DpxField => {
      const [offset, name = "", type = ""] = field.split(" ")
      return [Number(offset), name, /^\d+$/.test(type) ? Number(type) : (type as keyof typeof FIELD_BYTES)]
    })

/** End of the file, image and orientation headers; film and television fields follow where the pixels leave room. */
const DPX_CORE_BYTES = 1664
const DPX_GENERIC_BYTES = 2048
const DPX_ELEMENT_BYTES = 72
const DPX_MAX_ELEMENTS = 8

/** File, image and orientation header of SMPTE 268M; the eight image elements stand in between (DPX_ELEMENT_FIELDS). */
const DPX_CORE_FIELDS = fields(
  "4 imageOffset u32, 8 version 8, 16 fileSize u32, 20 dittoKey u32, 24 genericSize u32, 28 industrySize u32",
  "32 userSize u32, 36 fileName 100, 136 creationTime 24, 160 creator 100, 260 project 200, 460 copyright 200",
  "660 encryptKey u32, 768 orientation u16, 770 elementCount u16, 772 width u32, 776 height u32",
  "1408 xOffset u32, 1412 yOffset u32, 1416 xCenter f32, 1420 yCenter f32, 1424 xOriginalSize u32",
  "1428 yOriginalSize u32, 1432 sourceFileName 100, 1532 sourceTime 24, 1556 inputDevice 32",
  "1588 inputSerial 32, 1620 borderLeft u16, 1622 borderRight u16, 1624 borderTop u16, 1626 borderBottom u16",
  "1628 pixelAspectHorizontal u32, 1632 pixelAspectVertical u32, 1636 xScannedSize f32, 1640 yScannedSize f32",
)

/** One image element, offsets from its start at 780 + 72 n. */
const DPX_ELEMENT_FIELDS = fields(
  "0 dataSign u32, 4 lowData u32, 8 lowQuantity f32, 12 highData u32, 16 highQuantity f32, 20 descriptor u8",
  "21 transfer u8, 22 colorimetric u8, 23 bitDepth u8, 24 packing u16, 26 encoding u16, 28 dataOffset u32",
  "32 endOfLinePadding u32, 36 endOfImagePadding u32, 40 description 32",
)

/** Film and television headers: what stands here is pixels where the image offset is below 2048. */
const DPX_INDUSTRY_FIELDS = fields(
  "1664 filmManufacturer 2, 1666 filmType 2, 1668 perfsOffset 2, 1670 prefix 6, 1676 count 4",
  "1680 filmFormat 32, 1712 framePosition u32, 1716 sequenceLength u32, 1720 heldCount u32",
  "1724 filmFrameRate f32, 1728 shutterAngle f32, 1732 frameId 32, 1764 slateInfo 100, 1920 timecode u32",
  "1924 userBits u32, 1928 interlace u8, 1929 fieldNumber u8, 1930 videoSignal u8",
  "1932 horizontalSampleRate f32, 1936 verticalSampleRate f32, 1940 televisionFrameRate f32",
  "1944 timeOffset f32, 1948 gamma f32, 1952 blackLevel f32, 1956 blackGain f32, 1960 breakPoint f32",
  "1964 whiteLevel f32, 1968 integrationTime f32",
)
