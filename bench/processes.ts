import { type SpawnOptions, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { withAllThatItStarted } from "./process-tree.ts"

/** Clock ticks of /proc (USER_HZ): 100 a second on every Linux of today. */
const TICKS_PER_SECOND = 100

/** What a piece of work took, its child processes and theirs included. */
export type Took = { readonly wallSeconds: number; readonly cpuSeconds: number }

/**
 * User and system time of a process, without `pid` this one, and of all its children that have ended: fields 14 to 17 of
 * stat in proc(5).
 */
export function cpuSeconds(pid: number | "self" = "self"): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / TICKS_PER_SECOND
}

export async function timed(work: () => Promise<void>): Promise<Took> {
  const begun = { ms: performance.now(), cpu: cpuSeconds() }
  let wallSeconds = 0
  await withAllThatItStarted(async () => {
    await work()
    wallSeconds = (performance.now() - begun.ms) / 1000
  })
  return {
    wallSeconds,
    cpuSeconds: cpuSeconds() - begun.cpu,
  }
}

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

export function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] })
    let [stdout, stderr] = ["", ""]
    child.stdout?.on("data", (chunk) => {
      stdout += chunk
    })
    child.stderr?.on("data", (chunk) => {
      stderr += chunk
    })
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })
}

/** Runs a program that must not fail. */
export async function must(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Ran> {
  const ran = await run(program, args, options)
  if (ran.code === 0) return ran
  throw new Error(`${program} ${args.join(" ")} ended with ${ran.code}: ${(ran.stderr || ran.stdout).slice(-800)}`)
}

/** Does all jobs, so many at once. */
export async function atOnce<T>(places: number, jobs: readonly T[], work: (job: T) => Promise<void>): Promise<void> {
  const queue = [...jobs]
  const worker = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) await work(job)
  }
  await Promise.all(Array.from({ length: places }, worker))
}

/** Runs a module of this folder in a process of its own, so that its peak memory is its alone; gives the JSON it prints. */
export async function inChild<T>(module: string, ...args: readonly string[]): Promise<T> {
  const { stdout } = await must(process.execPath, [new URL(module, import.meta.url).pathname, ...args])
  return JSON.parse(stdout) as T
}
