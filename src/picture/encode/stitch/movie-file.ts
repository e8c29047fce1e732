// The movie of a sequence as a file.

import { type FileHandle, open } from "node:fs/promises"
import { dirname } from "node:path"
import { rangesText } from "../../../element/frame-ranges.ts"
import type { Rational } from "../../../events/records.generated.ts"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import type { MovieFile, MovieMaker, MovieOrder, PictureEngine } from "../../index.ts"
import { onScratch } from "../../scratch.ts"
import { illustrate } from "../sheet/illustrate.ts"
import { soundFor } from "../sound/index.ts"
import { fitsRate, framesSinceMidnight, timecodeAt } from "../timecode.ts"
import { shownFrames } from "./gaps.ts"
import { stitched } from "./index.ts"
import { keptReads } from "./kept-reads.ts"
import { commonFormat, joined, type PictureFormat, type Pictures, readPictures } from "./pictures.ts"

/** Pictures that are read ahead. */
const AHEAD = 8

/** Bytes of pictures that are kept between planning and writing: ten seconds of grainy 1080p. */
const KEPT_BYTES = 96 * 2 ** 20

/** Stitches itself; pictures are drawn, and sound is encoded, by whoever may read files that nobody trusts. */
export function openMovieMaker(engine: Pick<PictureEngine, "drawing" | "encodeSound">): MovieMaker {
  const room = { bytes: KEPT_BYTES }
  return {
    stitch: (order) => {
      const { read, letGo } = keptReads(order.read, room)
      return stitch({ ...order, read }, engine).finally(letGo)
    },
    illustrate: (order) => illustrate(order, engine.drawing),
    write: (file, pieces) => writeAll(file, encoded(pieces)),
  }
}

async function stitch(
  order: MovieOrder,
  { drawing, encodeSound }: Pick<PictureEngine, "drawing" | "encodeSound">,
): Promise<Result<MovieFile>> {
  const pictures = await readPictures(order.found.length, order.read, AHEAD)
  if (!pictures.ok) return pictures
  const plan = planOf(order, pictures.value)
  if (!plan.ok) return plan
  const { format, shown } = plan.value
  const { width, height, rate } = format
  const all = await withBlack({ order, pictures: pictures.value, ...plan.value }, drawing)
  if (!all.ok) return all
  const { text: timecode, isPlates } = timecodeOf(order, rate)
  const sinceMidnight = isPlates ? framesSinceMidnight(timecode, rate) : null
  const sounded = await soundFor(order, { ...soundedMovie(order, plan.value), sinceMidnight }, encodeSound)
  if (!sounded.ok) return sounded
  const { sound, warnings } = sounded.value
  const movie = { pictures: all.value.pictures, format, shown, rate, timecode, sound }
  const written = await writeAll(order.toFile, stitched(movie, all.value.read, AHEAD)).finally(() => sound?.close())
  const heard = sound === null ? null : { channels: sound.track.channels, sampleRate: sound.track.rate }
  return written.ok ? done({ width, height, rate, timecode, frames: shown.length, sound: heard, warnings }) : written
}

/** Sound that states no time begins with the first frame that there is, also where the movie begins later. */
function soundedMovie({ found, range }: MovieOrder, { format: { rate }, shown }: Plan) {
  return {
    ...{ rate, frames: shown.length, first: range.first, hasGaps: shown.length <= range.last - range.first },
    soundFrom: Math.min(range.first, found[0] ?? range.first),
  }
}

type Readable = { readonly pictures: Pictures; readonly read: MovieOrder["read"] }

/** With a black picture behind those of the frames, where one is shown. */
async function withBlack(
  { order, pictures, format, shown }: Plan & { readonly order: MovieOrder; readonly pictures: Pictures },
  drawing: PictureEngine["drawing"],
): Promise<Result<Readable>> {
  const black = order.found.length
  if (!shown.includes(black)) return done({ pictures, read: order.read })
  const { width, height, rate } = format
  const asked = { ...order.encoding, width, height, rate }
  const movie = await drawing.black(asked, { folder: dirname(order.toFile), signal: order.signal })
  if (!movie.ok) return movie
  const readBlack = async (_: number, start: number, end: number) => done(movie.value.subarray(start, end))
  const read = await readPictures(1, readBlack, 1)
  if (!read.ok) return read
  if (read.value.formats[read.value.kinds[0] ?? 0]?.apartFromTiming !== format.apartFromTiming)
    return failed(failure("sequence/unlike", "A black picture is encoded otherwise than the proxies: reprocess them."))
  return done({
    pictures: joined(pictures, read.value),
    read: (picture, start, end) =>
      picture === black ? readBlack(picture, start, end) : order.read(picture, start, end),
  })
}

/** At the first frame: the one from which most of the plate's count, where they can be at this rate. */
function timecodeOf({ timecodes, range: { first } }: MovieOrder, rate: Rational) {
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
  return common === null
    ? { text: timecodeAt(first, rate), isPlates: false }
    : { text: timecodeAt(common.at, rate, common.counting), isPlates: true }
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

/** Bytes that are gathered before they are written: a call of the system costs as much as many of them. */
const GATHERED = 2 ** 20

/** Up to the first failure; then what is written so far is of no use, and goes with its folder. */
const writeAll = (path: string, chunks: AsyncIterable<Result<Uint8Array>>): Promise<Result<void>> =>
  onScratch(async () => {
    const file = await open(path, "w")
    try {
      let gathered: Uint8Array[] = []
      let bytes = 0
      for await (const chunk of chunks) {
        if (!chunk.ok) return chunk
        gathered.push(chunk.value)
        bytes += chunk.value.length
        if (bytes < GATHERED) continue
        await writeFully(file, gathered, bytes)
        ;[gathered, bytes] = [[], 0]
      }
      await writeFully(file, gathered, bytes)
      return done(undefined)
    } finally {
      await file.close()
    }
  })

async function writeFully(file: FileHandle, pieces: readonly Uint8Array[], bytes: number): Promise<void> {
  const { bytesWritten } = await file.writev(pieces)
  // A disk that is nearly full takes less: writing the rest says why.
  if (bytesWritten < bytes) await file.writeFile(Buffer.concat(pieces).subarray(bytesWritten))
}
