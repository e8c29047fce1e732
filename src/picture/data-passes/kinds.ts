import type { PassKind } from "../model.ts"
import { idsPainting, ranksPainting } from "./ids.ts"
import { labPainting } from "./lab.ts"
import {
  between,
  createExtent,
  type Extent,
  numberText,
  type PaintedPass,
  type Painting,
  type PassRow,
} from "./painting.ts"

export const paintingOf = (pass: PaintedPass): Painting => PAINTINGS[pass.kind](pass)

const GREY = ["Y"]
const RGB = ["R", "G", "B"]

const PAINTINGS: Readonly<Record<PassKind, (pass: PaintedPass) => Painting>> = {
  depth: depthPainting,
  normals: ({ channels }) => scaledPainting(channels.length, (value) => between(finite(value), -1, 1)),
  motion: motionPainting,
  position: positionPainting,
  uv: ({ channels }) => scaledPainting(channels.length, (value) => between(value, 0, 1)),
  ids: idsPainting,
  cryptomatte: ranksPainting,
  uint: integersPainting,
  lab: labPainting,
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 0)

/** What renderers write where there is nothing: infinite, the largest half, or some power of ten from here on. */
const NOTHING = 1e9
const LARGEST_HALF = 65_504

const isNothing = (value: number): boolean => !(Math.abs(value) < NOTHING) || value === LARGEST_HALF

function measureInto(extent: Extent, value: number): void {
  if (isNothing(value)) extent.exclude()
  else extent.include(value)
}

/** For values that come without a range of their own. */
const FIXED = "The setting dataRange gives all frames the same range."

function depthPainting({ range }: PaintedPass): Painting {
  const extent = createExtent()
  const [black, white] = [() => range?.[0] ?? extent.low(), () => range?.[1] ?? extent.high()]
  return {
    channels: GREY,
    measure([depth]) {
      for (const value of depth ?? []) measureInto(extent, value)
    },
    paint([depth], [grey]) {
      const [low, high] = [black(), white()]
      depth?.forEach((value, x) => {
        // What is nowhere is as far away as can be.
        const far = value >= NOTHING || value === LARGEST_HALF ? Number.POSITIVE_INFINITY : value
        if (grey !== undefined) grey[x] = between(far, low, high)
      })
    },
    says: () => [
      range === undefined
        ? measuredDepth(black(), white())
        : `Depth is shown from ${numberText(black())} (black) to ${numberText(white())} (white), as set; this frame has ${numberText(extent.low())} to ${numberText(extent.high())}.`,
      ...excludedSays(extent, "depth"),
    ],
  }
}

const measuredDepth = (low: number, high: number): string =>
  low === high
    ? `Depth is ${numberText(low)} wherever this frame has any, and shown as grey. ${FIXED}`
    : `Depth is shown from ${numberText(low)} (black) to ${numberText(high)} (white), the range of this frame. ${FIXED}`

const excludedSays = (extent: Extent, what: string): readonly string[] =>
  extent.excluded() === 0
    ? []
    : [
        `${extent.excluded()} pixels hold no ${what} (infinite, NaN, ${LARGEST_HALF} or from 1e9 on): they are left out of the range.`,
      ]

/** Vectors around grey. The same length in both axes is the same step in colour. */
function motionPainting({ channels, range }: PaintedPass): Painting {
  const extent = createExtent()
  const full = (): number => range?.[1] ?? extent.high()
  const shown = scaledPainting(channels.length, (value) => between(finite(value), -full(), full()))
  return {
    ...shown,
    measure: (row) =>
      row[0]?.forEach((_, x) => {
        const length = Math.hypot(...row.map((plane) => plane[x] as number))
        measureInto(extent, length)
      }),
    says: () => [
      range === undefined
        ? `The longest motion vector of this frame, ${numberText(full())} long, is shown as full colour. ${FIXED}`
        : `Motion vectors ${numberText(full())} long are shown as full colour, as set; the longest of this frame is ${numberText(extent.high())}.`,
      ...excludedSays(extent, "vector"),
    ],
  }
}

const AXES = ["x", "y", "z"]

function positionPainting({ channels, range }: PaintedPass): Painting {
  const extents = channels.map(() => createExtent())
  const shown = scaledPainting(channels.length, (value, axis) => {
    const extent = extents[axis] as Extent
    return between(finite(value), range?.[0] ?? extent.low(), range?.[1] ?? extent.high())
  })
  const axisSays = (extent: Extent, axis: number): string =>
    `${AXES[axis]} ${numberText(extent.low())} to ${numberText(extent.high())}`
  return {
    ...shown,
    measure: (row) =>
      row.forEach((plane, axis) => {
        const extent = extents[axis] as Extent
        for (const value of plane) measureInto(extent, value)
      }),
    says: () => [
      range === undefined
        ? `Positions are shown from black to full colour over the range of this frame: ${extents.map(axisSays).join(", ")}. ${FIXED}`
        : `Positions are shown from ${numberText(range[0])} (black) to ${numberText(range[1])} (full colour), as set.`,
      ...excludedSays(extents[0] as Extent, "position"),
    ],
  }
}

/** One channel as grey, more as colour; where there is no third, blue is in the middle. */
function scaledPainting(count: number, of: (value: number, axis: number) => number): Painting {
  return {
    channels: count === 1 ? GREY : RGB,
    measure: null,
    paint: (row, into) =>
      into.forEach((target, axis) => {
        const plane = row[axis]
        if (plane === undefined) target.fill(0.5)
        else for (let x = 0; x < target.length; x++) target[x] = of(plane[x] as number, axis)
      }),
    says: () => [],
  }
}

/** Bits of the codes that people store as integers of 32 bits. */
const BITS = [8, 10, 12, 16]

const bitsOf = (plane: Float32Array): Uint32Array => new Uint32Array(plane.buffer, plane.byteOffset, plane.length)

/**
 * Colour as whole numbers: white is the largest number of 8, 10, 12 or 16 bits, the first of them that holds all samples.
 * Where none does, the readers' own scale is right, by which 2^32 is white.
 */
function integersPainting({ channels }: PaintedPass): Painting {
  let largest = 0
  const bits = (): number | undefined => BITS.find((one) => largest < 2 ** one)
  return {
    channels: channels.length === 1 ? ["Y"] : ["R", "G", "B"],
    measure(row: PassRow) {
      for (const plane of row) for (const code of bitsOf(plane)) if (code > largest) largest = code
    },
    isNeedless: () => bits() === undefined,
    paint(row, into) {
      const white = 2 ** (bits() ?? 32) - 1
      into.forEach((target, channel) => {
        const codes = bitsOf(row[channel] as Float32Array)
        for (let x = 0; x < target.length; x++) target[x] = (codes[x] as number) / white
      })
    },
    says: () => [
      `The colours are stored as whole numbers, the largest of them ${largest}: ${2 ** (bits() ?? 32) - 1} (${bits() ?? 32} bits) is shown as white.`,
    ],
  }
}
