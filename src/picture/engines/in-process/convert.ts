import { join } from "node:path"
import { done, failed, type Result } from "../../../events/result.ts"
import type { RenderJob, Scratch } from "../../model.ts"
import type { HeaderLimits } from "../../read/header/limits.ts"
import { boxHeight, boxWidth, type HeaderPart, type PictureHeader } from "../../read/header/model.ts"
import { readHeader } from "../../read/header/read.ts"
import { readLocalHeader } from "../../read/reading.ts"
import { type ToolContext, toolRunner } from "../../tools/tool-context.ts"
import { nonFiniteSamples, parseStats } from "../oiiotool/answers.ts"
import { toldChannels } from "../oiiotool/channel-numbers.ts"
import { convertArgs } from "../oiiotool/convert-args.ts"
import { countsBeforeConversion, sourceStatsArgs } from "../oiiotool/oiiotool-args.ts"
import type { OwnSource } from "../own-readers.ts"
import type { PicturePlan } from "../plan.ts"
import { linkedSource } from "../prepared-source.ts"

/** What is behind the samples of an uncompressed EXR: header and offsets. */
const OVERHEAD_BYTES = 2 ** 20

const CONVERTED = "converted.exr"

export type ConversionJob = ToolContext & {
  readonly job: RenderJob
  readonly plan: PicturePlan
  readonly header: PictureHeader
  readonly headerLimits: HeaderLimits
  readonly scratch: Scratch
  /** Made linear Rec.709 by OCIO. */
  readonly linear: boolean
}

export type Converted = {
  readonly source: OwnSource
  /** Non-finite samples of the source, where the conversion may have swallowed some; else null. */
  readonly nonFiniteCount: number | null
}

/**
 * Has oiiotool write the shown channels as an EXR that is read here, and gives that to `use`; the file is gone afterwards.
 * It may be larger than the source, so it gets room of its own. Fails: tool/*, scratch/full, stopped, and like `use`.
 */
export async function withConverted<T>(
  work: ConversionJob,
  use: (converted: Converted) => Promise<Result<T>>,
): Promise<Result<T>> {
  const samples = samplesOf(work)
  const opened = await work.scratch.open(sizeBytes(work, samples))
  if (!opened.ok) return opened
  const room = opened.value
  try {
    const made = await converted(work, samples, room.folder)
    return made.ok ? await use(made.value) : made
  } finally {
    await room.remove()
  }
}

type Samples = "half" | "float"

async function converted(work: ConversionJob, samples: Samples, folder: string): Promise<Result<Converted>> {
  const { job, tools, linear } = work
  const source = await linkedSource({ ...job, folder })
  if (!source.ok) return source
  const run = toolRunner(work, { folder, signal: job.signal })
  const told = await toldChannels(work.plan, source.value, (args) => run(tools.oiiotool, args))
  if (!told.ok) return told
  const plan = told.value
  const made = await run(
    tools.oiiotool,
    convertArgs(plan, {
      source: source.value,
      converted: CONVERTED,
      samples,
      linear,
      isSingle: isSingle(work),
    }),
  )
  if (!made.ok) return made
  const counted =
    linear && countsBeforeConversion(plan) ? await run(tools.oiiotool, sourceStatsArgs(plan, source.value)) : null
  if (counted !== null && !counted.ok) return counted
  const sourceFile = join(folder, CONVERTED)
  const header = await readLocalHeader(
    sourceFile,
    (file) => readHeader(file, CONVERTED, work.headerLimits),
    work.headerLimits,
  )
  if (!header.ok) return failed(header.failure)
  const selection = { ...plan.selection, part: 0, channels: ["R", "G", "B"] }
  const written: OwnSource = { sourceFile, header: header.value, selection, reader: "exr" }
  return done({ source: written, nonFiniteCount: counted === null ? null : countOf(counted.value.stdout, plan) })
}

function isSingle({ header: { parts }, plan }: ConversionJob): boolean {
  const tiles = parts[plan.selection.part]?.tiles
  return parts.length === 1 && (tiles == null || tiles.levelMode === "one-level")
}

function countOf(stdout: string, { selection }: PicturePlan): number {
  const stats = parseStats(stdout)
  return stats === null ? UNCOUNTED : nonFiniteSamples(stats, [...new Set(selection.channels)])
}

/** What the port says for samples that nobody counted. */
const UNCOUNTED = -1

/** Half holds 8 and 10 bits without loss; what has more, and what was made linear from codes, gets float. */
function samplesOf({ header, plan, linear }: ConversionJob): Samples {
  const part = header.parts[plan.selection.part]
  const isSmall = (name: string): boolean => HELD_BY_HALF.has(pixelType(part, name))
  return !linear && plan.selection.channels.every(isSmall) ? "half" : "float"
}

const HELD_BY_HALF = new Set(["half", "uint1", "uint2", "uint4", "uint8", "uint10"])

const pixelType = (part: HeaderPart | undefined, name: string): string =>
  part?.channels.find((channel) => channel.name === name)?.pixelType ?? part?.channels[0]?.pixelType ?? ""

function sizeBytes({ plan: { selection } }: ConversionJob, samples: Samples): number {
  const pixels = boxWidth(selection.dataWindow) * boxHeight(selection.dataWindow)
  return pixels * 3 * (samples === "half" ? 2 : 4) + OVERHEAD_BYTES
}
