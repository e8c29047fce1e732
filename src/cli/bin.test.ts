import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, expect, it } from "vitest"
import { generatorVersion } from "../deployment/version.ts"

const bin = fileURLToPath(new URL("../../bin/oiio-proxy-generator", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "bin-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

function run(program: string, args: readonly string[], path = process.env.PATH ?? ""): Promise<Ended> {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let [stdout, stderr] = ["", ""]
  child.stdout.on("data", (chunk) => {
    stdout += chunk
  })
  child.stderr.on("data", (chunk) => {
    stderr += chunk
  })
  return new Promise((ended, failed) => {
    child.on("error", failed)
    child.on("close", (code) => ended({ code, stdout, stderr }))
  })
}

it("runs from a checkout, through symbolic links, from any folder", async () => {
  symlinkSync(bin, join(folder, "one"))
  symlinkSync("one", join(folder, "two"))
  expect(await run(join(folder, "two"), ["--version"])).toEqual({
    code: 0,
    stdout: `${generatorVersion()}\n`,
    stderr: "",
  })
})

it("hands the exit code to the shell", async () => {
  expect((await run(bin, ["no-such-command"])).code).toBe(2)
})

it("needs nothing but Node 24 on PATH or in .tools, and says so where there is neither", async () => {
  const tools = join(folder, "tools")
  await run("/bin/sh", [
    "-c",
    `mkdir -p tools/bin tools/else/bin && cp '${bin}' tools/else/bin/ && for t in sh dirname readlink; do ln -s "$(command -v $t)" tools/bin/; done`,
  ])
  const { code, stderr } = await run(join(tools, "else/bin/oiio-proxy-generator"), ["--version"], join(tools, "bin"))
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining("needs Node 24 or newer") })
  const node = dirname(process.execPath)
  expect((await run(bin, ["--version"], `${join(tools, "bin")}:${node}`)).code).toBe(0)
})

it("ends quietly when its output is read no further", async () => {
  const shell = `'${bin}' config explain --json 2>err.txt | true; cat err.txt; exit \${PIPESTATUS[0]}`
  expect(await run("/bin/bash", ["-c", shell])).toMatchObject({ code: 0, stdout: "" })
})
