/** Reading headers, bounds-checked: a file for each format, or for a few small ones. */

import { failure } from "../../../events/failure.ts"
import { attempt, type FileBytes, type HeaderOutcome, openCursor } from "./bytes.ts"
import { readCineon, readRadiance, readTarga } from "./cineon-radiance-targa.ts"
import { readDpx } from "./dpx.ts"
import { readExr } from "./exr.ts"
import { readJpeg } from "./jpeg.ts"
import { readCodestream, readJp2 } from "./jpeg2000.ts"
import { DEFAULT_LIMITS, type HeaderLimits } from "./limits.ts"
import { FORMAT_OF_ENDING, type PictureFormat, type PictureHeader, type StillFormat } from "./model.ts"
import { readPng } from "./png.ts"
import { readPsd } from "./psd.ts"
import { readTiff } from "./tiff.ts"
import { readWebp } from "./webp.ts"

type ReadFormat = (file: FileBytes, limits: HeaderLimits) => HeaderOutcome<PictureHeader>

/** The first four bytes, read big-endian, of the contract's formats. */
const CONTRACT_MAGICS = new Map<number, { readonly format: PictureFormat; readonly read: ReadFormat }>([
  [0x762f3101, { format: "exr", read: readExr }],
  [0x53445058, { format: "dpx", read: (file, limits) => readDpx(file, false, limits) }],
  [0x58504453, { format: "dpx", read: (file, limits) => readDpx(file, true, limits) }],
  [0x49492a00, { format: "tiff", read: (file, limits) => readTiff(file, { littleEndian: true, big: false }, limits) }],
  [0x4d4d002a, { format: "tiff", read: (file, limits) => readTiff(file, { littleEndian: false, big: false }, limits) }],
  [0x49492b00, { format: "tiff", read: (file, limits) => readTiff(file, { littleEndian: true, big: true }, limits) }],
  [0x4d4d002b, { format: "tiff", read: (file, limits) => readTiff(file, { littleEndian: false, big: true }, limits) }],
])

/**
 * Header of a picture whose object has the name `key`: its magic decides the format and must agree with the extension.
 * Reads nothing outside `file`; asks for more bytes where the header goes on.
 * Fails: source/unsupported-type, picture/empty, picture/not-a-picture, picture/damaged, picture/unsupported,
 * picture/over-limit, picture/no-displayable-channels.
 */
export function readHeader(
  file: FileBytes,
  key: string,
  limits: HeaderLimits = DEFAULT_LIMITS,
): HeaderOutcome<PictureHeader> {
  const extension = /\.([^./]+)$/.exec(key)?.[1]?.toLowerCase() ?? ""
  const expected = FORMAT_OF_ENDING[extension]
  if (expected === undefined)
    return refused("source/unsupported-type", `The extension .${extension} is none that is rendered.`)
  if (file.fileSizeBytes === 0) return refused("picture/empty", "The file is empty.")
  if (file.fileSizeBytes < 4) return refused("picture/not-a-picture", `The file has ${file.fileSizeBytes} bytes only.`)
  const magic = attempt(() => openCursor(file, false).u32())
  if (magic.kind !== "read") return magic
  const found = CONTRACT_MAGICS.get(magic.value) ?? stillOfMagic(magic.value) ?? stillWithoutMagic(expected)
  if (found?.format === expected) return found.read(file, limits)
  const holds = found === undefined ? "no known picture format" : found.format.toUpperCase()
  return refused("picture/not-a-picture", `The name ends in .${extension}, but the bytes are of ${holds}.`)
}

const refused = (code: Parameters<typeof failure>[0], says: string): HeaderOutcome<never> => ({
  kind: "failed",
  failure: failure(code, says),
})

type StillReader = {
  readonly format: StillFormat
  readonly read: (file: FileBytes, limits: HeaderLimits) => HeaderOutcome<PictureHeader>
}

/** First bytes of a format, read big-endian, and which of their bits count. */
type Magic = StillReader & { readonly magic: number; readonly mask?: number }

const STILL_MAGICS: readonly Magic[] = [
  { magic: 0x89504e47, format: "png", read: readPng },
  { magic: 0x802a5fd7, format: "cineon", read: (file, limits) => readCineon(file, false, limits) },
  { magic: 0xd75f2a80, format: "cineon", read: (file, limits) => readCineon(file, true, limits) },
  { magic: 0x233f5241, format: "radiance", read: readRadiance },
  { magic: 0x233f5247, format: "radiance", read: readRadiance },
  { magic: 0x52494646, format: "webp", read: readWebp },
  { magic: 0x38425053, format: "psd", read: readPsd },
  { magic: 0x0000000c, format: "jpeg2000", read: readJp2 },
  { magic: 0xff4fff51, format: "jpeg2000", read: readCodestream },
  { magic: 0xffd8ff00, mask: 0xffffff00, format: "jpeg", read: readJpeg },
]

/** Of the formats that have no magic: nothing but the name says that a file is of one. */
const stillWithoutMagic = (format: string): StillReader | undefined =>
  format === "targa" ? { format, read: readTarga } : undefined

/** The reader of the format whose files begin with these four bytes. */
const stillOfMagic = (found: number): StillReader | undefined =>
  STILL_MAGICS.find(({ magic, mask = 0xffffffff }) => (found & mask) >>> 0 === magic)
