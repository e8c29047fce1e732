import type { PlanarRow } from "./resizer.ts"

/** Each pixel of `row` times a 3x3 matrix, row by row, into `target`. */
export function matrixRow(matrix: readonly number[], row: PlanarRow, target: PlanarRow): void {
  const [a = 1, b = 0, c = 0, d = 0, e = 1, f = 0, g = 0, h = 0, i = 1] = matrix
  const width = row.length / 3
  const last = 2 * width
  for (let x = 0; x < width; x++) {
    const red = row[x] as number
    const green = row[width + x] as number
    const blue = row[last + x] as number
    target[x] = a * red + b * green + c * blue
    target[width + x] = d * red + e * green + f * blue
    target[last + x] = g * red + h * green + i * blue
  }
}
