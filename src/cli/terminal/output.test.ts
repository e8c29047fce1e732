import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bin, codeOf, connected, slowly, startCommand, type Target } from "../testing/child-command.ts"
import { type LargeState, makeLargeState } from "../testing/large-state.ts"

const FIVE_MB = 5_000_000

let state: LargeState
beforeAll(async () => {
  state = await makeLargeState()
})
afterAll(() => state.remove())

const start = (
  args: readonly string[],
  stdout?: Target,
  stderr?: Target,
  env?: Readonly<Record<string, string>>,
): ChildProcess => startCommand(args, { cwd: state.folder, stdout, stderr, env })

async function slowRun(args: readonly string[]) {
  const child = start(args)
  const [stdout, stderr, code] = await Promise.all([slowly(child.stdout), slowly(child.stderr), codeOf(child)])
  return { code, stdout, stderr, lines: stdout.split("\n").length - 1 }
}

const COMMANDS: readonly (readonly [command: string, linesBesides: number])[] = [
  ["outputs --json", 0],
  ["outputs --csv", 1],
  ["failures list --json", 0],
  ["failures list --csv", 1],
  ["events --json", 0],
  ["events element-failed --json --from 0", 0],
]

describe("a reader of standard output that is slow", () => {
  it.each(COMMANDS)("gets every line of %s", async (command, linesBesides) => {
    const { code, stdout, stderr, lines } = await slowRun(command.split(" "))
    expect({ code, stderr, lines }).toEqual({ code: 0, stderr: "", lines: state.rows + linesBesides })
    expect(stdout.length).toBeGreaterThan(FIVE_MB)
  })

  it("gets every line of the tables for reading", async () => {
    const outputs = await slowRun(["outputs"])
    expect(outputs.stdout.match(/beauty\.\d+\.exr/g)).toHaveLength(state.rows)
    const events = await slowRun(["events"])
    expect(events.lines).toBe(state.rows)
  })

  it("gets everything through a socket", async () => {
    const { client, reading, close } = await connected()
    const child = start(["outputs", "--json"], client)
    client.destroy()
    const [text, code] = await Promise.all([slowly(reading), codeOf(child)])
    close()
    expect({ code, lines: text.split("\n").length - 1 }).toEqual({ code: 0, lines: state.rows })
  })
})

describe("a reader of standard error that is slow", () => {
  it("gets the whole of an error, though it is longer than a pipe holds", async () => {
    const name = "x".repeat(120_000)
    const child = start(["inspect", name])
    const [stderr, code] = await Promise.all([slowly(child.stderr), codeOf(child)])
    expect({
      code,
      isWhole: stderr.includes(name) && stderr.endsWith("(oiio-proxy-generator docs failures)\n"),
    }).toEqual({
      code: 1,
      isWhole: true,
    })
  })
})

/** Writes a megabyte and throws outside every promise, as soon as the program listens for that. */
const BUG = `const timer = setInterval(() => {
  if (process.listenerCount("uncaughtException") === 0) return
  clearInterval(timer)
  process.stdout.write("x".repeat(1e6))
  throw new Error("a bug \\u001b[2J")
}, 1)`

describe("a bug outside every promise", () => {
  it("loses nothing that was written before it, and its text moves no cursor", async () => {
    const preload = `--import=data:text/javascript,${encodeURIComponent(BUG)}`
    const child = start(["events", "--follow"], "pipe", "pipe", { NODE_OPTIONS: preload })
    const [stdout, stderr, code] = await Promise.all([slowly(child.stdout), slowly(child.stderr), codeOf(child)])
    expect({ code, written: stdout.match(/x{1000000}/)?.length }).toEqual({ code: 70, written: 1 })
    expect(stderr).toContain("bug: Error: a bug \\u001b[2J\n")
  })
})

describe("a reader that leaves", () => {
  it.each(COMMANDS)("ends %s quietly", async (command) => {
    const child = start(command.split(" "))
    await once(child.stdout as Readable, "data")
    child.stdout?.destroy()
    const [stderr, code] = await Promise.all([slowly(child.stderr), codeOf(child)])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  })

  it("of the messages takes no line from the results", async () => {
    const child = start(["outputs", "--json"])
    child.stderr?.destroy()
    const [stdout, code] = await Promise.all([slowly(child.stdout), codeOf(child)])
    expect({ code, lines: stdout.split("\n").length - 1 }).toEqual({ code: 0, lines: state.rows })
  })
})

describe("a request to stop while nobody reads", () => {
  it("is obeyed at the second Ctrl-C, and the exit code says that the output is not complete", async () => {
    const child = start(["outputs", "--json"])
    await once(child.stdout as Readable, "readable")
    child.kill("SIGINT")
    await once(child.stderr as Readable, "data")
    child.kill("SIGINT")
    expect(await codeOf(child)).toBe(130)
  })

  it("stops a command that writes rows where it is", async () => {
    const child = start(["events", "--json"])
    await once(child.stdout as Readable, "readable")
    child.kill("SIGINT")
    await once(child.stderr as Readable, "data")
    const [stdout, code] = await Promise.all([slowly(child.stdout), codeOf(child)])
    expect(code).toBe(130)
    expect(stdout.split("\n").length).toBeLessThan(state.rows)
  })
})

describe("a file", () => {
  it("gets every line", async () => {
    const path = join(state.folder, "outputs.jsonl")
    const file = openSync(path, "w")
    const code = await codeOf(start(["outputs", "--json"], file))
    closeSync(file)
    expect({ code, lines: readFileSync(path, "utf8").split("\n").length - 1 }).toEqual({ code: 0, lines: state.rows })
  })

  it.each(COMMANDS)("on a full disk is an error of %s", async (command) => {
    const full = openSync("/dev/full", "w")
    const child = start(command.split(" "), full)
    closeSync(full)
    const [stderr, code] = await Promise.all([slowly(child.stderr), codeOf(child)])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^error: Standard output cannot be written, so the output is not complete: ENOSPC.*\n$/)
  })

  it("of which the system takes only a part is an error", async () => {
    // The first write that reaches the limit is a short one, the next is refused; that is how a disk becomes full.
    const script = `trap '' XFSZ; ulimit -f 4; exec '${bin}' config explain --json > part.jsonl`
    const child = spawn("/bin/bash", ["-c", script], {
      cwd: state.folder,
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" },
      stdio: ["ignore", "ignore", "pipe"],
    })
    const [stderr, code] = await Promise.all([slowly(child.stderr), codeOf(child)])
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining("the output is not complete: EFBIG") })
  })

  it("for messages that is full harms no result", async () => {
    const full = openSync("/dev/full", "w")
    const child = start(["config", "explain", "--json"], "pipe", full, { OIIO_STAET: "a mistake that a note is about" })
    closeSync(full)
    const [stdout, code] = await Promise.all([slowly(child.stdout), codeOf(child)])
    expect(code).toBe(0)
    expect(stdout.split("\n").length).toBeGreaterThan(50)
  })
})
