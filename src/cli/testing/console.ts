import { Writable } from "node:stream"
import type { Writer } from "../terminal/io.ts"

/** A stream that keeps what was written to it, as a terminal or as a pipe. */
export type Recorded = Writer & { readonly text: () => string }

export function recorded(terminal?: { readonly columns: number }): Recorded {
  const chunks: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _, taken) => {
      chunks.push(String(chunk))
      taken()
    },
  })
  const screen = terminal === undefined ? {} : { isTTY: true, columns: terminal.columns, rows: 40 }
  return Object.assign(stream, screen, { text: () => chunks.join("") })
}
