/** The pixel path of the library: what renderPixels does, natively. */

import { byProfile } from "../../element/profiles.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import type { BitsTable } from "../pixels/bits-table.ts"
import { decoderNumbers } from "../pixels/curve.ts"
import { lookTable } from "../pixels/look.ts"
import { isSuspicious, type PixelPictures } from "../pixels/pictures.ts"
import type { PixelOutput, PixelPlan } from "../pixels/plan.ts"
import { codeTable, decodedTaps, SILENTLY_BLACK, STEPS } from "../pixels/render.ts"
import { highlightsTable, secondTaps } from "../pixels/second-resize.ts"
import type { Taps } from "../pixels/taps.ts"
import type { SampleReader } from "../samples/index.ts"
import type { NativeLibrary } from "./library.ts"
import { isNativeReader, type NativeReader, outcomeFailure } from "./reader.ts"

/** What became of a picture, and the wall time of that, without the reading: milliseconds. */
export type NativePictures = PixelPictures & { readonly pixelsMs: number }

/** Gives the bytes that the canvas of an output is written into, all of them. */
export type CanvasRoom = (output: string, lengthBytes: number) => Uint8Array<ArrayBuffer>

const freshRoom: CanvasRoom = (_, lengthBytes) => new Uint8Array(lengthBytes)

/**
 * The same bytes for each picture with canvases of the same size: for whoever is done with one before the next is made.
 * Megabytes that are new for each picture have the garbage collected for every few pictures.
 */
export function keptRoom(): CanvasRoom {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>()
  return (output, lengthBytes) => {
    const last = kept.get(output)
    const room = last?.length === lengthBytes ? last : new Uint8Array(lengthBytes)
    kept.set(output, room)
    return room
  }
}

/**
 * As renderPixels, by the library: one call for a reader of its own, one a row for others. It does not make the 16 bits that
 * comparisons ask for. Fails: picture/silently-black, source/changed, tool/out-of-memory, and with what the reader fails with.
 */
export function renderNatively(
  library: NativeLibrary,
  reader: SampleReader,
  plan: PixelPlan,
  room: CanvasRoom = freshRoom,
): Result<NativePictures> {
  const functions = functionsOf(library)
  const { width, height } = reader
  const counted = plan.countedChannels.reduce((bits, channel) => bits | (1 << channel), 0)
  const pixels = functions.create(Int32Array.of(width, height, counted))
  if (pixels === null) return failed(OUT_OF_MEMORY)
  try {
    const topCode = isNativeReader(reader) ? reader.topCode : null
    if (!tell(functions, { pixels, plan, topCode })) return failed(OUT_OF_MEMORY)
    const read = isNativeReader(reader)
      ? readNatively(functions, pixels, reader)
      : pushRows(functions, { pixels, reader, plan })
    return read.ok ? finished(functions, { pixels, plan }, room) : read
  } finally {
    functions.free(pixels)
  }
}

const OUT_OF_MEMORY = failure("tool/out-of-memory", "There is too little memory to make the pictures.")

/** native/pixels.h. */
const ANOTHER_SIZE = 100
const [FLOATS, CODES] = [0, 1]

type Pixels = unknown
type Work = { readonly pixels: Pixels; readonly plan: PixelPlan }

/** Hands the plan over; false where memory is out. */
function tell(functions: PixelFunctions, { pixels, plan, topCode }: Work & { topCode: number | null }): boolean {
  const { decode, toWorking, compressesHighlights, main, smaller, others } = plan
  const exact = decode === null ? null : Float64Array.from(decoderNumbers(decode))
  const hasDecoder =
    topCode === null
      ? functions.decode(pixels, Int32Array.of(FLOATS, 0), decode && codeTable(decode, STEPS, STEPS + 2), exact)
      : functions.decode(pixels, Int32Array.of(CODES, topCode), codeTable(decode, topCode, topCode + 1), null)
  const highlights = compressesHighlights && smaller.length > 0 ? singles(highlightsTable()) : null
  if (hasDecoder === 0 || functions.work(pixels, matrixOf(toWorking), highlights) === 0) return false
  const ofDecoded = (output: PixelOutput) =>
    add(functions, pixels, {
      output,
      taps: decodedTaps(plan, output.rectangle),
      orientation: plan.orientation,
      isSmaller: false,
    })
  const ofMain = (output: PixelOutput) =>
    add(functions, pixels, {
      output,
      taps: secondTaps(main.rectangle, output.rectangle),
      orientation: 1,
      isSmaller: true,
    })
  return ofDecoded(main) && smaller.every(ofMain) && others.every(ofDecoded)
}

type AddedOutput = {
  readonly output: PixelOutput
  readonly taps: { readonly columns: Taps; readonly rows: Taps }
  readonly orientation: number
  readonly isSmaller: boolean
}

function add(
  functions: PixelFunctions,
  pixels: Pixels,
  { output, taps, orientation, isSmaller }: AddedOutput,
): boolean {
  const { canvas, rectangle, look, pixels: format } = output
  const lut = look.kind === "lut" ? look.lut : null
  const numbers = Int32Array.of(
    ...[isSmaller ? 1 : 0, orientation, format === "rgb8" ? 0 : 1, canvas.width, canvas.height],
    ...[rectangle.x, rectangle.y, rectangle.width, rectangle.height, lut?.edge ?? 0],
  )
  const { columns, rows } = taps
  const axes = [axisOf(columns), columns.weights, axisOf(rows), rows.weights] as const
  const shown = [matrixOf(look.matrix), singles(lookTable(look)), lut?.values ?? null] as const
  return functions.add(pixels, numbers, ...axes, ...shown) !== 0
}

const matrixOf = (matrix: readonly number[]): Float64Array | null =>
  matrix.length === 0 ? null : Float64Array.from(matrix)

/** An axis as native/resize.h is told of it, beside its weights. */
export const axisOf = ({ count, starts, first, last }: Taps): Int32Array =>
  Int32Array.of(count, starts.length, first, last, ...starts)

const kept = new WeakMap<BitsTable, Float32Array>()

/** A table in single precision. */
function singles(table: BitsTable): Float32Array {
  const single = kept.get(table) ?? Float32Array.from(table)
  kept.set(table, single)
  return single
}

function readNatively(functions: PixelFunctions, pixels: Pixels, reader: NativeReader): Result<void> {
  const outcome = functions.read(pixels, reader.pointer)
  if (outcome === 0) return done(undefined)
  return failed(outcome === ANOTHER_SIZE ? ANOTHER : outcomeFailure(outcome, reader.problem()))
}

const ANOTHER = failure("source/changed", "The source changed while its picture was made: it has another size now.")

function pushRows(functions: PixelFunctions, { pixels, plan, reader }: Work & { reader: SampleReader }): Result<void> {
  const axes = [plan.main, ...plan.others].map(({ rectangle }) => decodedTaps(plan, rectangle))
  const shown = axes.filter(({ columns, rows }) => columns.first <= columns.last && rows.first <= rows.last)
  if (shown.length === 0) return done(undefined)
  const first = Math.min(...shown.map(({ rows }) => rows.first))
  const last = Math.max(...shown.map(({ rows }) => rows.last))
  let hasRoom = true
  const read = reader.readRows({ first, last }, (index, [red, green, blue]) => {
    hasRoom = functions.push(pixels, index, red, green, blue) !== 0 && hasRoom
  })
  return !read.ok || hasRoom ? read : failed(OUT_OF_MEMORY)
}

/** TOLD_NUMBERS of native/pixels.h. */
const TOLD_NUMBERS = 9

function finished(functions: PixelFunctions, { pixels, plan }: Work, room: CanvasRoom): Result<NativePictures> {
  const told = new Float64Array(TOLD_NUMBERS)
  if (functions.finish(pixels, told) === 0) return failed(OUT_OF_MEMORY)
  const [nonFiniteCount = 0, black] = told
  const { width, height } = plan.main.rectangle
  const average = [...told.subarray(5, 8)].map((sum) => sum / (width * height))
  const allBlack = black === 1
  if (isSuspicious(plan, { isAll: allBlack, max: [...told.subarray(2, 5)], average })) return failed(SILENTLY_BLACK)
  const outputs = [plan.main, ...plan.smaller, ...plan.others]
  const canvases = byProfile(
    outputs.map((output, index) => [output.name, canvasOf(functions, { pixels, output, index, room })]),
  )
  return done({ canvases, mainRgb16: null, nonFiniteCount, allBlack, pixelsMs: (told[8] ?? 0) / 1e6 })
}

type Canvas = {
  readonly pixels: Pixels
  readonly output: PixelOutput
  readonly index: number
  readonly room: CanvasRoom
}

function canvasOf(functions: PixelFunctions, { pixels, output, index, room }: Canvas): Uint8Array<ArrayBuffer> {
  const { width, height } = output.canvas
  const bytes = room(output.name, width * height * (output.pixels === "rgb8" ? 3 : 1.5))
  if (functions.canvas(pixels, index, bytes, bytes.length) === 0)
    throw new Error(`The canvas of ${output.name} has another size.`)
  return bytes
}

type PixelFunctions = {
  readonly create: (numbers: Int32Array) => Pixels | null
  readonly free: (pixels: Pixels) => void
  readonly decode: (
    pixels: Pixels,
    numbers: Int32Array,
    table: Float32Array | null,
    curve: Float64Array | null,
  ) => number
  readonly work: (pixels: Pixels, toWorking: Float64Array | null, highlights: Float32Array | null) => number
  readonly add: (
    pixels: Pixels,
    numbers: Int32Array,
    ...parts: readonly (Int32Array | Float32Array | Float64Array | null)[]
  ) => number
  readonly push: (pixels: Pixels, row: number, red: Float32Array, green: Float32Array, blue: Float32Array) => number
  readonly read: (pixels: Pixels, reader: unknown) => number
  readonly finish: (pixels: Pixels, told: Float64Array) => number
  readonly canvas: (pixels: Pixels, index: number, bytes: Uint8Array, length: number) => number
}

const functionsOf = ({ declared }: NativeLibrary): PixelFunctions => ({
  create: declared("void *pixels_new(const int32_t *)"),
  free: declared("void pixels_free(void *)"),
  decode: declared("int pixels_decode(void *, const int32_t *, const float *, const double *)"),
  work: declared("int pixels_work(void *, const double *, const float *)"),
  add: declared(
    "int pixels_add(void *, const int32_t *, const int32_t *, const float *, const int32_t *, const float *, const double *, const float *, const float *)",
  ),
  push: declared("int pixels_push(void *, int, const void *, const void *, const void *)"),
  read: declared("int pixels_read(void *, void *)"),
  finish: declared("int pixels_finish(void *, double *)"),
  canvas: declared("int pixels_canvas(const void *, int, uint8_t *, int)"),
})
