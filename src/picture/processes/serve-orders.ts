import { readSync, writevSync } from "node:fs"
import type { Result } from "../../events/result.ts"
import { CHANNEL, type FrameKind, frameHead, packAnswer, readHead, unpackOrder } from "./protocol.ts"

/** Hands over bytes of a file that the order makes, in their order. */
export type PutPiece = (bytes: Uint8Array) => void

/** What a render process does with an order; what it throws is a fault, and the end of the process. */
export type CarryOut<O> = (order: O, put: PutPiece) => Result<unknown> | Promise<Result<unknown>>

/**
 * The whole life of a render process: one order after the other, one answer each. It reads and writes at once, since it has
 * nothing else to do, and ends when nobody is at the other end of the channel any more.
 */
export async function serveOrders<O>(carryOut: CarryOut<O>): Promise<void> {
  for (let order = nextOrder(); order !== null; order = nextOrder()) {
    say("begun")
    const answer = await attempt(() => carryOut(order as O, (bytes) => say("piece", [bytes])))
    if ("threw" in answer) {
      say("threw", packAnswer(answer.threw))
      process.exit(1)
    }
    say("answer", packAnswer(answer))
  }
}

/** What a process says of what was thrown. */
export type Thrown = { readonly says: string; readonly isOutOfMemory: boolean }

async function attempt<T>(work: () => T | Promise<T>): Promise<T | { readonly threw: Thrown }> {
  try {
    return await work()
  } catch (error) {
    const says = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return { threw: { says, isOutOfMemory: isOutOfMemory(error) } }
  }
}

/** A buffer that cannot be had throws; the limit of the heap ends the process. */
const isOutOfMemory = (error: unknown): boolean =>
  error instanceof RangeError && /array buffer allocation|invalid (typed )?array (buffer )?length/i.test(error.message)

const HEAD_BYTES = 8

function nextOrder(): unknown {
  const head = readFully(HEAD_BYTES)
  if (head === null) return null
  const read = readHead(head)
  if (read?.kind !== "order") throw new Error("What came over the channel is no order.")
  const body = readFully(read.bodyBytes)
  return body === null ? null : unpackOrder(body)
}

/** Null where the other end is closed. */
function readFully(lengthBytes: number): Uint8Array | null {
  const bytes = new Uint8Array(lengthBytes)
  for (let at = 0; at < lengthBytes; ) {
    const readBytes = onChannel(() => readSync(CHANNEL, bytes, at, lengthBytes - at, null))
    if (readBytes === 0) return null
    at += readBytes
  }
  return bytes
}

/** In one write, as far as the channel takes it: each wakes whoever listens. */
function say(kind: FrameKind, parts: readonly Uint8Array[] = []): void {
  const bodyBytes = parts.reduce((sum, { length }) => sum + length, 0)
  for (let left = [frameHead(kind, bodyBytes), ...parts]; left.length > 0; ) {
    const said = left
    const bytes = onChannel(() => writevSync(CHANNEL, said))
    left = behind(said, bytes)
  }
}

/** What is left of the parts behind so many bytes. */
function behind(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skipped = bytes
  return parts.flatMap((part) => {
    const left = part.subarray(skipped)
    skipped = Math.max(0, skipped - part.length)
    return left.length > 0 ? [left] : []
  })
}

const CLOSED: ReadonlySet<string> = new Set(["EPIPE", "ECONNRESET"])

/** Nobody is left to answer to. */
function onChannel(use: () => number): number {
  try {
    return use()
  } catch (error) {
    if (error instanceof Error && "code" in error && CLOSED.has(String(error.code))) process.exit(0)
    throw error
  }
}
