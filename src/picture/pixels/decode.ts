import type { SampleRow } from "../samples/index.ts"
import { type Curve, decoder, type OfNumber } from "./curve.ts"

/** Steps between code values 0 and 1: codes of 8 and 16 bits lie on them. */
const STEPS = 65_535

/** Makes a row of code values linear; the row it gives is valid until the next call. */
export type DecodeRow = (row: SampleRow) => SampleRow

/** Straight lines between 65,536 code values; the exact function for what lies outside 0..1, NaN included. */
export function rowDecoder(curve: Curve, width: number): DecodeRow {
  const exact = decoder(curve)
  const table = tableOf(curve, exact)
  const planes = [0, 1, 2].map(() => new Float32Array(width)) as unknown as SampleRow
  const decode = (codes: Float32Array, light: Float32Array): void => {
    for (let x = 0; x < width; x++) {
      const code = codes[x] as number
      if (code >= 0 && code <= 1) {
        const at = code * STEPS
        const step = at | 0
        const low = table[step] as number
        light[x] = low + ((table[step + 1] as number) - low) * (at - step)
      } else {
        light[x] = exact(code)
      }
    }
  }
  return ([red, green, blue]) => {
    decode(red, planes[0])
    if (red === green && green === blue) return [planes[0], planes[0], planes[0]]
    decode(green, planes[1])
    decode(blue, planes[2])
    return planes
  }
}

const kept = new Map<string, Float32Array>()

/** Made once a curve: a thread meets the same few again and again. */
function tableOf(curve: Curve, exact: OfNumber): Float32Array {
  const key = JSON.stringify(curve)
  const table = kept.get(key) ?? Float32Array.from({ length: STEPS + 2 }, (_, step) => exact(step / STEPS))
  kept.set(key, table)
  return table
}
