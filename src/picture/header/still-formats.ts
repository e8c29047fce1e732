import type { FileBytes, HeaderOutcome } from "./bytes.ts"
import { readJpeg } from "./jpeg.ts"
import type { HeaderLimits } from "./limits.ts"
import type { PictureHeader, StillFormat } from "./model.ts"
import { readPng } from "./png.ts"

type StillReader = {
  readonly format: StillFormat
  readonly read: (file: FileBytes, limits: HeaderLimits) => HeaderOutcome<PictureHeader>
}

/** First bytes of a format, read big-endian, and which of their bits count. */
type Magic = StillReader & { readonly magic: number; readonly mask?: number }

const MAGICS: readonly Magic[] = [
  { magic: 0x89504e47, format: "png", read: readPng },
  { magic: 0xffd8ff00, mask: 0xffffff00, format: "jpeg", read: readJpeg },
]

/** The reader of the format whose files begin with these four bytes. */
export const stillOfMagic = (found: number): StillReader | undefined =>
  MAGICS.find(({ magic, mask = 0xffffffff }) => (found & mask) >>> 0 === magic)
