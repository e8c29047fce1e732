import fc from "fast-check"
import { REC709_CAMERA, REC1886, SRGB } from "../../pixels/curve.ts"
import { KNOWN_SPACES } from "../../pixels/known-spaces.ts"
import type { Look, Lut } from "../../pixels/look.ts"
import type { PixelOutput, PixelPlan } from "../../pixels/plan.ts"
import type { SampleReader, SampleRow } from "../../samples/index.ts"

/** Between 0 and 1, the same for the same numbers. */
const noise = (...numbers: readonly number[]): number => {
  const turns = numbers.reduce((sum, one, at) => sum + one * (12.9898 + 65.2347 * at), 0)
  return (Math.sin(turns) * 43_758.5453 + 43_758.5453) % 1
}

const MATRICES: readonly (readonly number[])[] = [[], [1.2, -0.1, -0.1, 0.05, 0.9, 0.05, 0, -0.2, 1.2]]

const matrix = fc.constantFrom(...MATRICES)

const lut = fc.record({ edge: fc.integer({ min: 2, max: 6 }), seed: fc.nat(1000) }).map(
  ({ edge, seed }): Lut => ({
    edge,
    shaper: { knee: 0.003, max: 128 },
    values: Float32Array.from({ length: edge ** 3 * 3 }, (_, at) => 1.2 * noise(at, seed) - 0.1),
  }),
)

const look: fc.Arbitrary<Look> = fc.oneof(
  fc.record({ kind: fc.constant("curve" as const), matrix, curve: fc.constantFrom(SRGB, REC1886, REC709_CAMERA) }),
  fc.record({ kind: fc.constant("lut" as const), matrix, lut }),
)

/** A canvas with a picture in it, whose sizes are even for yuv420p. */
const output = fc
  .record({
    box: fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 })),
    bars: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })),
    pixels: fc.constantFrom("rgb8" as const, "yuv420p" as const),
    look,
  })
  .map(({ box: [width, height], bars: [x, y], pixels, look: shown }): Omit<PixelOutput, "name"> => {
    const [rectangle, canvas] = [
      { x: 2 * x, y: 2 * y, width: 2 * width, height: 2 * height },
      { width: 2 * width + 4 * x, height: 2 * height + 4 * y },
    ]
    return { canvas, rectangle, pixels, look: shown }
  })

const codeCurves = [...KNOWN_SPACES.values()].flatMap(({ curve }) => (curve === null ? [] : [curve]))

/** Plans of any kind, as small as can be: every window, orientation, curve, lattice and number of outputs. */
export const pixelPlans: fc.Arbitrary<PixelPlan> = fc
  .record({
    display: fc.record({ width: fc.integer({ min: 1, max: 70 }), height: fc.integer({ min: 1, max: 70 }) }),
    data: fc.record({
      x: fc.integer({ min: -40, max: 80 }),
      y: fc.integer({ min: -40, max: 80 }),
      width: fc.integer({ min: 1, max: 90 }),
      height: fc.integer({ min: 1, max: 90 }),
    }),
    fills: fc.boolean(),
    orientation: fc.integer({ min: 1, max: 8 }),
    isGrey: fc.boolean(),
    decode: fc.option(fc.constantFrom(...codeCurves)),
    toWorking: matrix,
    main: output,
    smaller: fc.array(output, { maxLength: 2 }),
    others: fc.array(output, { maxLength: 2 }),
    compressesHighlights: fc.boolean(),
    lightMayBecomeBlack: fc.boolean(),
  })
  .map(({ fills, isGrey, display, data, main, smaller, others, ...rest }): PixelPlan => {
    const named = (name: string) => (one: Omit<PixelOutput, "name">, at: number) => ({ ...one, name: `${name}${at}` })
    return {
      ...rest,
      display,
      data: fills ? { x: 0, y: 0, ...display } : data,
      countedChannels: isGrey ? [0] : [0, 1, 2],
      main: { ...main, name: "main" },
      smaller: smaller.map(named("smaller")),
      others: others.map(named("other")),
      keepsRgb16: false,
    }
  })

/** What the samples of a made picture are like. */
export type MadeLight = {
  readonly seed: number
  /** One in so many is NaN or infinite; 0 for none. */
  readonly holes: number
  /** The largest of them. */
  readonly brightest: number
}

export const madeLight: fc.Arbitrary<MadeLight> = fc.record({
  seed: fc.nat(1000),
  holes: fc.constantFrom(0, 0, 2, 20, 300),
  brightest: fc.constantFrom(0.001, 1, 6),
})

const HOLES = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]

/** A reader of made samples that suit the plan: some are negative, few are bright. */
export function madeReader({ data, countedChannels }: PixelPlan, { seed, holes, brightest }: MadeLight): SampleReader {
  const sample = (x: number, y: number, channel: number): number => {
    const value = noise(x, y, channel, seed)
    if (holes > 0 && Math.floor(value * 1e6) % holes === 0) return HOLES[Math.floor(value * 1e3) % 3] ?? 0
    return brightest * value ** 3 - 0.05 * brightest
  }
  const plane = (y: number, channel: number): Float32Array =>
    Float32Array.from({ length: data.width }, (_, x) => sample(x, y, channel))
  return {
    width: data.width,
    height: data.height,
    readRows({ first, last }, visit) {
      for (let y = first; y <= last; y++) {
        const red = plane(y, 0)
        const row: SampleRow = countedChannels.length === 1 ? [red, red, red] : [red, plane(y, 1), plane(y, 2)]
        visit(y, row)
      }
      return { ok: true, value: undefined }
    },
  }
}
