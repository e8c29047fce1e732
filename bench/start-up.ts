import { cp, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { must, run, timed } from "./processes.ts"
import { heading, median, target } from "./report.ts"

const SAMPLES = new URL("../samples/", import.meta.url).pathname
const TIMES = 9
const MOST_CPU_SECONDS = 0.25

const program = new URL("../bin/oiio-proxy-generator", import.meta.url).pathname

/** CPU of whole commands that people call often, over a folder where all is done; the compile cache is warm. */
export async function benchStartUp(): Promise<void> {
  heading(`start-up: CPU of a command, median of ${TIMES}`)
  const place = await mkdtemp(join(tmpdir(), "bench-start-"))
  const frames = join(place, "frames")
  await cp(SAMPLES, frames, { recursive: true })
  // It ends with 1: a sample is damaged.
  await run(program, ["run", frames])
  const names = await readdir(frames, { recursive: true })
  const one = names.find((name) => name.endsWith(".exr") && !name.includes(".proxies")) ?? ""
  const lines = [
    ["--help"],
    ["--version"],
    ["status", frames],
    ["outputs", "--dir", frames],
    ["failures", "list", "--dir", frames],
    ["inspect", join(frames, one)],
  ]
  // Interleaved: a busy moment of the machine meets all of them alike.
  const taken = lines.map((): number[] => [])
  for (let time = 0; time < TIMES; time++)
    for (const [at, line] of lines.entries()) {
      const { cpuSeconds } = await timed(async () => void (await must(program, line)))
      taken[at]?.push(cpuSeconds)
    }
  for (const [at, line] of lines.entries())
    target({
      what: line[0] === "failures" ? "failures list" : (line[0] ?? ""),
      measured: median(taken[at] ?? []),
      unit: "s CPU",
      atMost: MOST_CPU_SECONDS,
      digits: 2,
    })
  await rm(place, { recursive: true })
}
