import type { Channel, Selection } from "../../../events/records.generated.ts"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import { chromaticitiesOf } from "../../read/colour/chromaticities.ts"
import { REC709, rgbToXyz, type Vector } from "../../read/colour/matrix.ts"
import { attributeNamed, type HeaderPart, numbersNamed, type PictureHeader } from "../../read/header/model.ts"
import type { ByteSource, RowRange, SampleReader, SampleRow, VisitRow } from "../index.ts"
import { openPlaneReader } from "./planes/plane-reader.ts"
import type { PlaneReader } from "./planes/planes.ts"
import type { ExrReaderLimits } from "./reader.ts"

/** Shares of Rec.709's primaries in luminance, for what states no usable chromaticities. */
const REC709_WEIGHTS: Vector = [0.2126, 0.7152, 0.0722]

/**
 * Opens an EXR of luminance and chroma (the selection's channels are Y, RY and BY) as R, G, B: chroma of every second
 * pixel and row is reconstructed with OpenEXR's filter. It holds 32 rows.
 * Fails: as openExrReader, and picture/unsupported for other samplings.
 */
export function openLuminanceChromaReader(
  bytes: ByteSource,
  header: PictureHeader,
  selection: Pick<Selection, "part" | "channels">,
  limits: ExrReaderLimits = {},
): Result<SampleReader> {
  const part = header.parts[selection.part]
  const opened = openPlaneReader(bytes, header, { part: selection.part, channels: selection.channels, ...limits })
  if (!opened.ok) return opened
  const problem = samplingProblem(part?.channels ?? [], selection.channels)
  if (problem !== null) return failed(failure("picture/unsupported", problem))
  const { width, height } = opened.value
  const readRows = chromaRows(
    opened.value,
    luminanceWeights([part, header.parts[0]].filter((one) => one !== undefined)),
  )
  return done({ width, height, readRows })
}

/** Why luminance and chroma of these samplings are not read, or null: chroma may have every pixel or every second. */
export function samplingProblem(channels: readonly Channel[], shown: readonly string[]): string | null {
  const [y, ry, by] = shown.map((name) => channels.find((channel) => channel.name === name))
  if (y === undefined || ry === undefined || by === undefined) return "The picture lacks luminance or chroma."
  const isHalved = (sampling: number): boolean => sampling === 1 || sampling === 2
  const isKnown = isHalved(ry.xSampling) && isHalved(ry.ySampling)
  const isSame = ry.xSampling === by.xSampling && ry.ySampling === by.ySampling
  if (isKnown && isSame && y.xSampling === 1 && y.ySampling === 1) return null
  const samplings = [y, ry, by].map(({ name, xSampling, ySampling }) => `${name} ${xSampling}x${ySampling}`)
  return `Luminance and chroma of these samplings are not read: ${samplings.join(", ")}.`
}

/** Shares of R, G and B in luminance by the chromaticities of the first part that states usable ones. */
export function luminanceWeights(parts: readonly HeaderPart[]): Vector {
  const holder = parts.find((part) => attributeNamed(part, "chromaticities")?.type === "chromaticities")
  const stated = holder === undefined ? REC709 : chromaticitiesOf(numbersNamed(holder, "chromaticities"))
  const matrix = stated === null ? null : rgbToXyz(stated)
  if (matrix === null) return REC709_WEIGHTS
  const [red, green, blue] = [matrix[3], matrix[4], matrix[5]]
  const sum = red + green + blue
  return green / sum > 1e-6 ? [red / sum, green / sum, blue / sum] : REC709_WEIGHTS
}

/** Rows that are held: a row, what the filter reaches above and below, rounded up to a power of two. */
const BUFFERED_ROWS = 32
/** Rows of R, G, B that are held: three to calm the middle one, rounded up. */
const BUFFERED_RGB_ROWS = 4

/** The rows of planes of luminance and chroma in R, G, B. */
function chromaRows(reader: PlaneReader, weights: Vector): (rows: RowRange, visit: VisitRow) => Result<void> {
  const held = bufferRows(reader)
  const rgb = Array.from({ length: BUFFERED_RGB_ROWS }, () => newSaturatedRow(reader.width))
  const rgbAt = (row: number): SaturatedRow => rgb[row & (BUFFERED_RGB_ROWS - 1)] as SaturatedRow
  const shown = newSaturatedRow(reader.width).rgb
  return ({ first, last }, visit) => {
    const from = Math.max(0, first - 1 - CHROMA_REACH) & ~1
    const to = Math.min(reader.height - 1, last + 1 + CHROMA_REACH)
    let next = first - 1
    return reader.readRows({ first: from, last: to }, (row, samples) => {
      held.take(row, samples)
      for (; next <= last + 1 && row >= Math.min(next + CHROMA_REACH, to); next++) {
        toRgb(held.rowAt(next), weights, rgbAt(next))
        if (next <= first) continue
        fixSaturation([rgbAt(next - 2), rgbAt(next - 1), rgbAt(next)], weights, shown)
        visit(next - 1, shown)
      }
    })
  }
}

type RowBuffer = {
  take(row: number, samples: readonly (Float32Array | null)[]): void
  /** Luminance and chroma of a row whose neighbours have been taken; it may lie just outside the picture. */
  rowAt(row: number): LumaChromaRow
}

function bufferRows({ width, height, planes }: PlaneReader): RowBuffer {
  const [xSampling, ySampling] = [planes[1]?.xSampling ?? 1, planes[1]?.ySampling ?? 1]
  const [y, ry, by] = [ringOfRows(width), ringOfRows(width), ringOfRows(width)]
  const between = { ry: new Float32Array(width), by: new Float32Array(width) }
  const widen = (samples: Float32Array, into: Float32Array): void =>
    xSampling === 1 ? into.set(samples) : widenChroma(samples, into)
  /** The picture's row that stands for one outside: OpenEXR takes the first, and the last that has chroma. */
  const inside = (row: number): number => (row < 0 ? 0 : row < height ? row : height - ySampling)
  return {
    take(row, [luma, redness, blueness]) {
      if (luma != null) y(row).set(luma)
      if (redness != null) widen(redness, ry(row))
      if (blueness != null) widen(blueness, by(row))
    },
    rowAt(row) {
      const luma = y(inside(row))
      if (row % ySampling === 0) return { y: luma, ry: ry(inside(row)), by: by(inside(row)) }
      betweenRows((distance) => ry(inside(row + distance)), between.ry)
      betweenRows((distance) => by(inside(row + distance)), between.by)
      return { y: luma, ...between }
    },
  }
}

/** Memory for the last rows of a plane, by row; made where it is needed. */
function ringOfRows(width: number): (row: number) => Float32Array {
  const rows: Float32Array[] = []
  return (row) => {
    const place = row & (BUFFERED_ROWS - 1)
    rows[place] ??= new Float32Array(width)
    return rows[place] as Float32Array
  }
}

/** Luminance and the two chroma differences of a row: RY is (R - Y) / Y, BY is (B - Y) / Y. */
type LumaChromaRow = { readonly y: Float32Array; readonly ry: Float32Array; readonly by: Float32Array }

/** A row in R, G, B, with how saturated each pixel is, 0 for grey to 1 and more. */
type SaturatedRow = { readonly rgb: SampleRow; readonly saturation: Float32Array }

function newSaturatedRow(width: number): SaturatedRow {
  const plane = (): Float32Array => new Float32Array(width)
  return { rgb: [plane(), plane(), plane()], saturation: plane() }
}

/** R, G, B of luminance and chroma; `weights` are the shares of R, G and B in the luminance. Grey comes out as it was. */
function toRgb({ y, ry, by }: LumaChromaRow, weights: Vector, into: SaturatedRow): void {
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
type ThreeRows = readonly [above: SaturatedRow, middle: SaturatedRow, below: SaturatedRow]

/**
 * The middle row, where pixels much more saturated than their four diagonal neighbours are pulled back: rounding and
 * filtering of chroma make such pixels where a dark colour meets a bright one (OpenEXR's fixSaturation). Keeps luminance.
 */
function fixSaturation([above, middle, below]: ThreeRows, weights: Vector, into: SampleRow): void {
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
    if (own > mean && own > allowed) desaturatePixel(into, x, allowed / own, weights)
  }
}

function desaturatePixel(
  [red, green, blue]: SampleRow,
  x: number,
  factor: number,
  [ofRed, ofGreen, ofBlue]: Vector,
): void {
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

/**
 * OpenEXR's reconstruction filter (ImfRgbaYca, 27 taps of which 13 are zero): weights of the samples 1, 3, 5, 7, 9, 11
 * and 13 pixels away on either side of a pixel between two samples. Pixels on a sample keep it.
 */
const WEIGHTS = [0.627123, -0.186077, 0.087929, -0.043159, 0.019597, -0.00754, 0.002128] as const

/** Farthest pixel that the filter looks at. */
const CHROMA_REACH = 13

/** A row of every second pixel's samples, from pixel 0 on, at full width. Behind the ends the last sample counts. */
function widenChroma(samples: Float32Array, into: Float32Array): void {
  const last = samples.length - 1
  for (let n = 0; n <= last; n++) {
    let between = 0
    for (let tap = 0; tap < WEIGHTS.length; tap++) {
      const [left, right] = [samples[Math.max(0, n - tap)], samples[Math.min(last, n + 1 + tap)]]
      between += (WEIGHTS[tap] as number) * ((left as number) + (right as number))
    }
    into[2 * n] = samples[n] as number
    into[2 * n + 1] = between
  }
}

/** The row between two rows of samples. `rowAt(n)` is the row n pixels away, for odd n from -13 to 13. */
function betweenRows(rowAt: (distance: number) => Float32Array, into: Float32Array): void {
  into.fill(0)
  WEIGHTS.forEach((weight, tap) => {
    addScaled(into, rowAt(-2 * tap - 1), rowAt(2 * tap + 1), weight)
  })
}

function addScaled(into: Float32Array, above: Float32Array, below: Float32Array, weight: number): void {
  for (let x = 0; x < into.length; x++)
    into[x] = (into[x] as number) + weight * ((above[x] as number) + (below[x] as number))
}
