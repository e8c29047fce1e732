// A review copy as a file.

import { createHash } from "node:crypto"
import { mkdir, open, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { onceEach } from "../../system/recent-map.ts"
import { idrPicIdRewriter } from "../encode/mp4/idr-pic-id.ts"
import { movieHead } from "../encode/mp4/index.ts"
import type { ReviewFile, ReviewJob, ReviewMaker } from "../index.ts"
import { onScratch } from "../scratch.ts"
import { findTool, packageFolder, vendorFoldersOf } from "../tools/find-tool.ts"
import type { KeptAnswers } from "../tools/kept-answers.ts"
import { findGuards, type Limits } from "../tools/run-tool.ts"
import { type EncodedSegment, encodeSegment, type SegmentMeans } from "./encode-segment.ts"
import { FONTS_CONFIG, type Fonts, fontFolders, needsIdeographs, openFonts } from "./fonts.ts"
import { planReview, type ReviewPlan, type Segment } from "./plan.ts"
import { type ReviewSound, reviewSound, soundBefore } from "./review-sound.ts"
import { type FoundTable, readSegmentTable, type StoredSegment, segmentTableBox } from "./segment-table.ts"

export type ReviewMakerOptions = {
  /** The ffmpeg to use, a path or a name on PATH; null for vendor/, then PATH. */
  readonly ffmpeg?: string | null
  /** Folder of the pinned wheels; absent for vendor/ of the package, then that of `toolsHome`. */
  readonly vendorFolder?: string
  /** Folder that `setup` installs them in for a user; null or absent for none. */
  readonly toolsHome?: string | null
  /** Value of PATH; absent for no look-up there. */
  readonly searchPath?: string
  /** What ffmpeg is known to answer; absent to ask it. */
  readonly answers?: KeptAnswers
  /** The most that a segment may take. */
  readonly limits?: Limits
}

const DEFAULT_LIMITS: Limits = { timeoutMs: 300_000, memoryLimitBytes: 4 * 2 ** 30 }

/** Starts nothing, and reads no font, before a review copy is made. */
export function openReviewMaker(options: ReviewMakerOptions = {}): ReviewMaker {
  const found = onceEach<Making>()
  return {
    make: async (job) => {
      const making = await found("making", () => findMeans(options))
      if (!making.ok) return making
      const { fonts, means } = making.value
      const plan = planReview(job.order, { encoder: means.ffmpeg.version.text, fonts: fonts.digest })
      if (!fonts.hasIdeographs && plan.segments.some(({ subtitles }) => needsIdeographs(subtitles)))
        return failed(failure("tool/missing", NO_IDEOGRAPHS, "permanent"))
      return makeReview(plan, job, making.value)
    },
  }
}

/** Again until they are found. */
async function findMeans(options: ReviewMakerOptions): Promise<Result<Making>> {
  const root = await packageFolder()
  const { ffmpeg: setting = null, searchPath = "", answers, limits = DEFAULT_LIMITS } = options
  const vendorFolders = await vendorFoldersOf(options.toolsHome ?? null, options.vendorFolder)
  const guards = await findGuards()
  const tool = await findTool("ffmpeg", { setting, vendorFolders, searchPath, guards, ...(answers && { answers }) })
  if (!tool.ok) return tool
  return done({
    fonts: await openFonts(fontFolders(root, vendorFolders)),
    means: { ffmpeg: tool.value, guards, limits },
  })
}

const NO_IDEOGRAPHS =
  "The font of Chinese, Japanese and Korean letters is not in vendor/: run `oiio-proxy-generator setup`, which fetches it."

type Making = { readonly fonts: Fonts; readonly means: SegmentMeans }

async function makeReview(plan: ReviewPlan, job: ReviewJob, { fonts, means }: Making): Promise<Result<ReviewFile>> {
  return onScratch(async () => {
    await mkdir(join(job.folder, SEGMENTS), { recursive: true })
    await writeFile(join(job.folder, FONTS_CONFIG), fonts.config)
    const earlier = job.earlier === null ? done(null) : await readSegmentTable(job.earlier)
    if (!earlier.ok) return earlier
    const made = emptyReview(job)
    for (const [place, segment] of plan.segments.entries()) {
      // The slate is encoded each time: it says what this encoder's segments are decoded by.
      const isAlike = earlier.value?.avcC === made.avcC()?.toString("hex")
      const kept = isAlike ? await keptSegment(segment, earlier.value, job) : done(null)
      if (!kept.ok) return kept
      const samples = kept.value === null ? await encodeSegment(segment, job, means) : done(kept.value)
      if (!samples.ok) return samples
      const added = await made.add(place, segment, { ...samples.value, isKept: kept.value !== null })
      if (!added.ok) return added
    }
    const sound = await reviewSound(plan, job)
    return sound.ok ? made.finish(plan, sound.value) : sound
  })
}

/** The segment of that key out of an earlier file, where its bytes are still what they were. */
async function keptSegment(
  { key }: Segment,
  table: FoundTable | null,
  { earlier }: Pick<ReviewJob, "earlier">,
): Promise<Result<EncodedSegment | null>> {
  const place = table?.segments.findIndex((segment) => segment.key === key) ?? -1
  const stored = table?.segments[place]
  if (table === null || stored === undefined || earlier === null) return done(null)
  const before = table.segments
    .slice(0, place)
    .reduce((sum, { behind = 0, samples }) => sum + behind + bytesOf(samples), table.offset + (stored.behind ?? 0))
  const bytes = await earlier(before, before + bytesOf(stored.samples))
  if (!bytes.ok) return bytes
  if (hashOf([bytes.value]) !== stored.hash) return done(null)
  const whole = Buffer.from(bytes.value)
  const ends = stored.samples.map((_, at) => bytesOf(stored.samples.slice(0, at + 1)))
  const samples = ends.map((end, at) => whole.subarray(ends[at - 1] ?? 0, end))
  return done({ avcC: Buffer.from(table.avcC, "hex"), samples })
}

const bytesOf = (samples: readonly number[]): number => samples.reduce((sum, bytes) => sum + bytes, 0)

function hashOf(pieces: readonly Uint8Array[]): string {
  const hash = createHash("sha256")
  for (const piece of pieces) hash.update(piece)
  return hash.digest("hex").slice(0, 32)
}

const SEGMENTS = "segments"

/** Collects segments in files of the job's folder, since the index of a movie stands before its pictures. */
function emptyReview({ folder, order, toFile }: ReviewJob) {
  const stored: StoredSegment[] = []
  let avcC: Buffer | null = null
  let kept = 0
  const fileOf = (place: number): string => join(folder, SEGMENTS, String(place))
  return {
    avcC: (): Buffer | null => avcC,
    async add(
      place: number,
      { key }: Segment,
      segment: EncodedSegment & { readonly isKept: boolean },
    ): Promise<Result<void>> {
      avcC ??= segment.avcC
      if (!avcC.equals(segment.avcC)) return failed(failure("tool/failed", UNLIKE))
      const samples = numbered(segment, place)
      if (samples === null) return failed(failure("tool/failed", NOT_CLOSED))
      await writeFile(fileOf(place), samples)
      stored.push({ key, hash: hashOf(samples), samples: samples.map(({ length }) => length) })
      kept += segment.isKept ? 1 : 0
      return done(undefined)
    },
    async finish({ timecode, frames }: ReviewPlan, sound: ReviewSound | null): Promise<Result<ReviewFile>> {
      if (avcC === null) throw new Error("A review copy has a slate at least.")
      const { width, height, rate } = order
      const sizes = Uint32Array.from(stored.flatMap(({ samples }) => samples))
      const sync = startsOf(stored)
      const heard = sound && soundBefore(sync, sound, rate)
      const samples = {
        storedBytes: sizes,
        shown: sizes.map((_, at) => at),
        sync,
        between: heard?.between ?? new Map(),
      }
      const segments = stored.map((segment, place) => withSound(segment, samples.between.get(sync[place] ?? 0)))
      const beside = segmentTableBox({ avcC: avcC.toString("hex"), segments })
      const file = await open(toFile, "w")
      try {
        await file.writeFile(movieHead({ width, height, rate, avcC, timecode }, samples, { beside, sound: heard }))
        for (const place of stored.keys()) {
          const packets = await heard?.read(sync[place] ?? 0)
          if (packets?.ok === false) return packets
          if (packets !== undefined) await file.writeFile(packets.value)
          await file.writeFile(await readFile(fileOf(place)))
          await rm(fileOf(place))
        }
      } finally {
        await file.close()
      }
      return done({ width, height, timecode, frames, kept, encoded: stored.length - kept })
    },
  }
}

const withSound = (segment: StoredSegment, behind: number | undefined): StoredSegment =>
  behind === undefined ? segment : { ...segment, behind }

const UNLIKE = "ffmpeg encoded segments of one review copy that cannot be decoded alike."
const NOT_CLOSED = "ffmpeg encoded a segment whose first picture cannot be decoded by itself."

/**
 * Where a segment has one picture, its neighbour's first picture follows: such pictures must differ in their number
 * (ITU-T H.264, 7.4.3), so segments have 0 and 1 by turns.
 */
function numbered({ avcC, samples: [first, ...others] }: EncodedSegment, place: number): readonly Buffer[] | null {
  const start = first === undefined ? null : (idrPicIdRewriter(avcC)?.(first, place % 2 === 0 ? 0 : 1) ?? null)
  return start === null ? null : [start, ...others]
}

/** Frames at which segments start. */
function startsOf(segments: readonly StoredSegment[]): Uint32Array {
  let frame = 0
  return Uint32Array.from(segments, ({ samples }) => {
    const start = frame
    frame += samples.length
    return start
  })
}
