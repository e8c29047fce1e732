import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { atLeast, findTool, parseVersion, type ToolSearch } from "./find-tool.ts"
import { findGuards } from "./run-tool.ts"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "find-tool-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function program(path: string, script: string): Promise<string> {
  const file = join(folder, path)
  await mkdir(join(file, ".."), { recursive: true })
  await writeFile(file, `#!/bin/sh\n${script}\n`)
  await chmod(file, 0o755)
  return file
}

const oiiotool = (path: string, version: string) => program(path, `echo ${version}`)
const ffmpeg = (path: string, version: string, abilities: readonly string[]) =>
  program(
    path,
    `case "$*" in -version) echo "ffmpeg version ${version} Copyright";; ${abilities.map((what) => `*=${what}) echo "Filter ${what}"; echo "Encoder ${what}";;`).join(" ")} esac`,
  )

const search = async (part: Partial<ToolSearch> = {}): Promise<ToolSearch> => ({
  setting: null,
  vendorFolders: [join(folder, "vendor"), join(folder, "cache/vendor")],
  searchPath: `relative:${join(folder, "old")}:${join(folder, "bin")}`,
  guards: await findGuards(),
  ...part,
})

async function found(name: "oiiotool" | "ffmpeg", part: Partial<ToolSearch> = {}): Promise<string> {
  const tool = await findTool(name, await search(part))
  return tool.ok ? tool.value.program.replace(`${folder}/`, "") : `${tool.failure.code}: ${tool.failure.says}`
}

describe("looking for a tool", () => {
  it("prefers the setting to vendor/, that to what a user has set up, and that to PATH", async () => {
    await oiiotool("bin/oiiotool", "2.4.7.1")
    expect(await found("oiiotool")).toBe("bin/oiiotool")
    await oiiotool("cache/vendor/OpenImageIO/bin/oiiotool", "3.2.1.0")
    expect(await found("oiiotool")).toBe("cache/vendor/OpenImageIO/bin/oiiotool")
    await oiiotool("vendor/OpenImageIO/bin/oiiotool", "3.2.2.0")
    expect(await found("oiiotool")).toBe("vendor/OpenImageIO/bin/oiiotool")
    expect(await found("oiiotool", { setting: await oiiotool("mine/oiiotool-site", "2.5.18") })).toBe(
      "mine/oiiotool-site",
    )
    expect(await found("oiiotool", { setting: "oiiotool" })).toBe("bin/oiiotool")
  })

  it("passes over one that is too old or not itself", async () => {
    await oiiotool("old/oiiotool", "2.2.10")
    expect(await found("oiiotool")).toMatch(/^tool\/missing: .*oiiotool is oiiotool 2.2.10; 2.4 or newer is needed/)
    await oiiotool("bin/oiiotool", "2.4.7")
    expect(await found("oiiotool")).toBe("bin/oiiotool")
    await program("vendor/OpenImageIO/bin/oiiotool", "echo hello")
    expect(await found("oiiotool")).toBe("bin/oiiotool")
  })

  it("refuses pip's Python wrapper", async () => {
    const wrapper = join(folder, "wrapper")
    await writeFile(wrapper, "#!/usr/bin/env python3\nfrom OpenImageIO import _command_line\n")
    await chmod(wrapper, 0o755)
    expect(await found("oiiotool", { setting: wrapper })).toMatch(/^tool\/missing: .*pip's Python wrapper/)
  })

  it("never falls back from a setting that cannot be used", async () => {
    await oiiotool("bin/oiiotool", "2.4.7")
    expect(await found("oiiotool", { setting: "/nowhere/oiiotool" })).toMatch(
      /^tool\/missing: The oiiotool of the settings/,
    )
  })

  it("takes a folder for no program, in the settings as on PATH", async () => {
    await mkdir(join(folder, "old/oiiotool"), { recursive: true })
    await oiiotool("bin/oiiotool", "2.4.7")
    expect(await found("oiiotool")).toBe("bin/oiiotool")
    expect(await found("oiiotool", { setting: folder })).toMatch(/^tool\/missing: .* is a folder, .* name the program/)
  })

  it("says how to install what is nowhere", async () => {
    const said = await found("ffmpeg")
    expect(said).toMatch(
      /^tool\/missing: ffmpeg is neither in vendor\/ nor on PATH: run `oiio-proxy-generator setup`, which fetches it/,
    )
    expect(said).toMatch(/ffmpeg 5\.1 or newer, or name it in OIIO_FFMPEG_PATH\.$/)
  })

  it("takes an ffmpeg that has zscale and libx264, and says which is lacking", async () => {
    await ffmpeg("bin/ffmpeg", "5.1.9-0+deb12u1", ["zscale"])
    expect(await found("ffmpeg")).toMatch(/built without libx264/)
    await ffmpeg("bin/ffmpeg", "5.1.9-0+deb12u1", ["zscale", "libx264"])
    expect(await found("ffmpeg")).toBe("bin/ffmpeg")
  })
})

describe("a tool's version", () => {
  it.each([
    ["oiiotool", "3.2.2.0\n", "3.2.2.0", true],
    ["oiiotool", "2.3.9", "2.3.9", false],
    ["ffmpeg", "ffmpeg version n9.0.2-17-g2a571b6068-20260930 Copyright", "n9.0.2-17-g2a571b6068-20260930", true],
    ["ffmpeg", "ffmpeg version 5.1.9-0+deb12u1 Copyright", "5.1.9-0+deb12u1", true],
    ["ffmpeg", "ffmpeg version N-118193-g5f38c82536 Copyright", "N-118193-g5f38c82536", true],
    ["ffmpeg", "ffmpeg version 4.4.2-0ubuntu0 Copyright", "4.4.2-0ubuntu0", false],
  ] as const)("of %s is read from %j", (name, answer, text, isEnough) => {
    const version = parseVersion(name, answer)
    expect(version?.text).toBe(text)
    expect(version !== null && atLeast(version, name === "ffmpeg" ? "5.1" : "2.4")).toBe(isEnough)
  })

  it("is unknown in an answer of something else", () => {
    expect(parseVersion("oiiotool", "Traceback (most recent call last)")).toBeNull()
    expect(parseVersion("ffmpeg", "")).toBeNull()
  })
})
