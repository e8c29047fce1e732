import type { Result } from "../../../events/result.ts"
import type { RowRange } from "../index.ts"
import type { Plane, PlaneReader } from "./planes.ts"

/** A row of every plane, each as wide as the data window; valid until the visitor returns. */
export type VisitFullRow = (row: number, planes: readonly Float32Array[]) => void

/** Reads planes at the data window's size: each sample of a subsampled one stands for the pixels up to the next. */
export function fullRows(reader: PlaneReader): (range: RowRange, visit: VisitFullRow) => Result<void> {
  const wide = reader.planes.map((plane) => (isWhole(plane) ? null : new Float32Array(reader.width)))
  const stepRows = Math.max(...reader.planes.map(({ ySampling }) => ySampling))
  return (range, visit) => {
    const first = Math.max(0, range.first - stepRows + 1)
    return reader.readRows({ first, last: range.last }, (row, samples) => {
      const full = wide.map((into, index) =>
        widened(samples[index] ?? null, into, reader.planes[index]?.xSampling ?? 1),
      )
      if (row >= range.first) visit(row, full)
    })
  }
}

const isWhole = ({ xSampling, ySampling }: Plane): boolean => xSampling === 1 && ySampling === 1

/** The row at full width; the last one again where the plane has no samples. `into` is null for a plane that is whole. */
function widened(samples: Float32Array | null, into: Float32Array | null, xSampling: number): Float32Array {
  if (into === null || samples === null) return (samples ?? into) as Float32Array
  for (let column = 0; column < into.length; column++) into[column] = samples[Math.floor(column / xSampling)] as number
  return into
}
