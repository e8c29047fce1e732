import { readdirSync, readFileSync } from "node:fs"
import { setTimeout as pause } from "node:timers/promises"
import koffi from "koffi"

type Process = { readonly id: number; readonly parent: number; readonly residentBytes: number }

const processes = (): readonly Process[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap(statusOf)

function statusOf(name: string): readonly Process[] {
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

/** Resident memory of a process and its descendants: pages that they share are counted in each. */
export const treeBytes = (root: number): number =>
  familyOf(root).reduce((sum, { residentBytes }) => sum + residentBytes, 0)

/** A process and its descendants. */
export function familyOf(root: number): readonly Process[] {
  const all = processes()
  const family = new Set([root])
  // Children have higher numbers than their parents but where numbers begin anew: three passes see to that.
  for (let pass = 0; pass < 3; pass++) for (const { id, parent } of all) if (family.has(parent)) family.add(id)
  return all.filter(({ id }) => family.has(id))
}

const PR_SET_CHILD_SUBREAPER = 36
const WNOHANG = 1
const POLL_MS = 2
const MOST_POLLS = 5000

const libc = koffi.load("libc.so.6")
const prctl = libc.func("int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)")
const waitpid = libc.func("int waitpid(int pid, void *status, int options)")

const children = (): readonly number[] =>
  processes()
    .filter(({ parent }) => parent === process.pid)
    .map(({ id }) => id)

/**
 * Does the work, then waits for the processes that its own ones have left behind: a system counts only the time of those
 * that somebody waited for, and render processes end a moment after their program.
 */
export async function withAllThatItStarted(work: () => Promise<void>): Promise<void> {
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0) throw new Error("This system gives no orphans to a bench.")
  const before = new Set(children())
  await work()
  for (const id of children().filter((child) => !before.has(child)))
    for (let polls = 0; waitpid(id, null, WNOHANG) === 0; polls++) {
      if (polls === MOST_POLLS) throw new Error(`Process ${id} was left behind and does not end.`)
      await pause(POLL_MS)
    }
}
