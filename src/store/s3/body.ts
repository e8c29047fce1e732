import { Readable } from "node:stream"

/** The body of an answer as a stream of this platform; none when it is empty. */
export const streamOf = (body: unknown): Readable => (body instanceof Readable ? body : Readable.from([]))

/** Lets go of an answer that nobody reads, and of its connection. */
export function discard(body: unknown): void {
  const stream = streamOf(body)
  // Destroying it may make it complain; nobody is interested any more.
  stream.on("error", () => undefined)
  stream.destroy()
}
