/** npm as a user has it, and releases of Node that a package is tried under: fetched once, kept in .cache/. */

import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { promisify } from "node:util"

const exec = promisify(execFile)

const ROOT = join(import.meta.dirname, "../..")

/** The oldest releases that the packages say they run under. */
export const OLDEST_FOR_EVENTS = "22.12.0"
export const OLDEST_FOR_ALL = "24.7.0"

const OWN = [".tools/node_modules/.bin", ".tools/node_modules/node/bin", "node_modules/.bin"]

/** PATH as a user has it who has installed nothing but the system's Node: without what this checkout's make puts first. */
export const systemPath = (): string =>
  (process.env.PATH ?? "")
    .split(":")
    .filter((folder) => !OWN.some((own) => folder === join(ROOT, own)) && folder !== dirname(process.execPath))
    .join(":")

/**
 * npm on the system's Node, or on the one in `nodeFolder`. npm reads the system's npmrc, where a facility's mirror stands, only while
 * the system's Node is the first on PATH and no `--prefix` is given, unless it is told where it is. Answers stdout; rejects with
 * npm's words.
 */
export async function npm(cwd: string, args: readonly string[], nodeFolder: string | null = null): Promise<string> {
  const path = nodeFolder === null ? systemPath() : `${nodeFolder}:${systemPath()}`
  const env = { ...process.env, PATH: path, npm_config_globalconfig: await globalConfig() }
  const { stdout } = await exec("npm", args, { cwd, env, maxBuffer: 2 ** 26 })
  return stdout.trim()
}

async function globalConfig(): Promise<string> {
  const { npm_config_globalconfig: known, ...env } = process.env
  if (known !== undefined) return known
  return (await exec("npm", ["config", "get", "globalconfig"], { env: { ...env, PATH: systemPath() } })).stdout.trim()
}

export type NodeRelease =
  | { readonly folder: string }
  /** Why it cannot be had. */
  | { readonly missing: string }

/** The folder with the program `node` of this release, from the package registry where it is not there yet. */
export async function nodeRelease(version: string): Promise<NodeRelease> {
  const kept = join(ROOT, `.cache/node-${version}`)
  const folder = join(kept, "node_modules/node/bin")
  if (existsSync(join(folder, "node"))) return { folder }
  await mkdir(dirname(kept), { recursive: true })
  const fresh = await mkdtemp(`${kept}.`)
  // The package fetches its program in an install script.
  const how = [
    "--no-save",
    "--no-package-lock",
    "--ignore-scripts=false",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ]
  try {
    await npm(fresh, ["install", "--prefix", fresh, ...how, `node@${version}`])
    await exec(join(fresh, "node_modules/node/bin/node"), ["--version"])
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    return { missing: `Node ${version} cannot be had from the package registry: ${firstLine(error)}` }
  }
  // Another process may have been faster; then its own is as good.
  await rename(fresh, kept).catch(() => rm(fresh, { recursive: true, force: true }))
  return { folder }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n").slice(0, 2).join(" ")
