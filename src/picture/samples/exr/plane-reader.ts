import { type Failure, failure } from "../../../events/failure.ts"
import { done, failed } from "../../../events/result.ts"
import { boxHeight, boxWidth, type HeaderPart } from "../../read/header/model.ts"
import { readOffsetTable } from "./offset-table.ts"
import { type PartSource, partProblem } from "./part-source.ts"
import type { OpenPlaneReader, Plane, PlaneReader } from "./planes.ts"
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
  const shown = request.channels.map((name) => part?.channels.findIndex((channel) => channel.name === name) ?? -1)
  if (part === undefined || shown.includes(-1)) {
    const says = `Part ${request.part} has not all of the channels ${request.channels.join(", ")}.`
    return failed(failure("picture/no-displayable-channels", says))
  }
  const limitBytes = request.limitBytes ?? LIMIT_BYTES
  const problem = partProblem(part) ?? memoryProblem(part, shown.length, limitBytes)
  if (problem !== null) return failed(problem)
  const table = readOffsetTable(bytes, { header, part: request.part, limitBytes })
  return table.ok ? done(planeReader({ bytes, part, table: table.value, shown })) : table
}

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
