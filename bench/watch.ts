import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { heading, median, row, target } from "./report.ts"

const SAMPLE = new URL("../samples/openexr-images/Beachball/singlepart.0001.exr", import.meta.url).pathname
const QUIET_SECONDS = 1
const FRAMES = 7

const program = new URL("../bin/oiio-proxy-generator", import.meta.url).pathname

/** How long after a frame is complete its thumbnail is there, beyond the time that it has to be still. */
export async function benchWatch(): Promise<void> {
  heading(`watch: \`run --watch\` on a local disk, ${FRAMES} frames one after the other, each in a folder of its own`)
  const place = await mkdtemp(join(tmpdir(), "bench-watch-"))
  const folder = join(place, "shots")
  await mkdir(folder)
  const watching = spawn(program, ["run", folder, "--watch", "--watch-quiet-seconds", String(QUIET_SECONDS)])
  await new Promise((resolve) =>
    watching.stderr.on("data", (text) => String(text).includes("Watching") && resolve(null)),
  )
  await sleep(2000)
  const beyondMs: number[] = []
  for (let frame = 1; frame <= FRAMES; frame++) {
    const shot = join(folder, `sh${frame}`)
    await mkdir(shot)
    await copyFile(SAMPLE, join(place, "frame.exr"))
    await rename(join(place, "frame.exr"), join(shot, `ball.${frame}.exr`))
    const completeMs = performance.now()
    while (!existsSync(join(shot, ".proxies", `ball.${frame}_thumb.jpg`))) await sleep(5)
    beyondMs.push(performance.now() - completeMs - QUIET_SECONDS * 1000)
  }
  watching.kill("SIGTERM")
  target({ what: "thumbnail after", measured: median(beyondMs) / 1000, unit: "s", atMost: 1.5, digits: 2 })
  row("  each", beyondMs.map((ms) => (ms / 1000).toFixed(2)).join(" "), "the later ones are copies of the first")
  await new Promise((resolve) => watching.on("close", resolve))
  await rm(place, { recursive: true })
}
