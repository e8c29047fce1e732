import type { Readable } from "node:stream"

/**
 * Drains a child's stream but keeps only its first and last `halfBytes`: a hostile file can make a tool talk without end,
 * while warnings stand at the beginning and the error at the end.
 */
export function boundedText(stream: Readable, halfBytes: number): () => string {
  let head = Buffer.alloc(0)
  let tail = Buffer.alloc(0)
  let isCut = false
  stream.on("data", (chunk: Buffer) => {
    const room = halfBytes - head.length
    if (room > 0) head = Buffer.concat([head, chunk.subarray(0, room)])
    const rest = chunk.subarray(Math.max(0, room))
    if (rest.length === 0) return
    isCut ||= tail.length + rest.length > halfBytes
    tail = Buffer.concat([tail, rest]).subarray(-halfBytes)
  })
  return () => `${head.toString("utf8")}${isCut ? "\n[...]\n" : ""}${tail.toString("utf8")}`
}
