import { refuse, type Span } from "./bytes.ts"
import type { HeaderAttribute } from "./model.ts"
import { attribute, type HeaderReader, ICC_ATTRIBUTE } from "./still.ts"

type Box = { readonly type: string; readonly data: Span }

const MOST_BOXES = 256
/** Enumerated colour spaces that the decoder makes R, G, B or grey of (ISO/IEC 15444-1, I.5.3.3). */
const SPACES: Readonly<Record<number, string>> = { 16: "sRGB", 17: "grey", 18: "sYCC" }

/** Where the codestream of a JP2 begins, and what its boxes say of colour. Ends the reading where there is none. */
export function jp2Boxes(reader: HeaderReader): {
  readonly codestream: number
  readonly attributes: readonly HeaderAttribute[]
} {
  const boxes = boxesIn(reader, { offset: 0, lengthBytes: reader.fileSizeBytes })
  const codestream = boxes.find(({ type }) => type === "jp2c")
  const header = boxes.find(({ type }) => type === "jp2h")
  if (codestream === undefined || header === undefined)
    return refuse("picture/damaged", "The JP2 has no header or no picture.")
  const inner = boxesIn(reader, header.data)
  if (inner.some(({ type }) => type === "pclr"))
    refuse("picture/unsupported", "JPEG 2000 pictures with a palette are not read.")
  return { codestream: codestream.data.offset, attributes: inner.flatMap((box) => colour(reader, box)).slice(0, 1) }
}

/** The boxes one after another; nothing behind the picture is needed. */
function boxesIn(reader: HeaderReader, { offset: start, lengthBytes }: Span): readonly Box[] {
  const boxes: Box[] = []
  let offset = start
  const end = start + lengthBytes
  while (offset + 8 <= end && boxes.length < MOST_BOXES && boxes.at(-1)?.type !== "jp2c") {
    const cursor = reader.at({ offset, lengthBytes: 8 })
    const [stated, type] = [cursor.u32(), String.fromCharCode(...cursor.bytes(4))]
    const isLong = stated === 1
    const length = isLong
      ? reader.at({ offset: offset + 8, lengthBytes: 8 }).u64()
      : stated === 0
        ? end - offset
        : stated
    const head = isLong ? 16 : 8
    if (length < head || offset + length > end)
      return refuse(
        "picture/damaged",
        `The box at byte ${offset} of the JP2 goes beyond its end: it is truncated or damaged.`,
      )
    boxes.push({ type, data: { offset: offset + head, lengthBytes: length - head } })
    offset += length
  }
  return boxes
}

function colour(reader: HeaderReader, { type, data }: Box): readonly HeaderAttribute[] {
  if (type !== "colr" || data.lengthBytes < 3) return []
  const [method] = reader.bytes({ offset: data.offset, lengthBytes: 3 })
  if (method === 2) {
    const span = { offset: data.offset + 3, lengthBytes: data.lengthBytes - 3 }
    return [attribute(ICC_ATTRIBUTE, "colr", { value: span.lengthBytes, span })]
  }
  if (method !== 1 || data.lengthBytes < 7) return []
  const span = { offset: data.offset + 3, lengthBytes: 4 }
  const value = reader.at(span).u32()
  if (SPACES[value] === undefined)
    refuse("picture/unsupported", `The JP2 is of colour space ${value}; sRGB, grey and sYCC are read.`)
  return [attribute("EnumeratedColourSpace", "colr", { value, span })]
}
