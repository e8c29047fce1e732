import { createHash } from "node:crypto"
import { readFile, readlink } from "node:fs/promises"
import { hostname } from "node:os"

/** The running process, so that what it leaves behind can be told from what another still uses. */
export type Owner = {
  /** Host and process namespace: a pid means nothing outside them. 8 hex digits. */
  readonly place: string
  /** This start of the machine, 8 hex digits: pids begin anew with it. */
  readonly boot: string
  readonly pid: number
  /** Start of the process in clock ticks since boot, "0" where the system does not say: tells a reused pid. */
  readonly started: string
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8)

const textOr = (read: Promise<string>, otherwise: string): Promise<string> => read.catch(() => otherwise)

export async function thisOwner(): Promise<Owner> {
  const namespace = await textOr(readlink("/proc/self/ns/pid"), "")
  const boot = await textOr(readFile("/proc/sys/kernel/random/boot_id", "utf8"), "")
  return {
    place: digest(`${hostname()} ${namespace}`),
    boot: digest(boot),
    pid: process.pid,
    started: await startOf(process.pid),
  }
}

/** Field 22 of /proc/PID/stat (proc(5)); the name before it may itself hold blanks and brackets. */
async function startOf(pid: number): Promise<string> {
  const stat = await textOr(readFile(`/proc/${pid}/stat`, "utf8"), "")
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "0"
}

/** Whether the owner lives, seen from `here`; null when it belongs to another host or namespace. */
export async function isAlive(owner: Owner, here: Owner): Promise<boolean | null> {
  if (owner.place !== here.place) return null
  if (owner.boot !== here.boot || !exists(owner.pid)) return false
  return owner.started === (await startOf(owner.pid))
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, as somebody else's.
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** Name part of a folder that the owner makes. */
export const ownerTag = ({ place, boot, pid, started }: Owner): string =>
  `oiio-proxy-${place}-${boot}-${pid}-${started}`

/** The owner that a folder's name tells of, null for a name of another making. */
export function ownerOf(tag: string): Owner | null {
  const match = /^oiio-proxy-([0-9a-f]{8})-([0-9a-f]{8})-(\d+)-(\d+)-/.exec(tag)
  if (match === null) return null
  const [, place = "", boot = "", pid = "", started = ""] = match
  return { place, boot, pid: Number(pid), started }
}
