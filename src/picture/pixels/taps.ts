/** One axis of a picture that is resized: samples [dataStart, dataStart + dataSize) of a display window that starts at 0. */
export type Axis = {
  readonly displaySize: number
  readonly dataStart: number
  readonly dataSize: number
  readonly outputSize: number
}

/**
 * What each output sample is made of: `count` neighbouring data samples from `starts[output]` on, weighted by
 * `weights[output * count ...]`. Starts never decrease. Data samples outside [first, last] have no part in any output;
 * first > last says that none has.
 */
export type Taps = {
  readonly count: number
  readonly starts: Int32Array<ArrayBuffer>
  readonly weights: Float32Array<ArrayBuffer>
  readonly first: number
  readonly last: number
}

const kept = new Map<string, Taps>()

/** Axes of a folder's frames are all alike: the latest are kept, which nobody may change. */
const MOST_KEPT = 64

/** As triangleTaps, made once for frames that follow one another. */
export function keptTaps(axis: Axis): Taps {
  const key = [axis.displaySize, axis.dataStart, axis.dataSize, axis.outputSize].join()
  const taps = kept.get(key) ?? triangleTaps(axis)
  kept.delete(key)
  kept.set(key, taps)
  for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest)
  return taps
}

type Footprint = { readonly start: number; readonly weights: readonly number[] }

/**
 * The triangle filter as OpenImageIO 3 has it (imagebufalgo_xform.cpp, resize): radius of one source pixel when scaling
 * up, of 1 / ratio when scaling down; weights normalised; beyond the display window its edge goes on. Inside the display
 * window, samples that are missing from the data are black: their weight goes to nobody.
 */
export function triangleTaps(axis: Axis): Taps {
  const footprints = Array.from({ length: axis.outputSize }, (_, output) => footprint(axis, output))
  const held = footprints.filter(({ weights }) => weights.length > 0)
  const first = held.reduce((least, { start }) => Math.min(least, start), axis.dataSize)
  const last = held.reduce((most, { start, weights }) => Math.max(most, start + weights.length - 1), -1)
  const longest = held.reduce((most, { weights }) => Math.max(most, weights.length), 1)
  const count = unrolledCount(longest, Math.max(1, last - first + 1))
  const taps = {
    count,
    starts: new Int32Array(axis.outputSize),
    weights: new Float32Array(axis.outputSize * count),
    first,
    last,
  }
  fill(taps, footprints)
  return taps
}

/** Counts that have an unrolled loop (weighted-sums.ts); zero weights fill the rest where the data is long enough. */
const UNROLLED = [1, 2, 4, 5]

function unrolledCount(longest: number, available: number): number {
  const next = UNROLLED.find((count) => count >= longest) ?? longest
  return next <= available ? next : longest
}

function fill({ count, starts, weights, first, last }: Taps, footprints: readonly Footprint[]): void {
  const latest = last - count + 1
  let before = Math.max(0, Math.min(first, latest))
  footprints.forEach((one, output) => {
    const start = one.weights.length === 0 ? before : Math.max(before, Math.min(one.start, latest))
    one.weights.forEach((weight, tap) => {
      weights[output * count + one.start - start + tap] = weight
    })
    starts[output] = start
    before = start
  })
}

/** In single precision, as the oracle computes it: at 16,384 columns half an ulp moves a tap by a thousandth. */
function footprint({ displaySize, dataStart, dataSize, outputSize }: Axis, output: number): Footprint {
  const single = Math.fround
  const ratio = single(outputSize / displaySize)
  const at = single(single((output + 0.5) * single(1 / outputSize)) * displaySize)
  const narrow = Math.min(1, ratio)
  const reach = Math.ceil(1 / narrow) + 1
  const [from, to] = [Math.floor(at) - reach, Math.floor(at) + reach]
  const sums = new Map<number, number>()
  let total = 0
  for (let source = from; source <= to; source++) {
    const weight = 1 - Math.abs(source + 0.5 - at) * narrow
    if (weight <= 0) continue
    total += weight
    const inside = Math.min(displaySize - 1, Math.max(0, source)) - dataStart
    if (inside >= 0 && inside < dataSize) sums.set(inside, (sums.get(inside) ?? 0) + weight)
  }
  return { start: Math.min(...sums.keys()), weights: [...sums.values()].map((weight) => weight / total) }
}
