// The movie of a sequence as a file.

import { open } from "node:fs/promises"
import { rangesText } from "../../../element/frame-ranges.ts"
import type { Rational } from "../../../events/records.generated.ts"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import type { MovieDrawing, MovieMaker, MovieOrder } from "../../index.ts"
import { onScratch } from "../../scratch.ts"
import { illustrate } from "../sheet/illustrate.ts"
import { fitsRate, framesSinceMidnight, timecodeAt } from "../timecode.ts"
import { shownFrames } from "./gaps.ts"
import { stitched } from "./index.ts"
import { commonFormat, type PictureFormat, type Pictures, readPictures } from "./pictures.ts"

/** Pictures that are read ahead. */
const AHEAD = 8

/** Stitches itself; what stands for a movie is drawn by whoever may read pictures. */
export const openMovieMaker = (drawing: MovieDrawing): MovieMaker => ({
  stitch: async (order) => {
    const pictures = await readPictures(order.found.length, order.read, AHEAD)
    if (!pictures.ok) return pictures
    const plan = planOf(order, pictures.value)
    if (!plan.ok) return plan
    const { format, shown } = plan.value
    const timecode = timecodeOf(order, format.rate)
    const { width, height, rate } = format
    const movie = { pictures: pictures.value, format, shown, rate, timecode }
    const written = await writeAll(order.toFile, stitched(movie, order.read, AHEAD))
    return written.ok ? done({ width, height, rate, timecode, frames: shown.length }) : written
  },
  illustrate: (order) => illustrate(order, drawing),
  write: (file, pieces) => writeAll(file, encoded(pieces)),
})

/** At the first frame: the one from which most of the plate's count, where they can be at this rate. */
function timecodeOf({ timecodes, range: { first } }: MovieOrder, rate: Rational): string {
  const counts = new Map<string, { count: number; readonly at: number; readonly counting: "drop-frame" | "all" }>()
  for (const { frame, text } of timecodes) {
    if (!fitsRate(text, rate)) continue
    const counting = text.includes(";") ? "drop-frame" : "all"
    const at = framesSinceMidnight(text, rate) - (frame - first)
    const same = counts.get(`${at} ${counting}`) ?? { count: 0, at, counting }
    same.count += 1
    counts.set(`${at} ${counting}`, same)
  }
  const [most = null, ...others] = counts.values()
  const common = others.reduce((best, one) => (best === null || one.count > best.count ? one : best), most)
  return common === null ? timecodeAt(first, rate) : timecodeAt(common.at, rate, common.counting)
}

type Plan = { readonly format: PictureFormat; readonly shown: Int32Array }

function planOf({ found, range, gaps }: MovieOrder, pictures: Pictures): Result<Plan> {
  const { format, unlike } = commonFormat(pictures)
  if (format === null || unlike.length > 0) {
    const frames = rangesText(Float64Array.from(unlike, (picture) => found[picture] ?? 0))
    return failed(failure("sequence/unlike", `Proxies of frames ${frames} are unlike the others: reprocess them.`))
  }
  const shown = shownFrames(found, range, gaps)
  if (shown === null)
    return failed(failure("sequence/too-long", `Frames ${range.first} to ${range.last} are more than a day of film.`))
  if (shown.pictures.length === 0)
    return failed(failure("sequence/incomplete", `Frames are not there: ${rangesText(shown.missing)}.`))
  return done({ format, shown: shown.pictures })
}

/** Characters that are written at once. */
const PIECE = 65_536

async function* encoded(pieces: Iterable<string>): AsyncGenerator<Result<Uint8Array>> {
  let text = ""
  for (const piece of pieces) {
    text += piece
    if (text.length < PIECE) continue
    yield done(Buffer.from(text))
    text = ""
  }
  yield done(Buffer.from(text))
}

/** Up to the first failure; then what is written so far is of no use, and goes with its folder. */
const writeAll = (path: string, chunks: AsyncIterable<Result<Uint8Array>>): Promise<Result<void>> =>
  onScratch(async () => {
    const file = await open(path, "w")
    try {
      for await (const chunk of chunks) {
        if (!chunk.ok) return chunk
        await file.writeFile(chunk.value)
      }
      return done(undefined)
    } finally {
      await file.close()
    }
  })
