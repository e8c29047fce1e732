import { DPX_UNSET } from "../header/dpx.ts"
import { boxHeight, boxWidth, type HeaderPart, numberNamed } from "../header/model.ts"

/** Bytes from one row of pixels to the next as the decoder reads them: rows of 8 and 16 bits have no padding of their own. */
export function dpxRowBytes(part: HeaderPart): number {
  const samples = boxWidth(part.dataWindow) * part.channels.length
  const bits = numberNamed(part, "bitDepth") ?? 8
  const filled = (numberNamed(part, "packing") ?? 0) !== 0
  const padding = numberNamed(part, "endOfLinePadding") ?? 0
  return sampleBytes(samples, bits, filled) + (padding === DPX_UNSET ? 0 : padding)
}

function sampleBytes(samples: number, bits: number, filled: boolean): number {
  if (bits === 10 && filled) return Math.ceil(samples / 3) * 4
  if (bits === 12 && filled) return samples * 2
  if (bits === 10 || bits === 12) return Math.ceil((samples * bits) / 32) * 4
  return samples * (bits / 8)
}

/**
 * Some writers pad every row of 8 or 16 bits to 32 bits, as the standard's text can be read; the decoder does not know
 * and would shear the picture. Told by the file's size: exactly that of padded rows.
 */
export function paddedRowsProblem(part: HeaderPart, fileSizeBytes: number): string | null {
  const bits = numberNamed(part, "bitDepth") ?? 8
  const rowBytes = dpxRowBytes(part)
  if ((bits !== 8 && bits !== 16) || rowBytes % 4 === 0) return null
  const padded = Math.ceil(rowBytes / 4) * 4 * boxHeight(part.dataWindow)
  if (fileSizeBytes - (numberNamed(part, "dataOffset") ?? 0) !== padded) return null
  return "The rows of the DPX are padded to 32 bits without saying so, which the decoder would show sheared."
}
