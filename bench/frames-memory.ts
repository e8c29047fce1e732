import { spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { forgotten, PROGRAM } from "./frames-line.ts"
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

/** Resident memory of a process and its descendants: pages that they share are counted in each. */
function treeBytes(root: number): number {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap(statusOf)
  const family = new Set([root])
  // Children have higher numbers than their parents but where numbers begin anew: three passes see to that.
  for (let pass = 0; pass < 3; pass++) for (const { id, parent } of processes) if (family.has(parent)) family.add(id)
  return processes.reduce((sum, { id, residentBytes }) => sum + (family.has(id) ? residentBytes : 0), 0)
}

function statusOf(name: string): { id: number; parent: number; residentBytes: number }[] {
  try {
    const status = readFileSync(`/proc/${name}/status`, "utf8")
    const field = (label: string): number => Number(new RegExp(`^${label}:\\s*(\\d+)`, "m").exec(status)?.[1] ?? 0)
    return [{ id: Number(name), parent: field("PPid"), residentBytes: field("VmRSS") * 1024 }]
  } catch (error) {
    // It has ended meanwhile.
    if (error instanceof Error && "code" in error) return []
    throw error
  }
}
