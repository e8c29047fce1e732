import { type Failure, type FailureCode, failure } from "../../../events/result.ts"
import { isLong } from "../../../events/time.ts"

/** One stretch of a file that is in memory. */
type Extent = { readonly offset: number; readonly bytes: Uint8Array }

/** What of a file is in memory, and the size of the whole file. Extents neither overlap nor touch. */
export type FileBytes = {
  readonly fileSizeBytes: number
  readonly extents: readonly Extent[]
  /** Why no more of the file is read, where that is so: what a header holds elsewhere then fails with this. */
  readonly noMore?: Failure
}

/** A stretch of the file, bytes. */
export type Span = { readonly offset: number; readonly lengthBytes: number }

/**
 * How reading a header ends: with its value, with the bytes that must be in memory before it can be read (ask again
 * with them), or with a failure.
 */
export type HeaderOutcome<T> =
  | { readonly kind: "read"; readonly value: T }
  | { readonly kind: "needMoreBytes"; readonly need: Span }
  | { readonly kind: "failed"; readonly failure: Failure }

/** The first bytes of a file of `fileSizeBytes`. */
export const firstBytes = (bytes: Uint8Array, fileSizeBytes: number): FileBytes => ({
  fileSizeBytes,
  extents: [{ offset: 0, bytes }],
})

/** Reads numbers one after another; every read is checked against what is in memory and against the file's end. */
export type Cursor = {
  position(): number
  seek(offset: number): void
  u8(): number
  u16(): number
  u32(): number
  i32(): number
  f32(): number
  f64(): number
  /** For offsets and counts. Fails picture/damaged beyond 2^53, where those of real files never are. */
  u64(): number
  /** For values that mean anything: beyond what a number holds exactly, their decimal digits. */
  u64Value(): number | string
  i64Value(): number | string
  /** A view of the next bytes, not a copy. */
  bytes(lengthBytes: number): Uint8Array
}

const failing = (failure: Failure): HeaderOutcome<never> => ({ kind: "failed", failure })

const STOP = Symbol("header reading stops")

/** Ends the reading; only `attempt` sees it. */
function stop(outcome: HeaderOutcome<never>): never {
  throw Object.assign(new Error("header reading stops"), { [STOP]: outcome })
}

/** Ends the reading with a failure; only inside `attempt`. */
export const refuse = (code: FailureCode, says: string): never => stop({ kind: "failed", failure: failure(code, says) })

/** The edge of every reader: turns an ended reading into its outcome. Anything else thrown is a bug and goes on. */
export function attempt<T>(read: () => T): HeaderOutcome<T> {
  try {
    return { kind: "read", value: read() }
  } catch (error) {
    if (error instanceof Error && STOP in error) return error[STOP] as HeaderOutcome<never>
    throw error
  }
}

/** The value of an outcome; anything else ends the reading around it. Only inside `attempt`. */
export const orStop = <T>(outcome: HeaderOutcome<T>): T => (outcome.kind === "read" ? outcome.value : stop(outcome))

export function openCursor(file: FileBytes, littleEndian: boolean): Cursor {
  let at = 0
  const take = <T>(lengthBytes: number, read: (view: DataView, offset: number) => T): T => {
    const { offset, bytes } = extentOf(file, { offset: at, lengthBytes })
    const start = at - offset
    at += lengthBytes
    return read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), start)
  }
  return {
    position: () => at,
    seek: (offset) => {
      at = offset
    },
    u8: () => take(1, (view, offset) => view.getUint8(offset)),
    u16: () => take(2, (view, offset) => view.getUint16(offset, littleEndian)),
    u32: () => take(4, (view, offset) => view.getUint32(offset, littleEndian)),
    i32: () => take(4, (view, offset) => view.getInt32(offset, littleEndian)),
    f32: () => take(4, (view, offset) => view.getFloat32(offset, littleEndian)),
    f64: () => take(8, (view, offset) => view.getFloat64(offset, littleEndian)),
    u64: () => take(8, (view, offset) => safeInteger(view.getBigUint64(offset, littleEndian))),
    u64Value: () => take(8, (view, offset) => exactly(view.getBigUint64(offset, littleEndian))),
    i64Value: () => take(8, (view, offset) => exactly(view.getBigInt64(offset, littleEndian))),
    bytes: (lengthBytes) =>
      take(lengthBytes, (view, offset) => new Uint8Array(view.buffer, view.byteOffset + offset, lengthBytes)),
  }
}

const exactly = (value: bigint): number | string => (Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`)

const safeInteger = (value: bigint): number =>
  isLong(Number(value))
    ? Number(value)
    : refuse("picture/damaged", `The header holds the number ${value}, larger than any file; the file is damaged.`)

/** The extent that holds the whole span; ends the reading where there is none. */
function extentOf(file: FileBytes, { offset, lengthBytes }: Span): Extent {
  const end = offset + lengthBytes
  if (end > file.fileSizeBytes) {
    const where = `byte ${offset} of ${file.fileSizeBytes}`
    return refuse("picture/damaged", `The file ends inside its header (at ${where}): it is truncated or inconsistent.`)
  }
  const holds = file.extents.find((extent) => extent.offset <= offset && end <= extent.offset + extent.bytes.length)
  if (holds !== undefined) return holds
  return stop(
    file.noMore === undefined ? { kind: "needMoreBytes", need: { offset, lengthBytes } } : failing(file.noMore),
  )
}

/** `file` with one more stretch in memory; what touches or overlaps becomes one extent. */
export function withExtent(file: FileBytes, added: Extent): FileBytes {
  const touches = (extent: Extent): boolean =>
    extent.offset <= added.offset + added.bytes.length && added.offset <= extent.offset + extent.bytes.length
  const apart = file.extents.filter((extent) => !touches(extent))
  const merged = [...file.extents.filter(touches), added].reduce(joined)
  return { ...file, extents: [...apart, merged] }
}

function joined(a: Extent, b: Extent): Extent {
  const offset = Math.min(a.offset, b.offset)
  const end = Math.max(a.offset + a.bytes.length, b.offset + b.bytes.length)
  const bytes = new Uint8Array(end - offset)
  bytes.set(a.bytes, a.offset - offset)
  bytes.set(b.bytes, b.offset - offset)
  return { offset, bytes }
}

/** Bytes of the file in memory, all extents together. */
export const bytesInMemory = (file: FileBytes): number =>
  file.extents.reduce((sum, extent) => sum + extent.bytes.length, 0)

/** The bytes of a span that is in memory, as far as `maxBytes`; null where they are not. */
export function bytesOf(file: FileBytes, { offset, lengthBytes }: Span, maxBytes: number): Uint8Array | null {
  const read = attempt(() => {
    const cursor = openCursor(file, true)
    cursor.seek(offset)
    return cursor.bytes(Math.min(lengthBytes, maxBytes))
  })
  return read.kind === "read" ? read.value : null
}

const UTF8 = new TextDecoder("utf-8")
const LATIN1 = new TextDecoder("latin1")

/** Text of a header: UTF-8 where it is valid, else Latin-1, as old writers meant it. */
export function headerText(bytes: Uint8Array): string {
  const text = UTF8.decode(bytes)
  return text.includes("\uFFFD") ? LATIN1.decode(bytes) : text
}

/** Text up to the first NUL, as fixed fields and ASCII tags hold it; trailing blanks cut. */
export function textToNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return headerText(end < 0 ? bytes : bytes.subarray(0, end)).trimEnd()
}

/** Hex digits of the first `limit` bytes. */
export const hexOf = (bytes: Uint8Array, limit: number): string =>
  Array.from(bytes.subarray(0, limit), (byte) => byte.toString(16).padStart(2, "0")).join("")
