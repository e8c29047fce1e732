import { done, type FailureCode, failed, failure, type Result } from "../../events/result.ts"
import type { SampleReader } from "../samples/index.ts"
import type { NativeLibrary } from "./library.ts"

/** A reader of the library, at work: whoever opens it closes it. */
export type NativeReader = SampleReader & {
  /** What the library's own pixels take (native/reader.h). */
  readonly pointer: unknown
  /** The code that stands for 1; null where samples are floats. */
  readonly topCode: number | null
  /** Why the library's last call about it failed. */
  readonly problem: () => string
  readonly close: () => void
}

/** Whether a reader is one of the library. */
export const isNativeReader = (reader: SampleReader): reader is NativeReader => "pointer" in reader

/** Calls one of the library's functions that open a reader: they fill in `outcome` and `problem`. */
export type OpenNatively = (outcome: Int32Array, problem: Uint8Array) => unknown

/** Bytes of a `problem`, native/reader.h. */
const PROBLEM_BYTES = 256

/** Floats of a block of rows that is asked for at once, if a row is not longer. */
const BLOCK_FLOATS = 2 ** 18

/** native/reader.h, `enum outcome`. */
const FAILURES: Readonly<Record<number, FailureCode>> = {
  1: "picture/damaged",
  2: "picture/unsupported",
  3: "picture/over-limit",
  4: "picture/no-displayable-channels",
  5: "source/gone",
  6: "store/denied",
  7: "store/failed",
  8: "tool/out-of-memory",
}

/** Opens a reader of the library, whose rows are given as floats. Fails as the reader says. */
export function openNativeReader(library: NativeLibrary, open: OpenNatively): Result<NativeReader> {
  const [outcome, problem] = [new Int32Array(1), new Uint8Array(PROBLEM_BYTES)]
  const pointer = open(outcome, problem)
  if (pointer === null) return failed(outcomeFailure(outcome[0] ?? 0, textOf(problem)))
  const functions = functionsOf(library)
  const width = functions.width(pointer)
  return done({
    pointer,
    topCode: functions.topCode(pointer) || null,
    problem: () => functions.problem(pointer),
    width,
    height: functions.height(pointer),
    readRows({ first, last }, visit) {
      const step = Math.max(1, Math.floor(BLOCK_FLOATS / (3 * width)))
      const [floats, isGrey] = [new Float32Array(3 * width * step), new Int32Array(1)]
      for (let row = first; row <= last; row += step) {
        const end = Math.min(last, row + step - 1)
        const found = functions.floats(pointer, row, end, floats, isGrey)
        if (found !== 0) return failed(outcomeFailure(found, functions.problem(pointer)))
        for (let at = row; at <= end; at += 1) {
          const plane = (n: number) => floats.subarray(n * width, (n + 1) * width)
          const begin = 3 * (at - row)
          const red = plane(begin)
          visit(at, isGrey[0] === 1 ? [red, red, red] : [red, plane(begin + 1), plane(begin + 2)])
        }
      }
      return done(undefined)
    },
    close: () => functions.close(pointer),
  })
}

/** What a number of the library's answers means. Numbers that are none mean a fault of ours. */
export function outcomeFailure(outcome: number, says: string): ReturnType<typeof failure> {
  const code = FAILURES[outcome]
  if (code === undefined) throw new Error(`The library answered ${outcome}: ${says}`)
  return failure(code, says)
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end))
}

type ReaderFunctions = {
  readonly width: (reader: unknown) => number
  readonly height: (reader: unknown) => number
  readonly topCode: (reader: unknown) => number
  readonly problem: (reader: unknown) => string
  readonly close: (reader: unknown) => void
  readonly floats: (reader: unknown, first: number, last: number, samples: Float32Array, isGrey: Int32Array) => number
}

const functionsOf = (library: NativeLibrary): ReaderFunctions => ({
  width: library.declared("int reader_width(const void *)"),
  height: library.declared("int reader_height(const void *)"),
  topCode: library.declared("int reader_top_code(const void *)"),
  problem: library.declared("const char *reader_problem(const void *)"),
  close: library.declared("void reader_close(void *)"),
  floats: library.declared("int reader_floats(void *, int, int, float *, int *)"),
})
