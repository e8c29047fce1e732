import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { closeSync, copyFileSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { codeOf, connected, slowly, startCommand, type Target } from "../testing/child-command.ts"
import { type ManyFrames, makeManyFrames } from "../testing/large-state.ts"

const FIVE_MB = 5_000_000
const SAMPLES = fileURLToPath(new URL("../../../samples/", import.meta.url))

let frames: ManyFrames
beforeAll(() => {
  frames = makeManyFrames(FIVE_MB)
})
afterAll(() => frames.remove())

describe("a dry run over more names than a pipe holds", () => {
  const dryRun = (stdout?: Target) => startCommand(["run", ".", "--dry-run"], { cwd: frames.folder, stdout })

  it("gives a slow reader every name, and says how many they are", async () => {
    const child = dryRun()
    const [stdout, stderr, code] = await Promise.all([slowly(child.stdout), slowly(child.stderr), codeOf(child)])
    expect({ code, names: stdout.split("\n").length - 1 }).toEqual({ code: 0, names: frames.count })
    expect(stdout.length).toBeGreaterThan(FIVE_MB)
    expect(stderr).toBe(
      `Would render ${frames.count.toLocaleString("en-GB")} frames; 0 up to date, 0 failed for good.\n`,
    )
  })

  it("ends quietly when its reader leaves", async () => {
    const child = dryRun()
    await once(child.stdout as Readable, "data")
    child.stdout?.destroy()
    const [stderr, code] = await Promise.all([slowly(child.stderr), codeOf(child)])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  })

  it("is an error on a full disk", async () => {
    const full = openSync("/dev/full", "w")
    const child = dryRun(full)
    closeSync(full)
    const [stderr, code] = await Promise.all([slowly(child.stderr), codeOf(child)])
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining("the output is not complete: ENOSPC") })
  })
})

/** Says five megabytes before the command begins. */
const TALKATIVE = `--import=data:text/javascript,${encodeURIComponent(`process.stderr.write("y".repeat(${FIVE_MB}) + "\\n")`)}`

describe("five megabytes of messages", () => {
  const explain = (stderr?: Target): ChildProcess =>
    startCommand(["config", "explain", "--json"], { cwd: frames.folder, stderr, env: { NODE_OPTIONS: TALKATIVE } })

  it("reach a slow reader wholly, and hold no result back", async () => {
    const child = explain()
    const [stdout, stderr, code] = await Promise.all([slowly(child.stdout), slowly(child.stderr), codeOf(child)])
    expect({ code, length: stderr.length, lines: stdout.split("\n").length > 50 }).toEqual({
      ...{ code: 0, length: FIVE_MB + 1, lines: true },
    })
  })

  it("reach a slow reader through a socket", async () => {
    const { client, reading, close } = await connected()
    const child = explain(client)
    client.destroy()
    const [stderr, code] = await Promise.all([slowly(reading), codeOf(child), child.stdout?.resume()])
    close()
    expect({ code, length: stderr.length }).toEqual({ code: 0, length: FIVE_MB + 1 })
  })

  it("whose reader leaves cost no result", async () => {
    const child = explain()
    await once(child.stderr as Readable, "data")
    child.stderr?.destroy()
    const [stdout, code] = await Promise.all([slowly(child.stdout), codeOf(child)])
    expect({ code, lines: stdout.split("\n").length > 50 }).toEqual({ code: 0, lines: true })
  })
})

describe("the failures of a run, more of them than a pipe holds", () => {
  it("reach a slow reader of standard error, every one", async () => {
    const few = makeManyFrames(100_000)
    const child = startCommand(["run", "."], { cwd: few.folder })
    const [stderr, code] = await Promise.all([slowly(child.stderr), codeOf(child), child.stdout?.resume()])
    few.remove()
    expect({ code, failures: stderr.match(/^ {2}\S+\.exr: /gm)?.length }).toEqual({ code: 1, failures: few.count })
    expect(stderr.length).toBeGreaterThan(100_000)
  })
})

/** Whatever prints results, in a folder that has a frame, its outputs and a failure. */
const PRINTING = [
  ...["--help", "status", "status --json", "outputs", "outputs --csv", "failures list", "events", "events --json"],
  ...["inspect a.exr", "inspect a.exr --json", "doctor .", "config explain --json", "topology", "rebuild .", "prune ."],
]

describe("every command that prints results", () => {
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "printing-"))
    copyFileSync(join(SAMPLES, "openexr-images/DisplayWindow/t01.exr"), join(folder, "a.exr"))
    copyFileSync(join(SAMPLES, "openexr-images/DisplayWindow/t01.exr"), join(folder, "gone.exr"))
    writeFileSync(join(folder, "broken.exr"), "")
    for (const code of [1, 1]) {
      expect(await codeOf(startCommand(["run", "."], { cwd: folder, stderr: "ignore" }))).toBe(code)
      rmSync(join(folder, "gone.exr"), { force: true })
    }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each(PRINTING)("ends quietly where nobody reads %s", async (command) => {
    const child = startCommand(command.split(" "), { cwd: folder })
    child.stdout?.destroy()
    const [stderr, code] = await Promise.all([slowly(child.stderr), codeOf(child)])
    expect({ code, stderr: stderr.replace(/^Would delete .*\n$/, "") }).toEqual({ code: 0, stderr: "" })
  })

  it.each(PRINTING)("says that %s is not complete on a full disk", async (command) => {
    const full = openSync("/dev/full", "w")
    const child = startCommand(command.split(" "), { cwd: folder, stdout: full })
    closeSync(full)
    const [stderr, code] = await Promise.all([slowly(child.stderr), codeOf(child)])
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining("the output is not complete: ENOSPC") })
  })
})
