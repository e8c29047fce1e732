import { bitsOf } from "../../read/header/dpx-storage.ts"
import { boxWidth, type HeaderPart, numberNamed } from "../../read/header/model.ts"
import type { SampleRow } from "../index.ts"
import type { RowSamples } from "./element.ts"
import { type CodeRange, legalRange } from "./kinds.ts"

/** Places of Cb, Y and Cr among the samples of a pixel, or of a pair of pixels. */
type SamplePlaces = { readonly cb: number; readonly cr: number; readonly y: readonly number[]; readonly step: number }

const PLACES: Readonly<Record<number, SamplePlaces>> = {
  100: { cb: 0, y: [1, 3], cr: 2, step: 4 },
  101: { cb: 0, y: [1, 4], cr: 3, step: 6 },
  102: { cb: 0, y: [1], cr: 2, step: 3 },
  103: { cb: 0, y: [1], cr: 2, step: 4 },
}

/** Shares of red and blue in luminance: ITU-R BT.601 where the header names it, else BT.709. */
const weightsOf = (part: HeaderPart): readonly [red: number, blue: number] =>
  [7, 8].includes(numberNamed(part, "colorimetric") ?? 0) ? [0.299, 0.114] : [0.2126, 0.0722]

export const isLumaChroma = (part: HeaderPart): boolean => PLACES[numberNamed(part, "descriptor") ?? 0] !== undefined

/**
 * Red, green and blue of a row of luminance and chroma, as coded (not linear). Codes are those of video (16 to 235 and 16
 * to 240 of 8 bits, ITU-R BT.709) unless the reference codes say the whole range. Where chroma has half the width, it lies
 * at every other pixel; those between get the mean of their neighbours.
 */
export function lumaChromaRow(part: HeaderPart): (row: RowSamples) => SampleRow {
  const places = PLACES[numberNamed(part, "descriptor") ?? 0]
  if (places === undefined) throw new Error("The DPX element holds no chroma.")
  const width = boxWidth(part.dataWindow)
  const scaled = scaling(part)
  const [wr, wb] = weightsOf(part)
  const wg = 1 - wr - wb
  const planes = [new Float32Array(width), new Float32Array(width), new Float32Array(width)] as const
  const [red, green, blue] = planes
  const chroma = chromaOf(places, width, scaled.chroma)
  return ({ samples, first }) => {
    const [cb, cr] = chroma(samples, first)
    for (let x = 0; x < width; x++) {
      const pair = Math.floor(x / places.y.length)
      const at = first + pair * places.step + (places.y[x % places.y.length] as number)
      const y = scaled.luma(samples[at] as number)
      const [r, b] = [y + 2 * (1 - wr) * (cr[x] as number), y + 2 * (1 - wb) * (cb[x] as number)]
      red[x] = r
      blue[x] = b
      green[x] = (y - wr * r - wb * b) / wg
    }
    return planes
  }
}

type Scaled = { readonly luma: (code: number) => number; readonly chroma: (code: number) => number }

function scaling(part: HeaderPart): Scaled {
  const bits = bitsOf(part)
  if (bits >= 32) return { luma: (value) => value, chroma: (value) => value }
  const highest = 2 ** bits - 1
  const whole = numberNamed(part, "lowData") === 0 && numberNamed(part, "highData") === highest
  const { low, high }: CodeRange = legalRange(part) ?? { low: 2 ** (bits - 4), high: 235 * 2 ** (bits - 8) }
  const middle = 2 ** (bits - 1)
  if (whole)
    return { luma: (code) => (code & highest) / highest, chroma: (code) => ((code & highest) - middle) / highest }
  return {
    luma: (code) => ((code & highest) - low) / (high - low),
    chroma: (code) => ((code & highest) - middle) / (224 * 2 ** (bits - 8)),
  }
}

function chromaOf({ cb, cr, y, step }: SamplePlaces, width: number, scaled: Scaled["chroma"]) {
  const planes = [new Float32Array(width), new Float32Array(width)] as const
  const isHalf = y.length === 2
  return (samples: RowSamples["samples"], first: number): typeof planes => {
    for (const [index, place] of [cb, cr].entries()) {
      const plane = planes[index as 0 | 1]
      for (let x = 0; x < width; x += y.length)
        plane[x] = scaled(samples[first + (x / y.length) * step + place] as number)
      if (!isHalf) continue
      for (let x = 1; x < width; x += 2) {
        const left = plane[x - 1] as number
        plane[x] = x + 1 < width ? (left + (plane[x + 1] as number)) / 2 : left
      }
    }
    return planes
  }
}
