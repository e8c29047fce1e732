import { describe, expect, it } from "vitest"
import { failure } from "../events/result.ts"
import { listenForInterrupts } from "../system/interrupts.ts"
import type { Call, Command, Ending, ListedCommand } from "./command.ts"
import { giveUp } from "./terminal/io.ts"
import { claimLines, interject } from "./terminal/streams.ts"
import { call } from "./testing/call.ts"
import { recorded } from "./testing/console.ts"

const command = (
  run: (call: Call) => Promise<Ending>,
  more: Partial<Command> = {},
  name = "work",
): readonly ListedCommand[] => [
  { name, summary: "does the work", load: async () => ({ examples: [["work", "does it"]], run, ...more }) },
]

const interrupted = (...causes: readonly ("SIGINT" | "SIGTERM" | "closed")[]) => {
  const interrupts = listenForInterrupts(() => undefined)
  causes.forEach(interrupts.receive)
  return interrupts
}

const stopped = command(async () => "stopped")

describe("exit codes", () => {
  it("0 when all is done", async () => {
    expect(await call(["work"], { commands: command(async () => 0) })).toEqual({ code: 0, stdout: "", stderr: "" })
  })

  it("1 when some elements failed", async () => {
    expect((await call(["work"], { commands: command(async () => 1) })).code).toBe(1)
  })

  it.each([
    [["wrok"], "error: unknown command 'wrok'\n(Did you mean work?)"],
    [["work", "--jsn"], "error: unknown option '--jsn'\n(Did you mean --json?)"],
    [["work", "a"], "error: too many arguments"],
    [["work", "--from"], "error: option '--from <offset>' argument missing"],
    [[], "Usage: oiio-proxy-generator"],
  ])("2 for the command line %j, with what is wrong on stderr", async (argv, says) => {
    const options = [
      { syntax: "--json", says: "as JSON" },
      { syntax: "--from <offset>", says: "where to begin" },
    ]
    const { code, stdout, stderr } = await call(argv, { commands: command(async () => 0, { options }) })
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain(says)
  })

  it("2 when the configuration is wrong", async () => {
    const { code, stderr } = await call(["config", "explain"], { env: { OIIO_TIMEOUT: "soon" } })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: toolTimeoutSeconds must be .* OIIO_TIMEOUT says "soon"\.\ncode: config\/invalid /)
  })

  it.each(["tool/missing", "store/unreachable", "state/owned", "state/unsafe"] as const)("3 for %s", async (code) => {
    const commands = command(async ({ io }) => giveUp(io, failure(code, "Not there.")))
    expect(await call(["work"], { commands })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("error: Not there."),
    })
  })

  it("70 for a bug, with the stack on stderr", async () => {
    const commands = command(async () => {
      throw new TypeError("cannot happen")
    })
    const { code, stderr } = await call(["work"], { commands })
    expect(code).toBe(70)
    expect(stderr).toMatch(/bug: TypeError: cannot happen\n\s+at .*main\.test\.ts/)
  })

  it("130 when Ctrl-C came before the end", async () => {
    expect((await call(["work"], { commands: stopped, interrupts: interrupted("SIGINT") })).code).toBe(130)
  })

  it("130 when a second request aborted the draining", async () => {
    expect((await call(["work"], { commands: stopped, interrupts: interrupted("SIGTERM", "SIGTERM") })).code).toBe(130)
  })

  it("0 when SIGTERM was obeyed and everything drained", async () => {
    expect((await call(["work"], { commands: stopped, interrupts: interrupted("SIGTERM") })).code).toBe(0)
  })

  it("0 when nobody reads the output any more", async () => {
    expect((await call(["work"], { commands: stopped, interrupts: interrupted("closed") })).code).toBe(0)
  })

  it("0 when Ctrl-C came, but the work was finished", async () => {
    const commands = command(async () => 0)
    expect((await call(["work"], { commands, interrupts: interrupted("SIGINT") })).code).toBe(0)
  })
})

describe("stop requests", () => {
  it("are answered on a line of their own, below the ^C that a terminal echoes", () => {
    const [screen, pipe] = [recorded({ columns: 80 }), recorded()]
    for (const stderr of [screen, pipe]) listenForInterrupts((line) => interject(stderr, line)).receive("SIGTERM")
    expect(screen.text()).toBe("\nStopping: what is begun is finished.\n")
    expect(pipe.text()).toBe("Stopping: what is begun is finished.\n")
  })

  it("are answered above what is drawn at the moment", () => {
    const stderr = recorded({ columns: 80 })
    const noted: string[] = []
    const release = claimLines(stderr, (line) => noted.push(line))
    interject(stderr, "first")
    release()
    interject(stderr, "second")
    expect([noted, stderr.text()]).toEqual([["first"], "\nsecond\n"])
  })

  it("drain first, then abort, then give up waiting", async () => {
    const said: string[] = []
    const interrupts = listenForInterrupts((text) => said.push(text))
    const state = () => [interrupts.drain.aborted, interrupts.abort.aborted, interrupts.cause()]
    expect(state()).toEqual([false, false, null])
    interrupts.receive("SIGINT")
    expect(state()).toEqual([true, false, "SIGINT"])
    interrupts.receive("SIGTERM")
    expect(state()).toEqual([true, true, "SIGINT"])
    interrupts.receive("SIGINT")
    await interrupts.forced
    expect(said).toEqual(["Stopping: what is begun is finished. Ctrl-C again aborts.", "Aborting."])
  })
})

describe("what a command is told", () => {
  it("gets arguments, its own options, and settings given as flags, apart", async () => {
    const calls: Call[] = []
    const commands = command(
      async (one) => {
        calls.push(one)
        return 0
      },
      {
        parameters: [{ syntax: "[dir]", says: "folder" }],
        options: [{ syntax: "--dry-run", says: "only says" }],
        settings: ["state", "pictures", "colour"],
      },
      "group work",
    )
    const argv = ["group", "work", "a b", "--dry-run", "--state", "s", "--proxy-crf", "18", "--no-camera-tokens"]
    expect((await call(argv, { commands })).code).toBe(0)
    expect(calls[0]).toMatchObject({
      args: ["a b"],
      options: { dryRun: true },
      flags: { stateDir: "s", proxyCrf: "18", cameraTokens: false },
    })
    expect(Object.keys(calls[0]?.options ?? {})).toEqual(["dryRun"])
  })

  it("takes only the settings of its groups", async () => {
    const commands = command(async () => 0, { settings: ["state"] })
    expect((await call(["work", "--proxy-crf", "1"], { commands })).code).toBe(2)
  })
})

describe("help", () => {
  it("goes to stdout with exit code 0 and shows commands and exit codes", async () => {
    const { code, stdout, stderr } = await call(["--help"])
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).toMatch(/schemas .*config .*Exit codes:\n {2}0 {4}done/s)
  })

  it("of a command shows its examples and its settings by group", async () => {
    const { stdout } = await call(["config", "explain", "--help"])
    expect(stdout).toMatch(
      /Pictures:\n.* {2}--thumbnail-edge-px <number>.*Examples:\n {2}\$ oiio-proxy-generator config explain/s,
    )
    expect(stdout).not.toMatch(/secret-key/)
  })

  it("prints the version of package.json", async () => {
    const { version } = (await import("../../package.json", { with: { type: "json" } })).default
    expect(await call(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" })
  })
})
