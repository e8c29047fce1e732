import { randomBytes } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { freePort, isFree } from "./ports.ts"

/** What is made once for a folder and read back when its servers start again: credentials, ids, ports. */
export const keep = async <T>(path: string, make: () => T | Promise<T>): Promise<T> => {
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as T
  const made = await make()
  await writeKept(path, made)
  return made
}

const writeKept = async (path: string, value: unknown): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, JSON.stringify(value), { mode: 0o600 })
}

const choosePorts = async <N extends string>(names: readonly N[]): Promise<Record<N, number>> => {
  const ports = new Set<number>()
  while (ports.size < names.length) ports.add(await freePort())
  const chosen = [...ports]
  return Object.fromEntries(names.map((name, index) => [name, chosen[index]])) as Record<N, number>
}

/** The ports that the folder's server had last time, if all are still free, else new ones. */
export const keepPorts = async <N extends string>(folder: string, names: readonly N[]): Promise<Record<N, number>> => {
  const path = join(folder, "ports.json")
  const kept = await keep(path, () => choosePorts(names))
  const free = await Promise.all(names.map((name) => isFree(kept[name])))
  if (free.every(Boolean)) return kept
  const fresh = await choosePorts(names)
  await writeKept(path, fresh)
  return fresh
}

/** A secret of this run: letters and digits only, safe in every configuration file. */
export const randomSecret = (bytes = 18): string => randomBytes(bytes).toString("hex")
