import { randomBytes } from "node:crypto"
import type { Observation } from "../topology/ports.ts"
import { runFolder, withFrames } from "./folder-line.ts"
import { must, timed } from "./processes.ts"
import { heading, median, target } from "./report.ts"

const FILES = 3000
const TIMES = 5

const program = new URL("../bin/oiio-proxy-generator", import.meta.url).pathname

/** What a file costs whose header says at once that it is no picture, and what a line of the list of such costs. */
export async function benchFailures(): Promise<void> {
  heading(`failures: ${FILES} files that are no pictures, through the whole line of a folder; then their list`)
  await withFrames({ frames: FILES, bytesOf: () => randomBytes(512) }, async (folder) => {
    let failed = 0
    const observe = (observation: Observation): void => {
      if (observation.kind === "failed" && observation.step === "detect-colorspace") failed += 1
    }
    const cpuBefore = process.cpuUsage()
    await runFolder(folder, { env: {}, picture: (real) => real, observe })
    const { user, system } = process.cpuUsage(cpuBefore)
    if (failed !== FILES) throw new Error(`failures: ${failed} files failed at their headers`)
    target({
      what: "CPU of a file that fails",
      measured: (user + system) / FILES / 1000,
      unit: "ms",
      atMost: 1.5,
      digits: 2,
    })
    for (const format of [[], ["--json"], ["--csv"]]) {
      const whole = await cpuOf(["failures", "list", folder, ...format])
      const start = await cpuOf(["outputs", folder, ...format])
      const what = `CPU of a line of failures list ${format.join("")}`
      target({ what, measured: ((whole - start) * 1000) / FILES, unit: "ms", atMost: 0.05, digits: 3 })
    }
  })
}

async function cpuOf(args: readonly string[]): Promise<number> {
  const taken: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const { cpuSeconds } = await timed(async () => void (await must(program, args)))
    taken.push(cpuSeconds)
  }
  return median(taken)
}
