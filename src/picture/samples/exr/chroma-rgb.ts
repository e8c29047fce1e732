import type { Vector } from "../../read/colour/matrix.ts"
import type { SampleRow } from "../index.ts"

/** Luminance and the two chroma differences of a row: RY is (R - Y) / Y, BY is (B - Y) / Y. */
export type LumaChromaRow = { readonly y: Float32Array; readonly ry: Float32Array; readonly by: Float32Array }

/** A row in R, G, B, with how saturated each pixel is, 0 for grey to 1 and more. */
export type SaturatedRow = { readonly rgb: SampleRow; readonly saturation: Float32Array }

export function newSaturatedRow(width: number): SaturatedRow {
  const plane = (): Float32Array => new Float32Array(width)
  return { rgb: [plane(), plane(), plane()], saturation: plane() }
}

/** R, G, B of luminance and chroma; `weights` are the shares of R, G and B in the luminance. Grey comes out as it was. */
export function toRgb({ y, ry, by }: LumaChromaRow, weights: Vector, into: SaturatedRow): void {
  const [red, green, blue] = into.rgb
  const [ofRed, ofGreen, ofBlue] = weights
  for (let x = 0; x < y.length; x++) {
    const luma = y[x] as number
    const [redness, blueness] = [ry[x] as number, by[x] as number]
    const isGrey = redness === 0 && blueness === 0
    const r = (redness + 1) * luma
    const b = (blueness + 1) * luma
    const g = isGrey ? luma : (luma - r * ofRed - b * ofBlue) / ofGreen
    red[x] = r
    green[x] = g
    blue[x] = b
    const highest = Math.max(r, g, b)
    into.saturation[x] = highest > 0 ? 1 - Math.min(r, g, b) / highest : 0
  }
}

/** Three rows of the picture, one below the other. */
export type ThreeRows = readonly [above: SaturatedRow, middle: SaturatedRow, below: SaturatedRow]

/**
 * The middle row, where pixels much more saturated than their four diagonal neighbours are pulled back: rounding and
 * filtering of chroma make such pixels where a dark colour meets a bright one (OpenEXR's fixSaturation). Keeps luminance.
 */
export function calmRow([above, middle, below]: ThreeRows, weights: Vector, into: SampleRow): void {
  const last = middle.saturation.length - 1
  for (const [index, plane] of into.entries()) plane.set(middle.rgb[index as 0 | 1 | 2])
  for (let x = 0; x <= last; x++) {
    const [left, right] = [Math.max(0, x - 1), Math.min(last, x + 1)]
    const [upper, lower] = [above.saturation, below.saturation]
    const around =
      (upper[left] as number) + (upper[right] as number) + (lower[left] as number) + (lower[right] as number)
    const mean = Math.min(1, around / 4)
    const allowed = Math.min(1, 1 - (1 - mean) / 4)
    const own = middle.saturation[x] as number
    if (own > mean && own > allowed) calmPixel(into, x, allowed / own, weights)
  }
}

function calmPixel([red, green, blue]: SampleRow, x: number, factor: number, [ofRed, ofGreen, ofBlue]: Vector): void {
  const [r, g, b] = [red[x] as number, green[x] as number, blue[x] as number]
  const highest = Math.max(r, g, b)
  const calm = (value: number): number => Math.max(0, highest - (highest - value) * factor)
  const [calmR, calmG, calmB] = [calm(r), calm(g), calm(b)]
  const luma = calmR * ofRed + calmG * ofGreen + calmB * ofBlue
  const gain = luma > 0 ? (r * ofRed + g * ofGreen + b * ofBlue) / luma : 1
  red[x] = calmR * gain
  green[x] = calmG * gain
  blue[x] = calmB * gain
}
