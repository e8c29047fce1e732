import { writeFile } from "node:fs/promises"
import { done } from "../../src/events/result.ts"
import type { ReviewMaker } from "../../src/picture/index.ts"

const WHOLE = 1_000_000

/** Review copies are text: a slate, and a line for each frame that says what is written over which picture. */
export const fakeReviews: ReviewMaker = {
  async make({ order, read, earlier, movie, toFile }) {
    const heard = movie === null ? done(Buffer.alloc(0)) : await movie(0, WHOLE)
    if (!heard.ok) return heard
    const sound = /heard in .*/.exec(Buffer.from(heard.value).toString())
    const lines = [`slate ${[...order.slate.map((line) => line.join(" ")), ...(sound ?? [])].join("; ")}`]
    for (const { number, shows, picture, date } of order.frames) {
      const bytes = await read(picture, 0, WHOLE)
      if (!bytes.ok) return bytes
      const mark = shows === number ? "" : ` held ${shows}`
      lines.push(`${Buffer.from(bytes.value).toString()} | ${number}${mark} ${date}`)
    }
    const before = earlier === null ? done(Buffer.alloc(0)) : await earlier(0, WHOLE)
    if (!before.ok) return before
    const known = new Set(Buffer.from(before.value).toString().split("\n"))
    const kept = lines.filter((line) => known.has(line)).length
    await writeFile(toFile, lines.join("\n"))
    const { width, height, timecode } = order
    return done({ width, height, timecode, frames: lines.length, kept, encoded: lines.length - kept })
  },
}
