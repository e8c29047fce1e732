/** Reading the samples of a DPX: every packing, run-length encoding, luminance with chroma, and planes. */

import type { Selection } from "../../../events/records.generated.ts"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import { boxHeight, boxWidth, type HeaderPart, type PictureHeader } from "../../read/header/model.ts"
import type { ByteSource, SampleReader, SampleRow } from "../index.ts"
import { type ElementRows, openElement, type RowSamples } from "./element.ts"
import { dpxElements, dpxReaderProblem } from "./kinds.ts"
import { isLumaChroma, lumaChromaRow } from "./luma-chroma.ts"

/**
 * Reads the shown channels of a DPX: integers as 0..1 from black to white code, floats as they are, in the file's own
 * order of rows and columns: orientation is the pixel path's. Fails: picture/unsupported, picture/damaged.
 */
export function openDpxReader(
  bytes: ByteSource,
  header: PictureHeader,
  selection: Pick<Selection, "channels">,
): Result<SampleReader> {
  const parts = dpxElements(header)
  const [first] = parts
  if (first === undefined) return failed(failure("picture/damaged", "The DPX has no image element."))
  const problem = parts.map(dpxReaderProblem).find((found) => found !== null) ?? null
  if (problem !== null) return failed(failure("picture/unsupported", problem))
  const littleEndian = bytes.readAt(0, 1)[0] === "X".charCodeAt(0)
  const elements: ElementRows[] = []
  for (const part of parts) {
    const opened = openElement({ bytes, header, part, littleEndian })
    if (!opened.ok) return opened
    elements.push(opened.value)
  }
  const shown = shownRows(elements, parts, selection)
  if (shown === null)
    return failed(failure("picture/unsupported", "The DPX does not have the channels that are to be shown."))
  return done(readerOf(first, shown))
}

type ShownRows = (row: number) => Result<SampleRow>

function readerOf({ dataWindow }: HeaderPart, shown: ShownRows): SampleReader {
  return {
    width: boxWidth(dataWindow),
    height: boxHeight(dataWindow),
    readRows({ first, last }, visit) {
      for (let row = first; row <= last; row++) {
        const samples = shown(row)
        if (!samples.ok) return samples
        visit(row, samples.value)
      }
      return done(undefined)
    },
  }
}

function shownRows(
  elements: readonly ElementRows[],
  parts: readonly HeaderPart[],
  { channels }: Pick<Selection, "channels">,
): ShownRows | null {
  const [element, part] = [elements[0], parts[0]]
  if (element === undefined || part === undefined) return null
  if (elements.length === 3) return planar(elements, boxWidth(part.dataWindow))
  if (isLumaChroma(part)) return lumaChroma(element, part)
  const places = channels.map((name) => part.channels.findIndex((channel) => channel.name === name))
  return places.length === 3 && !places.includes(-1) ? interleaved(element, part, places) : null
}

function lumaChroma(element: ElementRows, part: HeaderPart): ShownRows {
  const convert = lumaChromaRow(part)
  return (row) => {
    const read = element.row(row)
    return read.ok ? done(convert(read.value)) : read
  }
}

function interleaved(element: ElementRows, part: HeaderPart, places: readonly number[]): ShownRows {
  const width = boxWidth(part.dataWindow)
  const step = part.channels.length
  const red = new Float32Array(width)
  const isGrey = new Set(places).size === 1
  const planes: SampleRow = isGrey ? [red, red, red] : [red, new Float32Array(width), new Float32Array(width)]
  return (row) => {
    const read = element.row(row)
    if (!read.ok) return read
    for (let channel = 0; channel < (isGrey ? 1 : 3); channel++)
      spread(read.value, planes[channel] as Float32Array, element.values, { place: places[channel] as number, step })
    return done(planes)
  }
}

function planar(elements: readonly ElementRows[], width: number): ShownRows {
  const planes: SampleRow = [new Float32Array(width), new Float32Array(width), new Float32Array(width)]
  return (row) => {
    for (const [channel, element] of elements.entries()) {
      const read = element.row(row)
      if (!read.ok) return read
      spread(read.value, planes[channel] as Float32Array, element.values, { place: 0, step: 1 })
    }
    return done(planes)
  }
}

type SampleStep = { readonly place: number; readonly step: number }

function spread(
  { samples, first }: RowSamples,
  plane: Float32Array,
  values: Float32Array | null,
  { place, step }: SampleStep,
): void {
  if (values === null) {
    for (let x = 0, at = first + place; x < plane.length; x++, at += step) plane[x] = samples[at] as number
    return
  }
  for (let x = 0, at = first + place; x < plane.length; x++, at += step)
    plane[x] = values[samples[at] as number] as number
}
