import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createResizer } from "./resizer.ts"
import { type Axis, type Taps, triangleTaps } from "./taps.ts"

type Picture = { readonly width: number; readonly height: number; readonly at: (x: number, y: number) => number }

/** Streams a picture through a resizer; channels are the picture, its double and its negative. */
function resized({ width, height, at }: Picture, axes: { columns: Axis; rows: Axis }): Float32Array[] {
  const [columns, rows] = [triangleTaps(axes.columns), triangleTaps(axes.rows)]
  const made: Float32Array[] = []
  const resizer = createResizer({ columns, rows, emit: (row, index) => made.splice(index, 0, row.slice()) })
  for (let y = Math.max(0, rows.first); y <= Math.min(height - 1, rows.last); y++) {
    const row = Float32Array.from({ length: width }, (_, x) => at(x, y))
    resizer.push([row, row.map((value) => 2 * value), row.map((value) => -value)], y)
  }
  resizer.end()
  return made
}

const taken = ({ starts, weights, count }: Taps, output: number) =>
  Array.from({ length: count }, (_, tap) => ({
    source: (starts[output] ?? 0) + tap,
    weight: weights[output * count + tap] ?? 0,
  }))

/** The same in the obvious way. */
function expected({ at, width, height }: Picture, columns: Taps, rows: Taps) {
  return Array.from(rows.starts, (_, y) =>
    Array.from(columns.starts, (_, x) =>
      taken(rows, y).reduce(
        (sum, row) =>
          sum +
          taken(columns, x).reduce(
            (part, column) =>
              column.source < width && row.source < height
                ? part + column.weight * row.weight * at(column.source, row.source)
                : part,
            0,
          ),
        0,
      ),
    ),
  )
}

const axis = fc.record({
  displaySize: fc.integer({ min: 1, max: 40 }),
  dataStart: fc.integer({ min: -10, max: 10 }),
  dataSize: fc.integer({ min: 1, max: 40 }),
  outputSize: fc.integer({ min: 1, max: 40 }),
})

const noise = (x: number, y: number): number => Math.fround(Math.sin(12.9898 * x + 78.233 * y) * 3)

describe("the resizer", () => {
  it("gives what its taps say, for any sizes and windows", () => {
    fc.assert(
      fc.property(fc.record({ columns: axis, rows: axis }), (axes) => {
        const picture = { width: axes.columns.dataSize, height: axes.rows.dataSize, at: noise }
        const want = expected(picture, triangleTaps(axes.columns), triangleTaps(axes.rows))
        const made = resized(picture, axes)
        expect(made.length).toBe(axes.rows.outputSize)
        made.forEach((row, y) => {
          const size = axes.columns.outputSize
          want[y]?.forEach((value, x) => {
            expect(row[x]).toBeCloseTo(value, 4)
            expect(row[size + x]).toBeCloseTo(2 * value, 4)
            expect(row[2 * size + x]).toBeCloseTo(-value, 4)
          })
        })
      }),
      { numRuns: 150 },
    )
  })

  it("keeps an even picture even around NaN and infinities, whatever their number", () => {
    const odd = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)
    const holes = fc.array(fc.tuple(fc.nat({ max: 29 }), fc.nat({ max: 29 }), odd), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(holes, fc.integer({ min: 1, max: 60 }), (found, outputSize) => {
        const values = new Map(found.map(([x, y, value]) => [`${x} ${y}`, value]))
        const one = { displaySize: 30, dataStart: 0, dataSize: 30, outputSize }
        const made = resized(
          { width: 30, height: 30, at: (x, y) => (y === 0 ? 0.5 : (values.get(`${x} ${y}`) ?? 0.5)) },
          { columns: one, rows: one },
        )
        const reds = made.flatMap((row) => [...row.subarray(0, outputSize)])
        expect(reds.every((value) => Math.abs(value - 0.5) < 1e-4)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it("fills a large hole from its border", () => {
    const one = { displaySize: 200, dataStart: 0, dataSize: 200, outputSize: 100 }
    const isHole = (x: number, y: number): boolean => x >= 60 && x < 120 && y >= 60 && y < 120
    const made = resized(
      { width: 200, height: 200, at: (x, y) => (isHole(x, y) ? Number.NaN : 0.25) },
      { columns: one, rows: one },
    )
    expect(made.every((row) => row.subarray(0, 100).every((value) => Math.abs(value - 0.25) < 1e-5))).toBe(true)
  })

  it("says which rows held samples that are not finite, and is black where there is nothing else", () => {
    const [columns, rows] = [0, 1].map(() =>
      triangleTaps({ displaySize: 4, dataStart: 0, dataSize: 4, outputSize: 4 }),
    ) as [Taps, Taps]
    const made: number[][] = []
    const resizer = createResizer({ columns, rows, emit: (row) => made.push([...row.subarray(0, 4)]) })
    const row = (value: number) => new Float32Array(4).fill(value)
    const said = [Number.NaN, 1, Number.POSITIVE_INFINITY, 2].map((value, index) =>
      resizer.push([row(value), row(0), row(0)], index),
    )
    expect(said).toEqual([true, false, true, false])
    expect(made).toEqual([row(0), row(1), row(1), row(2)].map((one) => [...one]))
  })
})
