import type { Channel } from "../../../events/records.generated.ts"
import { attempt, type Cursor, type FileBytes, type HeaderOutcome, openCursor, refuse } from "./bytes.ts"
import {
  DPX_CORE_BYTES,
  DPX_CORE_FIELDS,
  DPX_ELEMENT_BYTES,
  DPX_ELEMENT_FIELDS,
  DPX_GENERIC_BYTES,
  DPX_INDUSTRY_FIELDS,
  DPX_MAX_ELEMENTS,
  type DpxField,
} from "./dpx-fields.ts"
import { DPX_UNSET } from "./dpx-storage.ts"
import { type HeaderLimits, windowProblem } from "./limits.ts"
import { type HeaderAttribute, type HeaderPart, numberNamed, type PictureHeader, sizeBox } from "./model.ts"
import { textToNul } from "./text.ts"

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
  const part: HeaderPart = {
    index,
    name: null,
    view: null,
    kind: "element",
    deep: false,
    compression: "none",
    lineOrder: null,
    dataWindow: window,
    displayWindow: window,
    pixelAspect: 1,
    tiles: null,
    chunkCount: null,
    channels: [],
    attributes,
  }
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
  (DESCRIPTORS[descriptor] ?? "user").split(" ").map((name) => ({
    name,
    pixelType: pixelTypeName,
    xSampling: (descriptor === 100 || descriptor === 101) && name.startsWith("C") ? 2 : 1,
    ySampling: 1,
    perceptuallyLinear: false,
  }))
