import { spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { makeRunFolder } from "./folder.ts"
import { keep, keepPorts, randomSecret } from "./keep.ts"

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "oiio-keep-"))
})
afterEach(() => rm(folder, { recursive: true }))

describe("What a server's folder keeps", () => {
  it("is made once, and readable by its owner alone", async () => {
    const path = join(folder, "identity.json")
    const first = await keep(path, () => ({ password: randomSecret() }))
    expect(await keep(path, () => ({ password: randomSecret() }))).toEqual(first)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it("includes its ports, as long as nobody else listens there", async () => {
    const first = await keepPorts(folder, ["http", "management"])
    expect(first.http).not.toBe(first.management)
    expect(await keepPorts(folder, ["http", "management"])).toEqual(first)
    const stranger = createServer().listen(first.http, "127.0.0.1")
    await once(stranger, "listening")
    const second = await keepPorts(folder, ["http", "management"])
    expect(second.http).not.toBe(first.http)
    stranger.close()
  })
})

describe("The folder of a test run", () => {
  it("is gone afterwards, and so is that of a run that was killed", async () => {
    const { pid } = spawnSync("true")
    const left = join(tmpdir(), `oiio-services-${pid}-left`)
    await mkdir(left)
    await writeFile(join(left, "log"), "x")
    const run = await makeRunFolder()
    expect(existsSync(left)).toBe(false)
    expect((await stat(run.path)).mode & 0o777).toBe(0o700)
    await run.remove()
    expect(existsSync(run.path)).toBe(false)
  })
})
