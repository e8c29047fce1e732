import { createHash } from "node:crypto"
import { createReadStream, existsSync } from "node:fs"
import { mkdir, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { withLock } from "./lock.ts"

/** Where downloads are kept, by name and version; git ignores it. */
export const CACHE = join(import.meta.dirname, "../../../.cache")

const STAMP = ".installed"

export type Recipe = {
  /** Name and version: the folder below `.cache`. Whatever changes what is built changes the name. */
  readonly name: string
  /** Fills the empty folder. */
  readonly build: (folder: string) => Promise<void>
}

const sayHow = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  process.stderr.write(`services: installing ${name}\n`)
  const startedAt = performance.now()
  const value = await work()
  process.stderr.write(`services: installed ${name} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`)
  return value
}

const buildInto = async (home: string, { name, build }: Recipe): Promise<void> => {
  const part = `${home}.part`
  await rm(part, { recursive: true, force: true })
  await rm(home, { recursive: true, force: true })
  await mkdir(part, { recursive: true })
  await build(part)
  await writeFile(join(part, STAMP), `${name}\n`)
  await rename(part, home)
}

/**
 * The folder of something installed, installing it first where it is not: built beside and renamed when it is complete,
 * so that an interrupted download is never taken for a finished one.
 */
export const installed = async (recipe: Recipe, cache: string = CACHE): Promise<string> => {
  const home = join(cache, recipe.name)
  const isThere = (): boolean => existsSync(join(home, STAMP))
  if (isThere()) return home
  await withLock(join(cache, "locks", recipe.name), async () => {
    if (!isThere()) await sayHow(recipe.name, () => buildInto(home, recipe))
  })
  return home
}

/** Fails, and removes the file, when a download is not the one that was measured. */
export const checkSha256 = async (path: string, expected: string): Promise<void> => {
  const hash = createHash("sha256")
  await pipeline(createReadStream(path), hash)
  const found = hash.digest("hex")
  if (found === expected) return
  await rm(path, { force: true })
  throw new Error(`${path} has the sha256 ${found}, not ${expected}: the download was damaged or exchanged.`)
}
