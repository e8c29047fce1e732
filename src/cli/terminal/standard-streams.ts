import { createWriteStream, fstatSync } from "node:fs"
import type { Writer } from "./io.ts"

/** Why standard output takes no more: its reader left, which is how `| head` ends, or the system refused a write. */
export type OutputEnd = { readonly kind: "unread" } | { readonly kind: "refused"; readonly says: string }

const STDOUT_FD = 1

/** Errors of a pipe or socket whose reader is gone. */
const READER_LEFT = ["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]

/**
 * Standard output. A file gets a stream of its own: Node's writes once and takes a short write, which is what a disk
 * that becomes full gives first, for a whole one.
 */
export function openStdout(): Writer {
  const isFile = !process.stdout.isTTY && !isPipe()
  return isFile ? createWriteStream("", { fd: STDOUT_FD, autoClose: false }) : process.stdout
}

function isPipe(): boolean {
  const found = fstatSync(STDOUT_FD)
  return found.isFIFO() || found.isSocket()
}

/** What an error of standard output means. */
export function outputEndOf(error: NodeJS.ErrnoException): OutputEnd {
  if (READER_LEFT.includes(error.code ?? "")) return { kind: "unread" }
  return {
    kind: "refused",
    says: `Standard output cannot be written, so the output is not complete: ${error.message}.`,
  }
}

/** Resolves when the system has taken all that was written, or refused it: the stream's error tells which. */
export const flushed = (stream: Writer): Promise<void> =>
  new Promise((resolve) => {
    if ((stream.writableLength ?? 0) === 0) resolve()
    else stream.write("", () => resolve())
  })
