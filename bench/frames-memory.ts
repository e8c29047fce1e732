import { spawn } from "node:child_process"
import { forgotten, PROGRAM } from "./frames-line.ts"
import { treeBytes } from "./process-tree.ts"
import { megabytes, target } from "./report.ts"

const SAMPLE_MS = 20

type Limits = { readonly mostMegabytes: number; readonly env?: NodeJS.ProcessEnv }

/** Peak memory of the command and of all that it started, so many frames in flight. */
export async function peakMemory(frames: string, inFlight: number, limits: Limits): Promise<void> {
  await forgotten(frames)
  const env = { ...process.env, ...limits.env }
  const child = spawn(PROGRAM, ["run", frames, "--renders-in-flight", String(inFlight)], { stdio: "ignore", env })
  let peakBytes = 0
  const sampling = setInterval(() => {
    peakBytes = Math.max(peakBytes, treeBytes(child.pid ?? 0))
  }, SAMPLE_MS)
  const code = await new Promise((resolve) => child.on("close", resolve))
  clearInterval(sampling)
  if (code !== 0) throw new Error(`frames: the run ended with ${code}`)
  const what = `peak memory of all processes, ${inFlight} in flight`
  target({ what, measured: Number(megabytes(peakBytes)), unit: "MB", atMost: limits.mostMegabytes, digits: 0 })
}
