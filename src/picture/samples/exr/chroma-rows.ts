import type { Result } from "../../../events/result.ts"
import type { Vector } from "../../read/colour/matrix.ts"
import type { RowRange, VisitRow } from "../index.ts"
import { betweenRows, CHROMA_REACH, widenChroma } from "./chroma-filter.ts"
import { calmRow, type LumaChromaRow, newSaturatedRow, type SaturatedRow, toRgb } from "./chroma-rgb.ts"
import type { PlaneReader } from "./planes.ts"

/** Rows that are held: a row, what the filter reaches above and below, rounded up to a power of two. */
const HELD_ROWS = 32
/** Rows of R, G, B that are held: three to calm the middle one, rounded up. */
const HELD_RGB = 4

/** The rows of planes of luminance and chroma in R, G, B. */
export function chromaRows(reader: PlaneReader, weights: Vector): (rows: RowRange, visit: VisitRow) => Result<void> {
  const held = holdRows(reader)
  const rgb = Array.from({ length: HELD_RGB }, () => newSaturatedRow(reader.width))
  const rgbAt = (row: number): SaturatedRow => rgb[row & (HELD_RGB - 1)] as SaturatedRow
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
        calmRow([rgbAt(next - 2), rgbAt(next - 1), rgbAt(next)], weights, shown)
        visit(next - 1, shown)
      }
    })
  }
}

type HeldRows = {
  take(row: number, samples: readonly (Float32Array | null)[]): void
  /** Luminance and chroma of a row whose neighbours have been taken; it may lie just outside the picture. */
  rowAt(row: number): LumaChromaRow
}

function holdRows({ width, height, planes }: PlaneReader): HeldRows {
  const [xSampling, ySampling] = [planes[1]?.xSampling ?? 1, planes[1]?.ySampling ?? 1]
  const [y, ry, by] = [rowRing(width), rowRing(width), rowRing(width)]
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
function rowRing(width: number): (row: number) => Float32Array {
  const rows: Float32Array[] = []
  return (row) => {
    const place = row & (HELD_ROWS - 1)
    rows[place] ??= new Float32Array(width)
    return rows[place] as Float32Array
  }
}
