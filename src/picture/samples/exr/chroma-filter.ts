/**
 * OpenEXR's reconstruction filter (ImfRgbaYca, 27 taps of which 13 are zero): weights of the samples 1, 3, 5, 7, 9, 11
 * and 13 pixels away on either side of a pixel between two samples. Pixels on a sample keep it.
 */
const WEIGHTS = [0.627123, -0.186077, 0.087929, -0.043159, 0.019597, -0.00754, 0.002128] as const

/** Farthest pixel that the filter looks at. */
export const CHROMA_REACH = 13

/** A row of every second pixel's samples, from pixel 0 on, at full width. Behind the ends the last sample counts. */
export function widenChroma(samples: Float32Array, into: Float32Array): void {
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
export function betweenRows(rowAt: (distance: number) => Float32Array, into: Float32Array): void {
  into.fill(0)
  WEIGHTS.forEach((weight, tap) => {
    addScaled(into, rowAt(-2 * tap - 1), rowAt(2 * tap + 1), weight)
  })
}

function addScaled(into: Float32Array, above: Float32Array, below: Float32Array, weight: number): void {
  for (let x = 0; x < into.length; x++)
    into[x] = (into[x] as number) + weight * ((above[x] as number) + (below[x] as number))
}
