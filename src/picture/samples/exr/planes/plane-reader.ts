import { done, type Failure, failed, failure, type Result } from "../../../../events/result.ts"
import { boxHeight, boxWidth, type HeaderPart, type PictureHeader } from "../../../read/header/model.ts"
import type { RowRange } from "../../index.ts"
import { readOffsetTable } from "../chunks/offset-table.ts"
import {
  type OpenPlaneReader,
  oddSampling,
  type PartSource,
  type Plane,
  type PlaneReader,
  type PlaneRequest,
  partProblem,
} from "./planes.ts"
import { scanLineProblem, scanLineReader } from "./scan-lines.ts"
import { tileProblem, tileReader } from "./tiles.ts"

/** Bytes that one unpacked chunk, or one row of tiles, may take where nothing else is said. */
const LIMIT_BYTES = 256 * 2 ** 20

/**
 * Opens channels of one part of an EXR as planes. Its offset table is read, of the pixels nothing yet.
 * Fails: picture/unsupported (compression, deep, levels), picture/damaged, picture/over-limit,
 * picture/no-displayable-channels (no such part or channel).
 */
export const openPlaneReader: OpenPlaneReader = (bytes, header, request) => {
  const part = header.parts[request.part]
  const problem = (part === undefined ? null : partProblem(part)) ?? exrProblem(header, request)
  if (problem !== null) return failed(problem)
  const shown = request.channels.map((name) => indexOf(part, name))
  const limitBytes = request.limitBytes ?? LIMIT_BYTES
  const table = readOffsetTable(bytes, { header, part: request.part, limitBytes })
  return table.ok ? done(planeReader({ bytes, part: part as HeaderPart, table: table.value, shown })) : table
}

/**
 * Why channels of a part are not read, by whichever reader, or null: picture/no-displayable-channels (no such part or
 * channel), picture/damaged, picture/over-limit. Nothing is read and no memory taken.
 */
export function exrProblem(header: PictureHeader, { part: index, channels, limitBytes }: PlaneRequest): Failure | null {
  const part = header.parts[index]
  const names = [...new Set(channels)]
  if (part === undefined || names.some((name) => indexOf(part, name) < 0)) {
    const says = `Part ${index} has not all of the channels ${channels.join(", ")}.`
    return failure("picture/no-displayable-channels", says)
  }
  return oddSampling(part) ?? memoryProblem(part, names.length, limitBytes ?? LIMIT_BYTES)
}

const indexOf = (part: HeaderPart | undefined, name: string): number =>
  part?.channels.findIndex((channel) => channel.name === name) ?? -1

const memoryProblem = (part: HeaderPart, planes: number, limitBytes: number): Failure | null =>
  part.tiles === null ? scanLineProblem(part, planes, limitBytes) : tileProblem(part, part.tiles, planes, limitBytes)

function planeReader(source: PartSource): PlaneReader {
  const { part, shown } = source
  const [width, height] = [boxWidth(part.dataWindow), boxHeight(part.dataWindow)]
  const planes = shown
    .flatMap((index) => part.channels.slice(index, index + 1))
    .map((channel): Plane => {
      const { name, xSampling, ySampling } = channel
      return { name, xSampling, ySampling, columns: width / xSampling, rows: height / ySampling }
    })
  const readRows = part.tiles === null ? scanLineReader(source) : tileReader(source, part.tiles)
  return { width, height, planes, readRows }
}

/** A row of every plane, each as wide as the data window; valid until the visitor returns. */
type VisitFullRow = (row: number, planes: readonly Float32Array[]) => void

/** Reads planes at the data window's size: each sample of a subsampled one stands for the pixels up to the next. */
export function fullRows(reader: PlaneReader): (range: RowRange, visit: VisitFullRow) => Result<void> {
  const wide = reader.planes.map((plane) => (isWhole(plane) ? null : new Float32Array(reader.width)))
  const stepRows = Math.max(...reader.planes.map(({ ySampling }) => ySampling))
  return (range, visit) => {
    const first = Math.max(0, range.first - stepRows + 1)
    return reader.readRows({ first, last: range.last }, (row, samples) => {
      const full = wide.map((into, index) =>
        widened(samples[index] ?? null, into, reader.planes[index]?.xSampling ?? 1),
      )
      if (row >= range.first) visit(row, full)
    })
  }
}

const isWhole = ({ xSampling, ySampling }: Plane): boolean => xSampling === 1 && ySampling === 1

/** The row at full width; the last one again where the plane has no samples. `into` is null for a plane that is whole. */
function widened(samples: Float32Array | null, into: Float32Array | null, xSampling: number): Float32Array {
  if (into === null || samples === null) return (samples ?? into) as Float32Array
  for (let column = 0; column < into.length; column++) into[column] = samples[Math.floor(column / xSampling)] as number
  return into
}
