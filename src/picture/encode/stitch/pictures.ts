// What the one-frame movies of a sequence are, as far as it decides whether they can be stitched.

import { done, type Result } from "../../../events/result.ts"
import { idrPicIdStartRewriter, type RewriteStart } from "../mp4/idr-pic-id.ts"
import { type MovieStart, readMovieStart } from "../mp4/movie-start.ts"
import { formatApartFromTiming } from "../mp4/timing-apart.ts"
import { inOrder } from "./ahead.ts"

/** Reads bytes [start, end) of the movie of one picture, clipped to its end: always of one and the same version. */
export type ReadPicture = (picture: number, start: number, end: number) => Promise<Result<Uint8Array>>

/** One-frame movies by number; typed arrays, so that 100,000 take two megabytes. */
export type Pictures = {
  readonly count: number
  /** Where the sample lies in each file. */
  readonly offsets: Uint32Array
  readonly bytes: Uint32Array
  /** Bytes that the sample grows by when it gets the number 0 or 1. */
  readonly growth: readonly [Int16Array, Int16Array]
  /** The format of each, a place in `formats`; {@link UNFIT} where it is no movie whose sample can be renumbered. */
  readonly kinds: Uint8Array
  readonly formats: readonly PictureFormat[]
}

/** What a picture is decoded by: the configuration holds canvas, rate and encoder settings. */
export type PictureFormat = Pick<MovieStart, "width" | "height" | "avcC" | "rate"> & {
  /** What must be equal between pictures of one movie: all but the rate, as text. */
  readonly apartFromTiming: string
}

export const UNFIT = 255

/** Enough of a file for its index, what the encoder says of itself, and the head of the slice. */
export const START_BYTES = 8192

/**
 * Reads the starts of `count` files, `ahead` at a time; of pictures in CAVLC or in several slices, then all. Fails as the
 * first reading that fails.
 */
export async function readPictures(count: number, read: ReadPicture, ahead: number): Promise<Result<Pictures>> {
  const found = emptyPictures(count)
  let picture = 0
  for await (const start of inOrder(count, ahead, (index) => read(index, 0, START_BYTES))) {
    if (!start.ok) return start
    const movie = readMovieStart(start.value)
    if (movie !== null) {
      const end = movie.offset + movie.bytes
      const isEnough = found.add(picture, movie, start.value.subarray(movie.offset, end))
      const whole = isEnough ? null : await read(picture, movie.offset, end)
      if (whole?.ok === false) return whole
      if (whole !== null) found.add(picture, movie, whole.value)
    }
    picture++
  }
  return done(found.pictures)
}

/** Formats of one sequence beyond which pictures are no sequence. */
const MOST_FORMATS = UNFIT

type Found = {
  readonly pictures: Pictures
  /** Answers whether the sample, or as much of it as there is, was enough. */
  readonly add: (at: number, movie: MovieStart, sample: Uint8Array) => boolean
}

function emptyPictures(count: number): Found {
  const formats: (PictureFormat & { readonly rewrite: RewriteStart })[] = []
  const growth = [new Int16Array(count), new Int16Array(count)] as const
  const [offsets, bytes] = [new Uint32Array(count), new Uint32Array(count)]
  const kinds = new Uint8Array(count).fill(UNFIT)
  const kindOf = (movie: MovieStart): number => {
    const known = formats.findIndex((format) => isSameFormat(format, movie))
    const rewrite = known >= 0 || formats.length === MOST_FORMATS ? null : idrPicIdStartRewriter(movie.avcC)
    if (rewrite === null) return known >= 0 ? known : UNFIT
    const { width, height, avcC, rate } = movie
    const apartFromTiming = `${width}x${height} ${formatApartFromTiming(avcC)}`
    return formats.push({ width, height, rate, avcC: Buffer.from(avcC), apartFromTiming, rewrite }) - 1
  }
  const add = (at: number, movie: MovieStart, sample: Uint8Array): boolean => {
    const kind = kindOf(movie)
    const rewrite = formats[kind]?.rewrite
    if (rewrite === undefined) return true
    const [even, odd] = [rewrite(sample, movie.bytes, 0), rewrite(sample, movie.bytes, 1)]
    if (even === null || odd === null) return false
    kinds[at] = kind
    offsets[at] = movie.offset
    bytes[at] = movie.bytes
    growth[0][at] = even.by.length - even.replaced
    growth[1][at] = odd.by.length - odd.replaced
    return true
  }
  return { pictures: { count, offsets, bytes, growth, kinds, formats }, add }
}

const isSameFormat = (one: PictureFormat, other: MovieStart): boolean =>
  one.width === other.width &&
  one.height === other.height &&
  Buffer.compare(one.avcC, other.avcC) === 0 &&
  one.rate.num === other.rate.num &&
  one.rate.den === other.rate.den

/** Pictures of two readings as those of one, the others behind the first. */
export function joined(one: Pictures, other: Pictures): Pictures {
  const formats = [...one.formats, ...other.formats]
  const kinds = other.kinds.map((kind) => (kind === UNFIT ? UNFIT : Math.min(UNFIT, kind + one.formats.length)))
  const all = <T extends Uint8Array | Uint32Array | Int16Array>(first: T, more: T): T => {
    const both = new (first.constructor as new (length: number) => T)(first.length + more.length)
    both.set(first)
    both.set(more, first.length)
    return both
  }
  return {
    ...{ count: one.count + other.count, formats, kinds: all(one.kinds, kinds) },
    ...{ offsets: all(one.offsets, other.offsets), bytes: all(one.bytes, other.bytes) },
    growth: [all(one.growth[0], other.growth[0]), all(one.growth[1], other.growth[1])],
  }
}

/**
 * The format of most pictures, of equals the one that comes first, and the pictures that cannot be decoded by it. What differs
 * in the rate alone can: of what agrees in all else, most decide at which rate the movie runs.
 */
export type CommonFormat = { readonly format: PictureFormat | null; readonly unlike: Int32Array }

/** Whoever is unlike must be rendered again, or encoded, before the movie can be stitched. */
export function commonFormat({ kinds, formats }: Pick<Pictures, "kinds" | "formats">): CommonFormat {
  const counts = new Uint32Array(formats.length)
  for (const kind of kinds) if (kind !== UNFIT) counts[kind] = (counts[kind] ?? 0) + 1
  const likes = formats.map(({ apartFromTiming }) => apartFromTiming)
  const like = mostOf(likes, (one) =>
    likes.reduce((sum, other, at) => sum + (other === one ? (counts[at] ?? 0) : 0), 0),
  )
  const rated = formats.map((format, at) => ({ format, count: counts[at] ?? 0 }))
  const common = mostOf(
    rated.filter(({ format }) => format.apartFromTiming === like),
    ({ count }) => count,
  )
  const unlike = Array.from(kinds.keys()).filter((picture) => likes[kinds[picture] ?? UNFIT] !== like)
  return { format: common?.format ?? null, unlike: Int32Array.from(like === null ? kinds.keys() : unlike) }
}

/** The first of those of which there are most. */
const mostOf = <T>(all: readonly T[], countOf: (one: T) => number): T | null =>
  all.reduce<T | null>((most, one) => (most === null || countOf(one) > countOf(most) ? one : most), null)
