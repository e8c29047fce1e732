/** Channels of an EXR as planes: scan lines and tiles, read row by row. */

import type { Channel } from "../../../../events/records.generated.ts"
import { type Failure, failure, type Result } from "../../../../events/result.ts"
import { boxHeight, boxWidth, type HeaderPart, type PictureHeader } from "../../../read/header/model.ts"
import type { ByteSource, RowRange } from "../../index.ts"
import type { ChunkLayout } from "../chunks/layout.ts"
import type { OffsetTable } from "../chunks/offset-table.ts"
import { type SampleStream, type Target, targetOf } from "../compression/sample-stream.ts"
import { isUnpacked } from "../compression/unpack.ts"

/** One channel as a plane of its own, with as many columns and rows as it has samples. */
export type Plane = {
  readonly name: string
  readonly xSampling: number
  readonly ySampling: number
  /** Data window's width / xSampling, which divides it without a rest. */
  readonly columns: number
  /** Data window's height / ySampling, which divides it without a rest. */
  readonly rows: number
}

/**
 * Row `row` of the data window, from 0 at its top: one row of samples a plane, in the planes' order, `columns` long;
 * null for a plane without samples there (only every ySampling-th row has some, row 0 always). They belong to the
 * reader: valid until the visitor returns.
 */
export type VisitPlanes = (row: number, samples: readonly (Float32Array | null)[]) => void

/** Reads channels as they are stored: subsampled ones as short rows, at every ySampling-th row. */
export interface PlaneReader {
  /** Columns of the data window. */
  readonly width: number
  /** Rows of the data window. */
  readonly height: number
  /** The channels asked for, in that order. */
  readonly planes: readonly Plane[]
  /** Visits each row of `rows` once, from the top down. Fails like SampleReader.readRows. */
  readRows(rows: RowRange, visit: VisitPlanes): Result<void>
}

/** Which channels of which part; no name twice. */
export type PlaneRequest = {
  /** Index into the header's parts. */
  readonly part: number
  readonly channels: readonly string[]
  /** Bytes that one unpacked chunk, or one row of tiles, may take; 256 MiB where absent. */
  readonly limitBytes?: number
}

/**
 * `openPlaneReader` in plane-reader.ts. Nothing of the pixels is read yet, but the offset table is.
 * Fails: picture/unsupported (compression, deep, levels), picture/damaged, picture/over-limit,
 * picture/no-displayable-channels (no such channel), source/gone, store/*.
 */
export type OpenPlaneReader = (bytes: ByteSource, header: PictureHeader, request: PlaneRequest) => Result<PlaneReader>

/** What scan lines and tiles are read from. */
export type PartSource = {
  readonly bytes: ByteSource
  readonly part: HeaderPart
  readonly table: OffsetTable
  /** Indexes of the channels that are read, into the part's channels, in the planes' order; none twice. */
  readonly shown: readonly number[]
}

/** Where the samples of each channel go, by its index in the part; samples of a null are skipped. */
export type Targets = readonly (Target | null)[]

/** The planes' memory by the index of their channel. */
export function targetsOf({ part, shown }: PartSource, planes: readonly Float32Array[]): Targets {
  const targets = planes.map(targetOf)
  return part.channels.map((_, index) => targets[shown.indexOf(index)] ?? null)
}

/** Where the samples of one row go: into the targets from index `from`; nowhere where they are null. */
type RowInto = { readonly y: number; readonly from: number; readonly targets: Targets | null }

/** Takes the samples of one row out of a chunk, channel after channel; none may be left out, for they follow one another. */
export function takeRow(stream: SampleStream, { channels }: ChunkLayout, { y, from, targets }: RowInto): void {
  for (let index = 0; index < channels.length; index++) {
    const channel = channels[index]
    if (channel === undefined || y % channel.ySampling !== 0) continue
    stream.take(channel.pixelType, channel.columns, targets?.[index] ?? null, from)
  }
}

/** Why this reader does not read a part, or null. The header alone tells, so that an engine can ask before it chooses. */
export function partProblem(part: HeaderPart): Failure | null {
  if (part.deep) return failure("picture/unsupported", "Deep samples are not read here.")
  if (!isUnpacked(part.compression))
    return failure("picture/unsupported", `The compression ${part.compression} is not read here.`)
  return oddSampling(part)
}

/** Damage in the sampling of a part's channels, whoever unpacks its chunks; null where there is none. */
export function oddSampling(part: HeaderPart): Failure | null {
  const odd = part.channels.find((channel) => isOddlySampled(part, channel))
  if (odd === undefined) return null
  const says = `The channel ${JSON.stringify(odd.name)} is sampled ${odd.xSampling}x${odd.ySampling}`
  return failure("picture/damaged", `${says}, which OpenEXR allows only in scan lines whose window it divides.`)
}

/** OpenEXR's own rules for subsampled channels (Header::sanityCheck): never in tiles, and dividing the data window. */
function isOddlySampled({ dataWindow, tiles }: HeaderPart, { xSampling, ySampling }: Channel): boolean {
  if (xSampling === 1 && ySampling === 1) return false
  const rests = [dataWindow.xMin % xSampling, dataWindow.yMin % ySampling]
  const sizeRests = [boxWidth(dataWindow) % xSampling, boxHeight(dataWindow) % ySampling]
  return tiles !== null || [...rests, ...sizeRests].some((rest) => rest !== 0)
}
