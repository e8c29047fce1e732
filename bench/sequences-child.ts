import { open } from "node:fs/promises"
import { join } from "node:path"
import { done } from "../src/events/result.ts"
import { commonFormat, readPictures, stitched } from "../src/picture/encode/stitch/index.ts"
import type { ReadPicture } from "../src/picture/encode/stitch/pictures.ts"
import { cpuSeconds } from "./processes.ts"
import { okOf } from "./report.ts"

export type Stitched = {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly gigabytes: number
  /** Most that the process has resident while it writes, beyond what it had before the first frame. */
  readonly extraMegabytes: number
}

const AHEAD = 4
const EVERY = 100

const [folder = "", files = "", frames = "", output = "/dev/null"] = process.argv.slice(2)

/** Each frame is one of the files: opened, read and closed as if it were the only one of its kind. */
const read: ReadPicture = async (picture, start, end) => {
  const file = await open(join(folder, `${picture % Number(files)}.mp4`))
  const bytes = Buffer.allocUnsafe(end - start)
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
  await file.close()
  return done(bytes.subarray(0, bytesRead))
}

const before = process.memoryUsage().rss
const begun = { cpu: cpuSeconds(), ms: performance.now() }
const pictures = okOf(await readPictures(Number(frames), read, AHEAD))
const { format, unlike } = commonFormat(pictures)
if (format === null || unlike.length > 0) throw new Error(`${unlike.length} pictures cannot be stitched.`)
const shown = Int32Array.from({ length: pictures.count }, (_, frame) => frame)
const order = { pictures, format, shown, rate: { num: 24, den: 1 }, timecode: "00:00:41:17" }
const movie = await open(output, "w")
let [bytes, chunks, most] = [0, 0, before]
for await (const chunk of stitched(order, read, AHEAD)) {
  bytes += (await movie.write(okOf(chunk))).bytesWritten
  if (++chunks % EVERY === 0) most = Math.max(most, process.memoryUsage().rss)
}
await movie.close()
const measured: Stitched = {
  cpuSeconds: cpuSeconds() - begun.cpu,
  wallSeconds: (performance.now() - begun.ms) / 1000,
  gigabytes: bytes / 1e9,
  extraMegabytes: (most - before) / 1e6,
}
process.stdout.write(JSON.stringify(measured))
