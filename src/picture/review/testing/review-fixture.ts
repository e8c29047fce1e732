import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { done, failed, failure } from "../../../events/result.ts"
import { unwrap } from "../../../events/testing/results.ts"
import { accessUnitsOf, avcConfiguration, oneFrameMovie } from "../../encode/mp4/index.ts"
import { encodedPictures, ffmpeg } from "../../encode/mp4/testing/ffmpeg.ts"
import type { ReviewFile, ReviewFrame, ReviewJob, ReviewOrder } from "../../index.ts"
import { findTool, packageFolder } from "../../tools/find-tool.ts"
import { findGuards } from "../../tools/run-tool.ts"
import { openReviewMaker } from "../review-file.ts"

export const SIZE = { width: 320, height: 180 }
const FILM = { num: 24000, den: 1001 }

/** Frames from `first` on, each of its own picture, but those that are held. */
export const framesFrom = (first: number, count: number, held: readonly number[] = []): readonly ReviewFrame[] =>
  Array.from({ length: count }, (_, place) => {
    const isHeld = held.includes(first + place)
    const picture = isHeld ? place - 1 : place
    return { number: first + place, shows: first + picture, picture, identity: `p${picture}`, date: "2026-11-28" }
  })

export const EMPTY = { topLeft: "", topCenter: "", topRight: "", bottomLeft: "", bottomCenter: "", bottomRight: "" }

export const orderOf = (frames: readonly ReviewFrame[], more: Partial<ReviewOrder> = {}): ReviewOrder => ({
  ...{ ...SIZE, rate: FILM, timecode: "00:00:41:17", frames, handles: 0 },
  texts: {
    ...{ topLeft: "{shot}", topCenter: "{name}", topRight: "{version}" },
    ...{ bottomLeft: "{timecode}", bottomCenter: "{date}", bottomRight: "{frame}" },
  },
  facts: { shot: "sh010", name: "beauty.####.exr", version: "v003" },
  slate: [["Shot", "sh010"]],
  ...{ crf: 20, preset: "veryfast" },
  ...more,
})

/** What was made: the file, what it says of itself, and its pictures in planes of 4:2:0, one after another. */
export type MadeReview = { readonly path: string; readonly file: ReviewFile; readonly bytes: Buffer }

export type ReviewFixture = {
  /** One-frame movies, by number. */
  readonly proxies: readonly Buffer[]
  /** For files of the test. */
  readonly folder: string
  readonly make: (order: ReviewOrder, job?: Partial<ReviewJob>) => Promise<MadeReview>
  readonly tryMake: (
    order: ReviewOrder,
    job?: Partial<ReviewJob>,
  ) => ReturnType<ReturnType<typeof openReviewMaker>["make"]>
  readonly close: () => Promise<void>
}

/** A maker with the pinned ffmpeg, and proxies of as many pictures that move. */
export async function openReviewFixture(count: number, vendor?: string): Promise<ReviewFixture> {
  const folder = await mkdtemp(join(tmpdir(), "review-"))
  const ffmpeg = await pinnedFfmpeg()
  const maker = openReviewMaker(vendor === undefined ? {} : { vendorFolder: vendor, ffmpeg })
  const proxies = await proxiesOf(count)
  let jobs = 0
  const tryMake: ReviewFixture["tryMake"] = async (order, job = {}) => {
    const own = join(folder, String(jobs++))
    await mkdir(own)
    const signal = new AbortController().signal
    const read = readingOf(proxies)
    return maker.make({
      order,
      read,
      earlier: null,
      movie: null,
      folder: own,
      toFile: join(own, "made.mp4"),
      signal,
      ...job,
    })
  }
  return {
    ...{ proxies, folder },
    tryMake,
    make: async (order, job) => {
      const file = unwrap(await tryMake(order, job))
      const path = join(folder, String(jobs - 1), "made.mp4")
      return { path, file, bytes: await readFile(path) }
    },
    close: () => rm(folder, { recursive: true }),
  }
}

async function pinnedFfmpeg(): Promise<string> {
  const vendorFolders = [join(await packageFolder(), "vendor")]
  const search = { setting: null, vendorFolders, searchPath: "", guards: await findGuards() }
  return unwrap(await findTool("ffmpeg", search)).program
}

export const readingOf =
  (proxies: readonly Buffer[]): ReviewJob["read"] =>
  async (picture, start, end) =>
    done((proxies[picture] ?? Buffer.alloc(0)).subarray(start, end))

/** The reading of an earlier file; past its end there is nothing. */
export const earlierOf =
  (bytes: Buffer): NonNullable<ReviewJob["earlier"]> =>
  async (start, end) =>
    start < bytes.length
      ? done(bytes.subarray(start, end))
      : failed(failure("store/range-not-satisfiable", "The range lies outside the object."))

async function proxiesOf(count: number): Promise<readonly Buffer[]> {
  const { out } = await ffmpeg(...encodedPictures({ ...SIZE, rate: FILM, count }), "-f", "h264", "pipe:1")
  return accessUnitsOf(out).map(({ sps, pps, sample }, _, [first]) =>
    oneFrameMovie(
      { ...SIZE, rate: FILM, timecode: null, avcC: avcConfiguration(first?.sps ?? sps, first?.pps ?? pps) },
      sample,
    ),
  )
}

/** Luma of each decoded picture of a movie. */
export async function lumaOf(path: string): Promise<readonly Buffer[]> {
  const { out } = await ffmpeg("-xerror", "-i", path, "-map", "0:v", "-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:1")
  const frame = (SIZE.width * SIZE.height * 3) / 2
  return Array.from({ length: out.length / frame }, (_, at) =>
    out.subarray(at * frame, at * frame + SIZE.width * SIZE.height),
  )
}

export type Region = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

export const regionOf = (luma: Buffer, { x, y, width, height }: Region): Buffer =>
  Buffer.concat(
    Array.from({ length: height }, (_, row) => {
      const start = (y + row) * SIZE.width + x
      return luma.subarray(start, start + width)
    }),
  )

/** Decibels; regions that are equal are infinitely alike. */
export function psnr(one: Buffer, other: Buffer): number {
  const squares = one.reduce((sum, value, at) => sum + (value - (other[at] ?? 0)) ** 2, 0)
  return 10 * Math.log10((255 ** 2 * one.length) / squares)
}
