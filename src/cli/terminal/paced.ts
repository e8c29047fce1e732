import type { Io, Writer } from "./io.ts"

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
