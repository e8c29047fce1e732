import { done, failed, failure, type Result } from "../../events/result.ts"
import type { NativeLibrary } from "./library.ts"

type Bytes = Uint8Array<ArrayBuffer>

/** A picture for a movie: the planes of 8-bit 4:2:0, limited range, BT.709, luma first. */
export type MoviePicture = {
  readonly planes: Uint8Array
  /** Both even. */
  readonly width: number
  readonly height: number
  readonly rate: { readonly num: number; readonly den: number }
  /** What {@link loneRateFactor} makes of a rate factor. */
  readonly rateFactor: number
  /** Speed preset of x264, by its name. */
  readonly preset: string
}

/**
 * The rate factor by which x264 makes of a picture alone what `crf` (0..51) makes of the first picture of a movie at this rate.
 * For movies it adds to `crf` what its macroblock tree gives back to the pictures that others are predicted from, and takes
 * pictures that are shown for less time for coarser ones; a picture alone is given neither, but a quantiser. 0 is as good
 * as 1, since lossless pictures are for few players; H.264 knows nothing coarser than 51, which is reached at about 46.
 */
export function loneRateFactor(crf: number, { num, den }: MoviePicture["rate"]): number {
  const seconds = Math.min(Math.max(den / num, SHORTEST_SECONDS), 1)
  const shift = (1 - QCOMP) * (TREE_STEPS + 6 * Math.log2(USUAL_SECONDS / seconds))
  return Math.min(Math.max(1, crf) + shift, COARSEST)
}

/** As in x264's ratecontrol.c and common/frame.h: its qcomp, what it adds for the tree, and how long pictures are shown. */
const QCOMP = 0.6
const TREE_STEPS = 13.5
const [SHORTEST_SECONDS, USUAL_SECONDS] = [0.01, 0.04]
const COARSEST = 51

/** A canvas of red, green and blue, 8 bits each. */
export type Still = {
  readonly rgb: Uint8Array
  readonly width: number
  readonly height: number
  /** 1..100. */
  readonly quality: number
  /** The ICC profile that says what the code values are. */
  readonly icc: Uint8Array
}

/**
 * Encoders of the native library. Each call stands alone: the same picture gives the same bytes, whatever was encoded
 * before. Both fail: tool/failed, tool/out-of-memory.
 */
export type NativeEncoders = {
  /** What they stand on: versions by name. */
  readonly versions: NativeLibrary["versions"]
  /** Parameter sets and one IDR picture, with start codes (Annex B); parameter sets do not depend on the picture. */
  readonly h264: (picture: MoviePicture) => Result<Bytes>
  /** JFIF 1.02 in 4:2:0 with the profile, and nothing else. */
  readonly jpeg: (still: Still) => Result<Bytes>
}

/** Bytes of a canvas, and what a file has beside it. */
const roomFor = (canvas: Uint8Array): number => 2 * canvas.length + OVERHEAD_BYTES

const OVERHEAD_BYTES = 64 * 1024

export function nativeEncoders(library: NativeLibrary): NativeEncoders {
  const { declared, versions } = library
  const h264 = declared(
    "int64_t h264_encode(const uint8_t *planes, int width, int height, int rate_num, int rate_den, double rate_factor, const char *preset, uint8_t *bytes, int64_t capacity, uint8_t *problem)",
  )
  const jpeg = declared(
    "int64_t jpeg_encode(const uint8_t *rgb, int width, int height, int quality, const uint8_t *icc, int icc_bytes, uint8_t *bytes, int64_t capacity, uint8_t *problem)",
  )
  return {
    versions,
    h264({ planes, width, height, rate, rateFactor, preset }) {
      if (planes.length !== (width * height * 3) / 2) throw new Error("The planes are of another size.")
      return encoded("x264", roomFor(planes), (...out) =>
        h264(planes, width, height, rate.num, rate.den, rateFactor, preset, ...out),
      )
    },
    jpeg({ rgb, width, height, quality, icc }) {
      if (rgb.length !== width * height * 3) throw new Error("The canvas is of another size.")
      return encoded("libjpeg-turbo", roomFor(rgb), (...out) =>
        jpeg(rgb, width, height, quality, icc, icc.length, ...out),
      )
    },
  }
}

/** As in native/encoders.h. */
const OUT_OF_MEMORY = -2
const PROBLEM_BYTES = 256

/** Where a call puts what it made, and its sentence where it made nothing. */
type Out = readonly [bytes: Uint8Array, capacity: number, problem: Uint8Array]

/** Where the last picture was put: taken again for the next one, whose bytes are copied out before anything else is done. */
let room = Buffer.alloc(0)

function encoded(encoder: string, capacity: number, call: (...out: Out) => number): Result<Bytes> {
  // Pages that nothing is written to cost nothing, so that the room may be generous.
  if (room.length < capacity) room = Buffer.allocUnsafeSlow(capacity)
  const bytes = room
  const problem = Buffer.alloc(PROBLEM_BYTES)
  const length = call(bytes, capacity, problem)
  if (length > 0) return done(Uint8Array.from(bytes.subarray(0, length)))
  const says = problem.toString("latin1", 0, problem.indexOf(0))
  return failed(
    length === OUT_OF_MEMORY
      ? failure("tool/out-of-memory", `${encoder} did not get the memory that it needs: ${says}`)
      : failure("tool/failed", `${encoder} did not encode the picture: ${says}`),
  )
}
