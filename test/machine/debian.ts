import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { promisify } from "node:util"

const run = promisify(execFile)

export type DebianPrograms = { readonly programs: readonly string[]; readonly packages: readonly string[] }

/**
 * Null when Debian's own programs (absolute paths) are there, else a sentence that says how to get them. Installs them
 * where it may: as root, on a Debian.
 */
export async function debianMissing({ programs, packages }: DebianPrograms): Promise<string | null> {
  const areThere = (): boolean => programs.every((program) => existsSync(program))
  if (areThere()) return null
  const install = `apt-get install --no-install-recommends ${packages.join(" ")}`
  if (!existsSync("/usr/bin/apt-get")) return `${programs.join(" and ")} missing, and this is no Debian.`
  if (process.getuid?.() !== 0) return `${programs.join(" and ")} missing; as root: ${install}`
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } }
  const wait = ["-o", "DPkg::Lock::Timeout=300", "-y", "-q"]
  try {
    await run("apt-get", [...wait, "update"], options)
    await run("apt-get", [...wait, ...install.split(" ").slice(1)], options)
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error
    return `${install} failed: ${error.message.trim().slice(-300)}`
  }
  return areThere() ? null : `${install} went well, yet ${programs.join(" and ")} missing.`
}
