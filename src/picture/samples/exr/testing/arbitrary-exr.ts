import fc from "fast-check"
import type { WrittenChannel, WrittenExr, WrittenPart } from "./written-exr.ts"

type Size = {
  readonly xMin: number
  readonly yMin: number
  readonly width: number
  readonly height: number
  readonly step: number
}

/** A data window whose corner and size are multiples of `step`, as OpenEXR demands where channels are subsampled. */
const window = ({ xMin, yMin, width, height, step }: Size): WrittenPart["dataWindow"] => ({
  xMin: xMin * step,
  yMin: yMin * step,
  xMax: (xMin + width) * step - 1,
  yMax: (yMin + height) * step - 1,
})

const sizes = (step: number): fc.Arbitrary<Size> =>
  fc.record({
    xMin: fc.integer({ min: -40, max: 40 }),
    yMin: fc.integer({ min: -40, max: 40 }),
    width: fc.integer({ min: 1, max: Math.ceil(45 / step) }),
    height: fc.integer({ min: 1, max: Math.ceil(70 / step) }),
    step: fc.constant(step),
  })

const channelKinds = (step: number) =>
  fc.record({
    pixelType: fc.constantFrom("half", "half", "float", "uint"),
    xSampling: fc.constantFrom(1, step),
    ySampling: fc.constantFrom(1, step),
  })

/** Numbers that do not repeat in a short while, from a seed: `run` equal ones behind one another. */
function noise(length: number, seed: number, run: number): Uint32Array {
  let state = seed
  return new Uint32Array(length).map((_, index) => {
    if (index % run === 0) state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state ^ (state >>> 13)) >>> 0
  })
}

type PartSeed = {
  readonly size: Size
  readonly kinds: readonly Pick<WrittenChannel, "pixelType" | "xSampling" | "ySampling">[]
  readonly compression: string
  readonly tiles: WrittenPart["tiles"]
  readonly seed: number
  readonly run: number
}

function writtenPart({ size, kinds, compression, tiles, seed, run }: PartSeed): WrittenPart {
  const channels = kinds.map((kind, index): WrittenChannel => {
    const count = (size.width * size.step * size.height * size.step) / kind.xSampling / kind.ySampling
    const bits = noise(count, seed + index, run)
    return { ...kind, name: `c${index}`, samples: kind.pixelType === "half" ? bits.map((bit) => bit & 0xffff) : bits }
  })
  return { channels, dataWindow: window(size), compression, tiles: size.step === 1 ? tiles : null }
}

const COMPRESSIONS = ["none", "rle", "zips", "zip", "piz"]

const parts: fc.Arbitrary<WrittenPart> = fc.constantFrom(1, 1, 2, 3).chain((step) =>
  fc
    .record({
      size: sizes(step),
      kinds: fc.array(channelKinds(step), { minLength: 1, maxLength: 5 }),
      compression: fc.constantFrom(...COMPRESSIONS),
      tiles: fc.option(fc.record({ width: fc.integer({ min: 1, max: 50 }), height: fc.integer({ min: 1, max: 50 }) })),
      seed: fc.nat(),
      run: fc.constantFrom(1, 2, 7, 300),
    })
    .map(writtenPart),
)

const upwards = (chunks: number): number[] => Array.from({ length: chunks }, (_, index) => index)

/** Line orders: down, up, and all chunks of all parts mixed. */
const orders: fc.Arbitrary<WrittenExr["order"]> = fc.oneof(
  fc.constant(upwards),
  fc.constant((chunks: number) => upwards(chunks).reverse()),
  fc.nat().map((seed) => (chunks: number) => {
    const keys = noise(chunks, seed, 1)
    return upwards(chunks).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0))
  }),
)

/** EXR files of one to three parts: every type, sampling, compression, order, tiling and place of the data window. */
export const writtenExrs: fc.Arbitrary<WrittenExr> = fc.record({ first: parts, order: orders }).chain((made) =>
  fc.oneof(
    fc.constant({ parts: [made.first], isMultiPart: false, order: made.order }),
    fc
      .array(parts, { minLength: 0, maxLength: 2 })
      .map((others) => ({ parts: [made.first, ...others], isMultiPart: true, order: made.order })),
  ),
)
