import { createWriteStream, fstatSync } from "node:fs"
import type { Io, Writer } from "./io.ts"

/** Why standard output takes no more: its reader left, as in `| head`, or the system refused a write. */
export type OutputEnd = { readonly kind: "unread" } | { readonly kind: "refused"; readonly says: string }

const STDOUT_FD = 1

/** Errors of a pipe or socket whose reader is gone. */
const READER_LEFT = ["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]

/**
 * Standard output. A file gets a stream of its own because Node's takes a short write for a whole one, and a short write
 * is the first sign of a full disk.
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

/** Resolves when the system has taken or refused all that was written; a refusal is an error event of the stream. */
export const flushed = (stream: Writer): Promise<void> =>
  new Promise((resolve) => {
    if ((stream.writableLength ?? 0) === 0) resolve()
    else stream.write("", () => resolve())
  })

/**
 * Writes text and waits until the stream has room for more, so that a slow reader slows the command down instead of
 * filling its memory. Resolves at once when the stream broke or `stop` aborts: nobody reads on then.
 */
export async function writePaced(stream: Writer, text: string, stop: AbortSignal): Promise<void> {
  if (stop.aborted || stream.write(text)) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const goOn = (): void => resolve()
  const wakers = ["drain", "error", "close"] as const
  for (const event of wakers) stream.once(event, goOn)
  stop.addEventListener("abort", goOn)
  await promise
  for (const event of wakers) stream.removeListener(event, goOn)
  stop.removeEventListener("abort", goOn)
}

const NEVER = new AbortController().signal

/** {@link writePaced} to standard error, for messages whose number has no bound. */
export const tell = ({ stderr }: Pick<Io, "stderr">, text: string): Promise<void> => writePaced(stderr, text, NEVER)

/** {@link writePaced} to standard output. */
export const print = ({ stdout, closed }: Pick<Io, "stdout" | "closed">, text: string): Promise<void> =>
  writePaced(stdout, text, closed)

/** Who draws on a stream at the moment, and so has to make room for a line. */
const drawnOn = new WeakMap<Writer, (line: string) => void>()

/** Until it is released, whoever has a line to say on this stream says it through `note`. */
export function claimLines(stream: Writer, note: (line: string) => void): () => void {
  drawnOn.set(stream, note)
  return () => void drawnOn.delete(stream)
}

/** Says a line that comes at any moment, on a line of its own: below the ^C that a terminal echoes, above what is drawn. */
export function interject(stream: Writer, line: string): void {
  const note = drawnOn.get(stream)
  if (note !== undefined) note(line)
  else stream.write(`${stream.isTTY === true ? "\n" : ""}${line}\n`)
}
