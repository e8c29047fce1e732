import type { FileBytes, HeaderOutcome } from "./bytes.ts"
import { readCineon } from "./cineon.ts"
import { readJpeg } from "./jpeg.ts"
import { readCodestream, readJp2 } from "./jpeg2000.ts"
import type { HeaderLimits } from "./limits.ts"
import type { PictureHeader, StillFormat } from "./model.ts"
import { readPng } from "./png.ts"
import { readPsd } from "./psd.ts"
import { readRadiance } from "./radiance.ts"
import { readTarga } from "./targa.ts"
import { readWebp } from "./webp.ts"

type StillReader = {
  readonly format: StillFormat
  readonly read: (file: FileBytes, limits: HeaderLimits) => HeaderOutcome<PictureHeader>
}

/** First bytes of a format, read big-endian, and which of their bits count. */
type Magic = StillReader & { readonly magic: number; readonly mask?: number }

const MAGICS: readonly Magic[] = [
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
export const stillWithoutMagic = (format: string): StillReader | undefined =>
  format === "targa" ? { format, read: readTarga } : undefined

/** The reader of the format whose files begin with these four bytes. */
export const stillOfMagic = (found: number): StillReader | undefined =>
  MAGICS.find(({ magic, mask = 0xffffffff }) => (found & mask) >>> 0 === magic)
