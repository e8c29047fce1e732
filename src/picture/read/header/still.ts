import { attempt, type Cursor, type FileBytes, firstBytes, openCursor, refuse, type Span } from "./bytes.ts"
import { type HeaderLimits, windowProblem } from "./limits.ts"
import {
  flatChannel,
  flatPart,
  type HeaderAttribute,
  type HeaderPart,
  type HeaderValue,
  type PictureFormat,
  type PictureHeader,
  sizeBox,
} from "./model.ts"

/** What a format of one flat picture says of it. */
type Still = {
  readonly width: number
  readonly height: number
  /** As the decoders name them. */
  readonly channels: readonly string[]
  readonly pixelType: string
  readonly compression: string
  readonly pixelAspect?: number
  readonly attributes: readonly HeaderAttribute[]
}

/** The one part of a picture without parts. Ends the reading where its size is none that is shown. */
export function stillPart(still: Still, limits: HeaderLimits): HeaderPart {
  const window = sizeBox(still.width, still.height)
  const problem = windowProblem("image", window, limits)
  if (problem !== null) refuse(problem.code, problem.says)
  const { channels, pixelType, compression, attributes, pixelAspect = 1 } = still
  return flatPart({
    ...{ index: 0, kind: "image", dataWindow: window, compression, pixelAspect, attributes },
    channels: channels.map((name) => flatChannel(name, pixelType)),
  })
}

/** Reads a header piece by piece, and keeps which stretches of the file it was. */
export type HeaderReader = {
  readonly fileSizeBytes: number
  /** A cursor at the beginning of a stretch that counts as part of the header. */
  readonly at: (span: Span) => Cursor
  readonly bytes: (span: Span) => Uint8Array
  readonly spans: () => readonly Span[]
}

export function headerReader(file: FileBytes, littleEndian: boolean): HeaderReader {
  const read: Span[] = []
  const at = (span: Span): Cursor => {
    const cursor = openCursor(file, littleEndian)
    cursor.seek(span.offset)
    cursor.bytes(span.lengthBytes)
    read.push(span)
    cursor.seek(span.offset)
    return cursor
  }
  return {
    fileSizeBytes: file.fileSizeBytes,
    at,
    bytes: (span) => at(span).bytes(span.lengthBytes),
    spans: () => read,
  }
}

export const stillHeader = (
  format: PictureFormat,
  {
    part,
    warnings,
    reader,
  }: { readonly part: HeaderPart; readonly warnings: readonly string[]; readonly reader: HeaderReader },
): PictureHeader => ({ format, parts: [part], spans: reader.spans(), warnings })

/** An attribute under the name that the format gives the field. */
export const attribute = (
  name: string,
  type: string,
  { value, span }: { readonly value: HeaderValue; readonly span: Span },
): HeaderAttribute => ({
  name,
  type,
  value,
  span,
  truncated: false,
})

const ORIENTATION_TAG = 0x0112
const MOST_ENTRIES = 512

/** The orientation that the Exif block of a picture states, as an attribute of its span; a warning where it is damaged. */
export function exifFindings(exif: Uint8Array, span: Span): HeaderFindings {
  const value = exifOrientation(exif)
  if (value === null) return { attributes: [], warnings: [EXIF_DAMAGED] }
  return { attributes: [attribute("Orientation", "Exif", { value, span })], warnings: [] }
}

export type HeaderFindings = { readonly attributes: readonly HeaderAttribute[]; readonly warnings: readonly string[] }

export const NO_FINDINGS: HeaderFindings = { attributes: [], warnings: [] }

/** TIFF/Exif orientation 1..8; 1 where the block states none, null where it is damaged. */
function exifOrientation(exif: Uint8Array): number | null {
  const order = String.fromCharCode(...exif.subarray(0, 2))
  if (order !== "II" && order !== "MM") return null
  const read = attempt(() => {
    const cursor = openCursor(firstBytes(exif, exif.length), order === "II")
    cursor.seek(4)
    const directory = cursor.u32()
    cursor.seek(directory)
    const count = Math.min(cursor.u16(), MOST_ENTRIES)
    for (let entry = 0; entry < count; entry += 1) {
      cursor.seek(directory + 2 + 12 * entry)
      const [tag, type] = [cursor.u16(), cursor.u16()]
      cursor.u32()
      if (tag === ORIENTATION_TAG) return type === 3 ? cursor.u16() : cursor.u32()
    }
    return 1
  })
  if (read.kind !== "read") return null
  return read.value >= 1 && read.value <= 8 ? read.value : 1
}

const EXIF_DAMAGED = "The picture's Exif block cannot be read: it is shown as it is stored, without being turned."
