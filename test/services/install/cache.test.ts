import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { checkSha256, installed } from "./cache.ts"

let cache: string

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "oiio-cache-"))
})
afterEach(() => rm(cache, { recursive: true }))

const recipe = (build: (folder: string) => Promise<void>) => ({ name: "tool-1.0", build })

const writeTool = (folder: string): Promise<void> => writeFile(join(folder, "tool"), "complete")

describe("The cache of downloads", () => {
  it("builds once for all who ask at the same time, and not again later", async () => {
    let builds = 0
    const one = recipe(async (folder) => {
      builds++
      await writeTool(folder)
    })
    const homes = await Promise.all([installed(one, cache), installed(one, cache), installed(one, cache)])
    expect(await installed(one, cache)).toBe(homes[0])
    expect(new Set(homes).size).toBe(1)
    expect(builds).toBe(1)
  })

  it("never takes an interrupted download for a finished one", async () => {
    const broken = recipe(async (folder) => {
      await writeFile(join(folder, "tool"), "half")
      throw new Error("the network went away")
    })
    await expect(installed(broken, cache)).rejects.toThrow("the network went away")
    expect(existsSync(join(cache, "tool-1.0"))).toBe(false)
    const home = await installed(recipe(writeTool), cache)
    expect(await readFile(join(home, "tool"), "utf8")).toBe("complete")
  })

  it("takes over the lock of a process that died while it installed", async () => {
    const { pid } = spawnSync("true")
    await mkdir(join(cache, "locks"))
    await writeFile(join(cache, "locks/tool-1.0"), String(pid))
    const home = await installed(recipe(writeTool), cache)
    expect(existsSync(join(home, "tool"))).toBe(true)
    expect(existsSync(join(cache, "locks/tool-1.0"))).toBe(false)
  })

  it("refuses and removes a download with another sum", async () => {
    const path = join(cache, "archive")
    await writeFile(path, "abc")
    await checkSha256(path, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    await expect(checkSha256(path, "0".repeat(64))).rejects.toThrow("the download was damaged or exchanged")
    expect(existsSync(path)).toBe(false)
  })
})
