import { open } from "node:fs/promises"
import type { Writer } from "../cli/terminal/io.ts"
import { visibleJson } from "../cli/views/format/visible.ts"
import type { LineSink } from "../notify/lines.ts"

/** Lines to a file, appended and on disk when written; `-` is standard output. */
export const openLineSink = (target: string, stdout: Writer): LineSink =>
  target === "-" ? streamSink(stdout) : fileSink(target)

const streamSink = (stream: Writer): LineSink => ({
  write: (lines) =>
    new Promise((resolve, reject) => {
      // Whoever watches has a terminal there.
      stream.write(lines.split("\n").map(visibleJson).join("\n"), (error) => (error ? reject(error) : resolve()))
    }),
  close: () => Promise.resolve(),
})

/** Opened for each batch: a file that was rotated or lost is there again with the next lines. */
const fileSink = (path: string): LineSink => ({
  async write(lines) {
    const file = await open(path, "a")
    try {
      await file.appendFile(lines)
      await file.datasync()
    } finally {
      await file.close()
    }
  },
  close: () => Promise.resolve(),
})
