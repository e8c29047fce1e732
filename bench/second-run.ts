import { existsSync } from "node:fs"
import { cp, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { run, timed } from "./processes.ts"
import { heading, median, row, target } from "./report.ts"

const CORPUS = new URL("../../shared/corpus/", import.meta.url).pathname
const SAMPLES = new URL("../samples/", import.meta.url).pathname
const TIMES = 5

const program = new URL("../bin/oiio-proxy-generator", import.meta.url).pathname

/** A run over a folder where everything is done: start of the program, scan, verdict. */
export async function benchSecondRun(): Promise<void> {
  const source = existsSync(CORPUS) ? CORPUS : SAMPLES
  heading(`second-run: \`run\` over a folder where all is done (${source === CORPUS ? "the corpus" : "samples/"})`)
  const place = await mkdtemp(join(tmpdir(), "bench-second-"))
  await cp(source, join(place, "frames"), { recursive: true })
  const first = await timed(async () => void (await runOnce(place)))
  row("first run", `${first.wallSeconds.toFixed(1)} s`, `${first.cpuSeconds.toFixed(1)} s CPU`)
  const later: number[] = []
  let said = ""
  for (let time = 0; time < TIMES; time++) {
    const took = await timed(async () => {
      said = await runOnce(place)
    })
    later.push(took.wallSeconds)
  }
  if (!said.includes("Nothing to do")) throw new Error(`second-run: it did something: ${said}`)
  target({ what: "second run, median", measured: median(later), unit: "s", atMost: 2, digits: 2 })
  row("  each", later.map((seconds) => seconds.toFixed(2)).join(" "), said.split("\n")[0])
  await rm(place, { recursive: true })
}

/** Exit 1 is right: the corpus holds damaged files, which are listed again. */
async function runOnce(place: string): Promise<string> {
  const { code, stderr } = await run(program, ["run", join(place, "frames")])
  if (code !== 0 && code !== 1) throw new Error(`second-run: run ended with ${code}: ${stderr.slice(-800)}`)
  return stderr
}
