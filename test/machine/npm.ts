import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
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

/** A project of somebody else that has installed the tarball and nothing besides, by npm on the Node of `nodeFolder`. */
export async function projectWith(home: string, tarball: string, nodeFolder: string | null = null): Promise<string> {
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: "consumer", private: true }))
  const how = ["--engine-strict", "--no-audit", "--no-fund", "--prefer-offline"]
  await npm(home, ["install", ...(nodeFolder === null ? how.slice(1) : how), tarball], nodeFolder)
  return home
}
