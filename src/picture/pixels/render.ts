/** From rows of samples to the pixels of the proxy and the thumbnail: made linear, resized, shown through a look. */

import { done, failed, failure, type Result } from "../../events/result.ts"
import type { SampleReader, SampleRow } from "../samples/index.ts"
import { type Curve, decoder, type OfNumber } from "./curve.ts"
import { createTurner, isSideways, type Size } from "./orientation.ts"
import { createPictures, type PictureMaker, type PixelPictures } from "./pictures.ts"
import type { PixelPlan } from "./plan.ts"
import { countNonFinite, createResizer } from "./resizer.ts"
import { type Axis, keptTaps, type Taps } from "./taps.ts"

/**
 * Makes all outputs of a picture in one pass over its rows. No full-size picture is held, and the smaller ones only where
 * they must be turned. Fails: picture/silently-black, and with what the reader fails with.
 */
export function renderPixels(reader: SampleReader, plan: PixelPlan): Result<PixelPictures> {
  const pictures = createPictures(plan)
  const sinks = pictures.makers.map((maker) => sinkOf(maker, plan))
  const read = readInto(reader, plan, sinks)
  if (!read.ok) return read
  for (const sink of sinks) sink.end()
  const made = pictures.finish()
  return made === null ? failed(SILENTLY_BLACK) : done({ ...made, nonFiniteCount: read.value })
}

export const SILENTLY_BLACK = failure(
  "picture/silently-black",
  "The picture came out black although its shown channels hold light; nothing was published.",
)

/** The way from rows of light to one output that is resized from them. */
type Sink = {
  readonly columns: Taps
  readonly rows: Taps
  readonly push: (row: SampleRow, index: number) => boolean
  readonly end: () => void
}

function sinkOf({ output, put }: PictureMaker, plan: PixelPlan): Sink {
  const { columns, rows } = decodedTaps(plan, output.rectangle)
  const stored = { width: columns.starts.length, height: rows.starts.length }
  const turner = plan.orientation === 1 ? null : createTurner(plan.orientation, stored)
  const { push, end } = createResizer({ columns, rows, emit: turner?.put ?? put })
  return {
    columns,
    rows,
    push: (row, index) => index >= rows.first && index <= rows.last && push(row, index),
    end() {
      end()
      turner?.give(put)
    },
  }
}

/** The number of non-finite samples inside the display window, as the file has them. */
function readInto(reader: SampleReader, plan: PixelPlan, sinks: readonly Sink[]): Result<number> {
  const shown = sinks.filter(({ columns, rows }) => columns.first <= columns.last && rows.first <= rows.last)
  const [main] = shown
  if (main === undefined) return done(0)
  const decode = plan.decode === null ? (row: SampleRow) => row : rowDecoder(plan.decode, reader.width)
  const first = Math.min(...shown.map(({ rows }) => rows.first))
  const last = Math.max(...shown.map(({ rows }) => rows.last))
  let count = 0
  const read = reader.readRows({ first, last }, (index, row) => {
    const light = decode(row)
    const [hasHoles] = shown.map(({ push }) => push(light, index))
    if (hasHoles !== true) return
    for (const channel of plan.countedChannels) {
      count += countNonFinite(row[channel] as Float32Array, main.columns.first, main.columns.last)
    }
  })
  return read.ok ? done(count) : read
}

/** How the picture is resized as it is stored, before it is turned to fill an output's rectangle. */
export function decodedTaps(plan: PixelPlan, rectangle: Size): { readonly columns: Taps; readonly rows: Taps } {
  const { columns, rows } = axesOf(plan, storedSize(plan.orientation, rectangle))
  return { columns: keptTaps(columns), rows: keptTaps(rows) }
}

/** Turned afterwards, a picture of this size fills the rectangle. */
function storedSize(orientation: number, { width, height }: Size): Size {
  return isSideways(orientation) ? { width: height, height: width } : { width, height }
}

function axesOf({ display, data }: PixelPlan, size: Size): { columns: Axis; rows: Axis } {
  return {
    columns: { displaySize: display.width, dataStart: data.x, dataSize: data.width, outputSize: size.width },
    rows: { displaySize: display.height, dataStart: data.y, dataSize: data.height, outputSize: size.height },
  }
}

/** Steps between code values 0 and 1: codes of 8 and 16 bits lie on them. */
export const STEPS = 65_535

/** Makes a row of code values linear; the row it gives is valid until the next call. */
type DecodeRow = (row: SampleRow) => SampleRow

/** Straight lines between 65,536 code values; the exact function for what lies outside 0..1, NaN included. */
export function rowDecoder(curve: Curve, width: number): DecodeRow {
  const exact = decoder(curve)
  const table = codeTable(curve, STEPS, STEPS + 2)
  const planes = [0, 1, 2].map(() => new Float32Array(width)) as unknown as SampleRow
  const decode = (codes: Float32Array, light: Float32Array): void => {
    for (let x = 0; x < width; x++) {
      const code = codes[x] as number
      if (code >= 0 && code <= 1) {
        const at = code * STEPS
        const step = at | 0
        const low = table[step] as number
        light[x] = low + ((table[step + 1] as number) - low) * (at - step)
      } else {
        light[x] = exact(code)
      }
    }
  }
  return ([red, green, blue]) => {
    decode(red, planes[0])
    if (red === green && green === blue) return [planes[0], planes[0], planes[0]]
    decode(green, planes[1])
    decode(blue, planes[2])
    return planes
  }
}

const kept = new Map<string, Float32Array<ArrayBuffer>>()

/**
 * The light of the code values 0, 1 / top, 2 / top and so on, `length` of them. Made once a curve: a process meets the same
 * few again and again.
 */
export function codeTable(curve: Curve | null, top: number, length: number): Float32Array<ArrayBuffer> {
  const key = JSON.stringify([curve, top, length])
  const exact: OfNumber = curve === null ? (code) => code : decoder(curve)
  const table = kept.get(key) ?? Float32Array.from({ length }, (_, step) => exact(step / top))
  kept.set(key, table)
  return table
}
