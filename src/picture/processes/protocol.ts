/**
 * What goes over the channel between this program and a render process: frames of a mark, a kind, a length and a body. An
 * order is whatever Node serialises, since the process believes us; an answer is JSON with bytes behind it, since nobody
 * believes a process that reads hostile files.
 */

import { deserialize, serialize } from "node:v8"

/** The descriptor of the channel in a render process. */
export const CHANNEL = 3

const MARK = 0x47_50_4f
const HEAD_BYTES = 8
/** More than the planes of the largest proxy that settings allow. */
const MOST_BODY_BYTES = 2 ** 29

const KINDS = {
  /** To the process: what it has to do. */
  order: 1,
  /** From the process: it has read the order, so that whatever happens from now on is the order's fault. */
  begun: 2,
  /** Bytes of a file that the order has made, which the process may not write itself; in their order. */
  piece: 3,
  /** The last word on an order. */
  answer: 4,
  /** The same, where the work threw; the process ends. */
  threw: 5,
} as const

export type FrameKind = keyof typeof KINDS

const kindOf = (number: number): FrameKind | undefined =>
  (Object.keys(KINDS) as FrameKind[]).find((kind) => KINDS[kind] === number)

export type Body = Uint8Array<ArrayBuffer>

/** The bytes that begin a frame. */
export function frameHead(kind: FrameKind, bodyBytes: number): Body {
  const head = new DataView(new ArrayBuffer(HEAD_BYTES))
  head.setUint32(0, MARK * 256 + KINDS[kind])
  head.setUint32(4, bodyBytes)
  return new Uint8Array(head.buffer)
}

/** What a frame's head says; null where it is none. */
export function readHead(bytes: Uint8Array): { readonly kind: FrameKind; readonly bodyBytes: number } | null {
  const head = new DataView(bytes.buffer, bytes.byteOffset, HEAD_BYTES)
  const [mark, bodyBytes] = [head.getUint32(0), head.getUint32(4)]
  const kind = Math.floor(mark / 256) === MARK ? kindOf(mark % 256) : undefined
  return kind === undefined || bodyBytes > MOST_BODY_BYTES ? null : { kind, bodyBytes }
}

/** Puts frames together from bytes as they come. */
export function createFrameReader(take: (kind: FrameKind, body: Body) => void) {
  const head = new Uint8Array(HEAD_BYTES)
  let [headAt, bodyAt] = [0, 0]
  let open: { readonly kind: FrameKind; readonly body: Body } | null = null
  return {
    /** False where the bytes are no frames: nothing that follows can be read. */
    push(bytes: Uint8Array): boolean {
      let at = 0
      while (at < bytes.length || (open !== null && bodyAt === open.body.length)) {
        if (open === null) {
          const part = bytes.subarray(at, at + HEAD_BYTES - headAt)
          head.set(part, headAt)
          headAt += part.length
          at += part.length
          if (headAt < HEAD_BYTES) break
          const read = readHead(head)
          if (read === null) return false
          open = { kind: read.kind, body: new Uint8Array(read.bodyBytes) }
          ;[headAt, bodyAt] = [0, 0]
        } else {
          const part = bytes.subarray(at, at + open.body.length - bodyAt)
          open.body.set(part, bodyAt)
          bodyAt += part.length
          at += part.length
          if (bodyAt < open.body.length) break
          const { kind, body } = open
          open = null
          take(kind, body)
        }
      }
      return true
    },
  }
}

export const packOrder = (order: unknown): Uint8Array => serialize(order)

export const unpackOrder = (body: Uint8Array): unknown => deserialize(body)

/** Stands in the JSON of an answer for bytes that follow it. */
type BytesAt = { readonly $bytes: readonly [at: number, length: number] }

/** Plain data, and arrays of bytes anywhere in it. */
export function packAnswer(answer: unknown): readonly Uint8Array[] {
  const blobs: Uint8Array[] = []
  let at = 0
  const json = JSON.stringify(answer, (_, value: unknown) => {
    if (!(value instanceof Uint8Array)) return value
    blobs.push(value)
    at += value.length
    return { $bytes: [at - value.length, value.length] } satisfies BytesAt
  })
  const text = new TextEncoder().encode(json)
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, text.length)
  return [length, text, ...blobs]
}

/** Null where it is no answer. */
export function unpackAnswer(body: Body): unknown {
  if (body.length < 4) return null
  const blobsAt = 4 + new DataView(body.buffer).getUint32(0)
  const text = new TextDecoder().decode(body.subarray(4, blobsAt))
  try {
    return JSON.parse(text, (_, value: unknown) => (isBytesAt(value) ? bytesAt(body.subarray(blobsAt), value) : value))
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

const isBytesAt = (value: unknown): value is BytesAt =>
  typeof value === "object" &&
  value !== null &&
  "$bytes" in value &&
  Array.isArray(value.$bytes) &&
  value.$bytes.length === 2 &&
  value.$bytes.every((number) => Number.isSafeInteger(number) && number >= 0)

const bytesAt = (blobs: Body, { $bytes: [at, length] }: BytesAt): Body => blobs.subarray(at, at + length)
