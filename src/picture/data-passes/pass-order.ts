import type { Box } from "../../events/records.generated.ts"
import { done, type Result } from "../../events/result.ts"
import type { DataPass } from "../model.ts"
import { boxWidth, type HeaderPart, type PictureHeader, pixelTypeOf } from "../read/header/model.ts"
import { openDpxReader } from "../samples/dpx/reader.ts"
import { isReadDeep, openDeepReader } from "../samples/exr/deep-reader.ts"
import { fullRows, openPlaneReader } from "../samples/exr/planes/plane-reader.ts"
import { withFileBytes } from "../samples/file-bytes.ts"
import type { ByteSource, SampleReader } from "../samples/index.ts"
import { paintingOf } from "./kinds.ts"
import type { Painting } from "./painting.ts"
import { openPlainExr } from "./plain-exr.ts"

/** A pass of an EXR that is read here: plain data, for a render process. */
export type PassOrder = {
  readonly sourceFile: string
  readonly header: PictureHeader
  readonly part: number
  readonly pass: DataPass
  readonly displayWindow: Box
}

/** Takes the bytes of the painted file, in their order. */
type PutPiece = (piece: Uint8Array) => void

export type PassAnswer = {
  /** Of the written file; null where the source turned out to be right as it is. */
  readonly channels: readonly string[] | null
  readonly says: readonly string[]
}

/** Paints a pass, at once. Fails like the reader. */
export const paintPass = (order: PassOrder, put: PutPiece): Result<PassAnswer> =>
  withFileBytes<PassAnswer>(order.sourceFile, (bytes) => {
    const { header, part, pass } = order
    const opened = rowsOf(bytes, order)
    if (!opened.ok) return opened
    const rows = opened.value
    const integers = pass.channels.map((name) => pixelTypeOf(header.parts[part], name) === "uint")
    const painting = paintingOf({ ...pass, integers })
    const measured = painting.measure === null ? done(undefined) : rows(painting.measure)
    if (!measured.ok) return measured
    const says = painting.says()
    if (painting.isNeedless?.() === true) return done({ channels: null, says })
    const written = writePainting(order, painting, { rows, put })
    return written.ok ? done({ channels: painting.channels, says }) : written
  })

/** The same header, by which integers are read as they are: floats of the same bits. */
function withBits(header: PictureHeader, index: number): PictureHeader {
  const parts = header.parts.map((part) =>
    part.index === index ? { ...part, channels: part.channels.map(asBits) } : part,
  )
  return { ...header, parts }
}

const asBits = <T extends { readonly pixelType: string }>(channel: T): T =>
  channel.pixelType === "uint" ? { ...channel, pixelType: "float" } : channel

type ReadPassRows = (visit: (row: readonly Float32Array[]) => void) => Result<void>

function flatRows(bytes: ByteSource, { header, part, pass }: PassOrder): Result<ReadPassRows> {
  const channels = [...new Set(pass.channels)]
  const opened = openPlaneReader(bytes, withBits(header, part), { part, channels })
  if (!opened.ok) return opened
  const { height } = opened.value
  const readRows = fullRows(opened.value)
  const places = pass.channels.map((name) => channels.indexOf(name))
  return done((visit) =>
    readRows({ first: 0, last: height - 1 }, (_, planes) =>
      visit(places.map((place) => planes[place] as Float32Array)),
    ),
  )
}

function rowsOf(bytes: ByteSource, order: PassOrder): Result<ReadPassRows> {
  const { header, part, pass } = order
  const [first = "", second = first, third = second] = pass.channels
  const channels = [first, second, third]
  if (header.format === "dpx") return sampleRows(openDpxReader(bytes, header, { channels }), pass)
  // Without alpha, the nearest sample of a pixel hides all those behind it.
  if (header.parts[part]?.deep === true) return sampleRows(openDeepReader(bytes, header, { part, channels }), pass)
  return flatRows(bytes, order)
}

function sampleRows(opened: Result<SampleReader>, { channels }: DataPass): Result<ReadPassRows> {
  if (!opened.ok) return opened
  const { height, readRows } = opened.value
  return done((visit) =>
    readRows({ first: 0, last: height - 1 }, (_, planes) => visit(planes.slice(0, channels.length))),
  )
}

/** Whether `paintPass` reads a deep part: its nearest samples, where no alpha says that others are seen through them. */
export const isReadDeepPass = (part: HeaderPart, { channels }: DataPass): boolean =>
  isReadDeep(part) && channels.length <= 3 && !part.channels.some(({ name }) => /(^|\.)(a|alpha)$/i.test(name))

function writePainting(
  order: PassOrder,
  painting: Painting,
  { rows, put }: { readonly rows: ReadPassRows; readonly put: PutPiece },
): Result<void> {
  const dataWindow = order.header.parts[order.part]?.dataWindow
  if (dataWindow === undefined) throw new Error("A part was read that is not there.")
  const { channels } = painting
  const written = openPlainExr(put, { dataWindow, displayWindow: order.displayWindow, channels })
  const into = channels.map(() => new Float32Array(boxWidth(dataWindow)))
  const read = rows((row) => {
    painting.paint(row, into)
    written.put(into)
  })
  written.end()
  return read
}
