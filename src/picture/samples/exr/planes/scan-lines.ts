import type { Box, Channel } from "../../../../events/records.generated.ts"
import { done, type Failure, failure, type Result } from "../../../../events/result.ts"
import { linesPerChunk } from "../../../read/header/exr-values.ts"
import { boxHeight, boxWidth, type HeaderPart } from "../../../read/header/model.ts"
import type { RowRange } from "../../index.ts"
import { type ChunkLayout, chunkLayout, chunkLayouts } from "../chunks/layout.ts"
import { damaged } from "../chunks/offset-table.ts"
import { openChunks } from "../chunks/read-chunks.ts"
import type { SampleStream } from "../compression/sample-stream.ts"
import { openUnpack } from "../compression/unpack.ts"
import { type PartSource, type Targets, takeRow, targetsOf, type VisitPlanes } from "./planes.ts"

const linesOf = ({ compression }: HeaderPart): number => linesPerChunk(compression) ?? 1

function chunkBox(part: HeaderPart, index: number): Box {
  const { dataWindow } = part
  const yMin = dataWindow.yMin + index * linesOf(part)
  return { ...dataWindow, yMin, yMax: Math.min(dataWindow.yMax, yMin + linesOf(part) - 1) }
}

/** Why the scan lines would take more memory than they may, or null: asked before any is taken. */
export function scanLineProblem(part: HeaderPart, planes: number, limitBytes: number): Failure | null {
  const needBytes = chunkLayout(part.channels, chunkBox(part, 0)).sizeBytes + planes * boxWidth(part.dataWindow) * 4
  if (needBytes <= limitBytes) return null
  return failure("picture/over-limit", `A chunk of scan lines needs ${needBytes} bytes; ${limitBytes} are allowed.`)
}

/** A chunk that lies open: its samples have not been taken yet. */
type OpenChunk = { readonly stream: SampleStream; readonly layout: ChunkLayout }

/** One row of each plane, and how the visitor sees them. */
type RowBuffers = {
  readonly planes: readonly Float32Array[]
  readonly channels: readonly Channel[]
  readonly targets: Targets
  readonly top: number
}

/** Reads planes from scan lines; in memory are one chunk and one row of each plane. */
export function scanLineReader(source: PartSource): (range: RowRange, visit: VisitPlanes) => Result<void> {
  const { bytes, part, table } = source
  const unpack = openUnpack(part.compression)
  const layoutOf = chunkLayouts(part.channels)
  const rows = openRows(source)
  const lines = linesOf(part)
  return (range, visit) => {
    const readChunk = openChunks(bytes, table)
    const last = Math.min(range.last, boxHeight(part.dataWindow) - 1)
    for (let index = Math.floor(range.first / lines); index * lines <= last; index++) {
      const layout = layoutOf(chunkBox(part, index))
      const packed = readChunk({ index, place: [layout.firstY], sizeBytes: layout.sizeBytes })
      if (!packed.ok) return packed
      const stream = unpack(packed.value, layout)
      if (stream === null) return damaged(`The scan lines from ${layout.firstY} on cannot be unpacked.`)
      visitRows({ stream, layout }, rows, { first: range.first, last }, visit)
    }
    return done(undefined)
  }
}

function openRows(source: PartSource): RowBuffers {
  const { part, shown } = source
  const channels = shown.map((index) => part.channels[index] as Channel)
  const planes = channels.map(({ xSampling }) => new Float32Array(boxWidth(part.dataWindow) / xSampling))
  return { planes, channels, targets: targetsOf(source, planes), top: part.dataWindow.yMin }
}

function visitRows({ stream, layout }: OpenChunk, rows: RowBuffers, range: RowRange, visit: VisitPlanes): void {
  const { planes, channels, targets, top } = rows
  for (let y = layout.firstY; y < layout.firstY + layout.rows && y - top <= range.last; y++) {
    const isAsked = y - top >= range.first
    takeRow(stream, layout, { y, from: 0, targets: isAsked ? targets : null })
    if (isAsked)
      visit(
        y - top,
        planes.map((plane, index) => (y % (channels[index]?.ySampling ?? 1) === 0 ? plane : null)),
      )
  }
}
