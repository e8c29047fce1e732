import { spawn } from "node:child_process"
import { mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { findGuards, type Guards, runTool, type ToolRun } from "./run-tool.ts"

let guards: Guards
let folder: string

beforeAll(async () => {
  guards = await findGuards()
  folder = await mkdtemp(join(tmpdir(), "run-tool-"))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const limits = { timeoutMs: 60_000, memoryLimitBytes: 2 ** 30 }
const run = (part: Partial<ToolRun>) =>
  runTool({
    tool: "probe",
    program: "/bin/sh",
    args: [],
    folder,
    limits,
    guards,
    signal: new AbortController().signal,
    ...part,
  })
const shell = (script: string, part: Partial<ToolRun> = {}) => run({ args: ["-c", script], ...part })
const codeOf = async (ran: ReturnType<typeof run>) => {
  const result = await ran
  return result.ok ? "ok" : result.failure.code
}

describe("running a tool on a file that nobody trusts", () => {
  it("gives back what the tool printed, and runs it in the job's folder", async () => {
    const result = await shell("pwd; echo note >&2")
    expect(result).toMatchObject({ ok: true, value: { stdout: `${folder}\n`, stderr: "note\n" } })
  })

  it("shows the tool none of our environment", async () => {
    process.env.PROBE_SECRET = "hunter2"
    const result = await run({ program: "/usr/bin/env" })
    delete process.env.PROBE_SECRET
    expect(result.ok && result.value.stdout.trim().split("\n").sort()).toEqual([
      "LC_ALL=C",
      "PATH=/usr/local/bin:/usr/bin:/bin",
    ])
  })

  it("feeds the tool what it shall read, more than any pipe holds", async () => {
    const result = await shell("wc -c", { input: [new Uint8Array(3_000_000), new Uint8Array(2_000_000)] })
    expect(result.ok && result.value.stdout.trim()).toBe("5000000")
  })

  it("survives a tool that ends before it has read everything: how it ended counts", async () => {
    const input = [new Uint8Array(5_000_000)]
    expect(await codeOf(shell("exit 0", { input }))).toBe("ok")
    expect(await codeOf(shell("echo 'invalid data' >&2; exit 3", { input }))).toBe("tool/failed")
    expect(await codeOf(shell("kill -SEGV $$", { input }))).toBe("tool/crashed")
    const hung = { input, limits: { ...limits, timeoutMs: 100 } }
    expect(await codeOf(shell("sleep 60", hung))).toBe("tool/timed-out")
  })

  it("names the exit code and the complaint of a refusal, without the job's folder", async () => {
    const result = await shell(`echo "read error in ${folder}/source.exr" >&2; exit 3`)
    expect(!result.ok && result.failure).toMatchObject({
      code: "tool/failed",
      kind: "permanent",
      says: "probe refused the file (exit 3): read error in source.exr",
    })
  })

  it("keeps the beginning and the end of endless talk", async () => {
    const result = await shell("echo WARNING first; yes | head -c 20000000; echo last")
    const text = result.ok ? result.value.stdout : ""
    expect(text.length).toBeLessThan(70_000)
    expect(text).toMatch(/^WARNING first/)
    expect(text).toMatch(/last\n$/)
  })

  it("kills the tool and all it started when the time is up", async () => {
    const result = await shell("sleep 987 & sleep 987; wait", { limits: { ...limits, timeoutMs: 300 } })
    expect(!result.ok && result.failure.code).toBe("tool/timed-out")
    await expect.poll(() => processesIn(folder)).toEqual([])
  })

  it("kills it when the worker is asked to stop", async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 100)
    expect(await codeOf(shell("sleep 986", { signal: stop.signal }))).toBe("stopped")
    expect(await codeOf(shell("sleep 986", { signal: stop.signal }))).toBe("stopped")
    await expect.poll(() => processesIn(folder)).toEqual([])
  })

  it("tells a crash from a refusal", async () => {
    expect(await codeOf(shell("kill -SEGV $$"))).toBe("tool/crashed")
  })

  it("says that a tool is missing, and never runs a relative name from PATH", async () => {
    expect(await codeOf(run({ program: "/nowhere/oiiotool" }))).toBe("tool/missing")
  })

  it("blames nobody's file when the folder for temporary files has vanished", async () => {
    const result = await shell("true", { folder: join(folder, "gone") })
    expect(!result.ok && [result.failure.code, result.failure.kind]).toEqual(["scratch/full", "transient"])
  })

  it("stops a tool at the memory limit", async ({ skip }) => {
    if (guards.prlimit === null) skip("prlimit (util-linux) is not installed")
    const small = { ...limits, memoryLimitBytes: 200 * 2 ** 20 }
    expect(await codeOf(run({ program: "/usr/bin/tail", args: ["/dev/zero"], limits: small }))).toBe(
      "tool/out-of-memory",
    )
  })

  it("takes the tool along when the worker itself is killed", async ({ skip }) => {
    if (guards.setpriv === null) skip("setpriv (util-linux) is not installed")
    const worker = spawn(process.execPath, ["--input-type=module", "-e", workerScript(folder)], { stdio: "inherit" })
    await expect.poll(() => processesIn(folder)).toEqual(["/bin/sleep 985"])
    worker.kill("SIGKILL")
    await expect.poll(() => processesIn(folder)).toEqual([])
  })
})

const workerScript = (cwd: string): string => `
  import { findGuards, runTool } from ${JSON.stringify(new URL("run-tool.ts", import.meta.url).href)}
  await runTool({ tool: "sleep", program: "/bin/sleep", args: ["985"], folder: ${JSON.stringify(cwd)},
    limits: ${JSON.stringify(limits)}, guards: await findGuards(), signal: new AbortController().signal })`

/** Command lines of the processes whose working directory is `cwd`. */
async function processesIn(cwd: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue
    const where = await readlink(`/proc/${pid}/cwd`).catch(() => null)
    if (where !== cwd) continue
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")
    if (line !== "") found.push(line.replaceAll("\0", " ").trim())
  }
  return found
}
