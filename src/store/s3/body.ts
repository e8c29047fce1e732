import { Readable } from "node:stream"

/**
 * The body of an answer as a stream of this platform; none when it is empty. To be called as soon as the answer is
 * there: a connection that breaks before somebody reads would otherwise be nobody's error and end the process. Whoever
 * reads it meets the error all the same.
 */
export function bodyOf(body: unknown): Readable {
  const stream = body instanceof Readable ? body : Readable.from([])
  return stream.on("error", () => undefined)
}
