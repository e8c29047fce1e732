import { type Failure, failure } from "../../../events/failure.ts"
import type { Channel } from "../../../events/records.generated.ts"
import { boxHeight, boxWidth, type HeaderPart } from "../../read/header/model.ts"
import type { ByteSource } from "../index.ts"
import type { ChunkLayout } from "./chunk-layout.ts"
import type { OffsetTable } from "./offset-table.ts"
import { type SampleStream, type Target, targetOf } from "./sample-stream.ts"
import { isUnpacked } from "./unpack.ts"

/** What scan lines and tiles are read from. */
export type PartSource = {
  readonly bytes: ByteSource
  readonly part: HeaderPart
  readonly table: OffsetTable
  /** Indexes of the channels that are read, into the part's channels, in the planes' order; none twice. */
  readonly shown: readonly number[]
}

/** Where the samples of each channel go, by its index in the part; null passes over them. */
export type Targets = readonly (Target | null)[]

/** The planes' memory by the index of their channel. */
export function targetsOf({ part, shown }: PartSource, planes: readonly Float32Array[]): Targets {
  const targets = planes.map(targetOf)
  return part.channels.map((_, index) => targets[shown.indexOf(index)] ?? null)
}

/** Where the samples of one row go: into the targets from index `from`; nowhere where they are null. */
export type RowInto = { readonly y: number; readonly from: number; readonly targets: Targets | null }

/** Takes the samples of one row out of a chunk, channel after channel; none may be left out, for they follow one another. */
export function takeRow(stream: SampleStream, { channels }: ChunkLayout, { y, from, targets }: RowInto): void {
  for (let index = 0; index < channels.length; index++) {
    const channel = channels[index]
    if (channel === undefined || y % channel.ySampling !== 0) continue
    stream.take(channel.pixelType, channel.columns, targets?.[index] ?? null, from)
  }
}

/** Why a part is none for this reader, or null: a function of the header alone, so that a route can ask it first. */
export function partProblem(part: HeaderPart): Failure | null {
  if (part.deep) return failure("picture/unsupported", "Deep samples are not read here.")
  if (!isUnpacked(part.compression))
    return failure("picture/unsupported", `The compression ${part.compression} is not read here.`)
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
