import { cpSync, symlinkSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { npm } from "../../scripts/release/npm.ts"

export const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url))

/** What a fresh clone does not have, and what its packing does not read. */
const NOT_CLONED = new Set([
  ...[".git", ".tools", ".cache", "node_modules", "vendor", "dist", "out", "test"],
  ...["packages/events/dist", "packages/events/docs", "packages/events/schemas", "packages/events/LICENSE"],
])

/** Of the samples their page alone. */
const isCloned = (path: string): boolean => !NOT_CLONED.has(path) && !/^samples\/(?!README)/.test(path)

/** Path of the tarball that `npm pack` makes of one of our packages where nothing was built. */
export async function packed(home: string, folder: "." | "packages/events"): Promise<string> {
  const clone = join(home, "clone")
  cpSync(CHECKOUT, clone, { recursive: true, filter: (path) => isCloned(relative(CHECKOUT, path)) })
  symlinkSync(join(CHECKOUT, "node_modules"), join(clone, "node_modules"))
  const packing = join(clone, folder)
  return join(packing, await npm(packing, ["pack", "--silent"]))
}
