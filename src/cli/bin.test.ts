import { spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
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

describe("of a checkout", () => {
  /** Files of a checkout that say who they are; `changed` is younger than the build, everything else older. */
  function checkout(changed: string | null): string {
    const root = mkdtempSync(join(folder, "checkout-"))
    const files = ["src/cli/bin.ts", "src/cli/removed/from.ts", "topology/graph.ts", "package-lock.json"]
    for (const file of [...files, "scripts/rolldown.config.ts", "dist/src/cli/bin.js"]) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), `console.log(${JSON.stringify(file)})`)
    }
    cpSync(bin, join(root, "bin/oiio-proxy-generator"))
    const folders = ["src", "src/cli", "src/cli/removed", "topology"]
    for (const path of [...files, ...folders, "scripts/rolldown.config.ts"]) utimesSync(join(root, path), 1000, 1000)
    utimesSync(join(root, "dist/src/cli/bin.js"), 2000, 2000)
    if (changed !== null) utimesSync(join(root, changed), 3000, 3000)
    return join(root, "bin/oiio-proxy-generator")
  }

  it("runs what was built", async () => {
    expect(await run(checkout(null), [])).toEqual({ code: 0, stdout: "dist/src/cli/bin.js\n", stderr: "" })
  })

  it.each([
    ["a source was changed", "topology/graph.ts"],
    ["a source was removed", "src/cli/removed"],
    ["other packages were installed", "package-lock.json"],
    ["it is built in another way", "scripts/rolldown.config.ts"],
  ])("but its sources where, since then, %s", async (_, changed) => {
    expect(await run(checkout(changed), [])).toMatchObject({ code: 0, stdout: "src/cli/bin.ts\n" })
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
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining("needs Node 24.7 or newer") })
  const node = dirname(process.execPath)
  expect((await run(bin, ["--version"], `${join(tools, "bin")}:${node}`)).code).toBe(0)
})

it("ends quietly when its output is read no further", async () => {
  const shell = `'${bin}' config explain --json 2>err.txt | true; cat err.txt; exit \${PIPESTATUS[0]}`
  expect(await run("/bin/bash", ["-c", shell])).toMatchObject({ code: 0, stdout: "" })
})
