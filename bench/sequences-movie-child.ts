import { appendFile, copyFile, mkdir } from "node:fs/promises"
import { join } from "node:path"
import { runFolder } from "./folder-line.ts"
import { familyOf } from "./process-tree.ts"
import { cpuSeconds } from "./processes.ts"

/** From the last frame's fact to the movie under its key and its row in the table. */
export type MovieTook = {
  readonly wallSeconds: number
  /** Of this process, of its render processes, and of all that they ran meanwhile. */
  readonly cpuSeconds: number
}

const [frame = "", folder = "", first = "", last = ""] = process.argv.slice(2)

/** Ends with a byte of its own, which no reader looks at: copies that are the same to the byte are rendered once. */
async function addFrame(number: number): Promise<void> {
  const copy = join(folder, `grain.${String(number).padStart(4, "0")}.jpg`)
  await copyFile(frame, copy)
  await appendFile(copy, Uint8Array.of(number & 255, number >> 8))
}

/** Processes that run, and those that they waited for. */
const spent = () => ({
  ms: performance.now(),
  cpu: new Map(familyOf(process.pid).map(({ id }) => [id, cpuSeconds(id)])),
})

await mkdir(folder, { recursive: true })
for (let number = Number(first); number <= Number(last); number++) await addFrame(number)
let left = Number(last) - Number(first) + 1
let begun = spent()
let end = begun
await runFolder(folder, {
  env: { OIIO_SOURCES: "jpg" },
  picture: (real) => real,
  sequences: "made",
  observe: (observation) => {
    if (observation.kind === "failed") throw new Error(observation.failure.says)
    if (observation.kind === "made" && --left === 0) begun = spent()
  },
  onDone: () => {
    end = spent()
  },
})
const cpu = [...end.cpu].reduce((sum, [id, seconds]) => sum + seconds - (begun.cpu.get(id) ?? 0), 0)
const took: MovieTook = { wallSeconds: (end.ms - begun.ms) / 1000, cpuSeconds: cpu }
process.stdout.write(JSON.stringify(took))
