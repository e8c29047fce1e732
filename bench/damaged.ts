import { existsSync } from "node:fs"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { openInProcessEngine } from "../src/picture/engines/in-process/engine.ts"
import { SETTINGS } from "../src/picture/engines/testing/readings.ts"
import type { PictureEngine } from "../src/picture/index.ts"
import { atOnce, timed } from "./processes.ts"
import { heading, megabytes, okOf, row, target } from "./report.ts"

const DAMAGED = new URL("../../shared/corpus/openexr-images/Damaged/", import.meta.url).pathname
const MOST_SECONDS = 20

/** All files that OpenEXR's fuzzers found: every one a typed failure or a picture, all of them together in time. */
export async function benchDamaged(): Promise<void> {
  heading("damaged: files that crash or hang decoders, one after the other on every core")
  if (!existsSync(DAMAGED)) return console.log("The shared corpus is not on this machine.")
  const engine = okOf(await openInProcessEngine())
  const names = (await readdir(DAMAGED)).sort()
  const place = await mkdtemp(join(tmpdir(), "bench-damaged-"))
  const ends = new Map<string, number>()
  const took = await timed(() =>
    atOnce(availableParallelism(), names, async (name) => {
      const end = await endOf(engine, name, await mkdtemp(join(place, "job-")))
      ends.set(end, (ends.get(end) ?? 0) + 1)
    }),
  )
  await rm(place, { recursive: true })
  for (const [end, count] of [...ends].sort(([, a], [, b]) => b - a)) row(`  ${end}`, String(count))
  const what = `all ${names.length} files`
  target({ what, measured: took.wallSeconds, unit: "s", atMost: MOST_SECONDS })
  row("  CPU of all", `${took.cpuSeconds.toFixed(1)} s`, `memory at the end ${megabytes(process.memoryUsage.rss())} MB`)
}

async function endOf(engine: PictureEngine, name: string, folder: string): Promise<string> {
  const sourceFile = join(DAMAGED, name)
  const key = `${name}.exr`
  const reading = await engine.read({ sourceFile, key, statedSpace: null, colour: SETTINGS.colour })
  if (!reading.ok) return reading.failure.code
  const signal = new AbortController().signal
  const made = await engine.render({ sourceFile, reading: reading.value, settings: SETTINGS, folder, signal })
  return made.ok ? "a picture" : made.failure.code
}
