import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Command, startChild } from "./child.ts"
import { isAlive } from "./install/lock.ts"
import { onPath } from "./install/run.ts"
import { runServer, type ServerPlan } from "./server.ts"

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "oiio-child-"))
})
afterAll(() => rm(folder, { recursive: true }))

const nodeCommand = (script: string): Command => ({ file: process.execPath, args: ["-e", script], cwd: folder })

const untilLogHas = async (path: string, word: string): Promise<void> => {
  while (!(await readFile(path, "utf8")).includes(word)) await sleep(20)
}

/** Until setpriv has made its arrangement and become the program. */
const untilItIs = async (pid: number, program: string): Promise<void> => {
  while ((await readFile(`/proc/${pid}/comm`, "utf8")).trim() !== program) await sleep(20)
}

const untilGone = async (pid: number): Promise<void> => {
  while (isAlive(pid)) await sleep(20)
}

describe("A process that tests start", () => {
  it("is killed when it does not heed SIGTERM", async () => {
    const logPath = join(folder, "stubborn.log")
    const deaf = nodeCommand("process.on('SIGTERM', () => {}); console.log('deaf'); setInterval(() => {}, 1000)")
    const child = startChild(deaf, logPath, 100)
    await untilLogHas(logPath, "deaf")
    await child.stop()
    expect(await child.exited).toBe("SIGKILL")
    expect(isAlive(child.pid)).toBe(false)
  })

  it("ends by SIGTERM even when it was suspended", async () => {
    const child = startChild({ file: "sleep", args: ["1000"], cwd: folder }, join(folder, "suspended.log"))
    await child.kill("SIGSTOP")
    await child.stop()
    expect(await child.exited).toBe("SIGTERM")
  })

  it("says why a program that does not exist has not started", async () => {
    const child = startChild({ file: join(folder, "missing"), args: [], cwd: folder }, join(folder, "missing.log"))
    expect(await child.exited).not.toBe("exit code 0")
  })

  it("gets nothing of the developer's environment but what it needs", async () => {
    process.env.QUARKUS_HTTP_PORT = "1"
    const logPath = join(folder, "environment.log")
    const command = nodeCommand("console.log(Object.keys(process.env).join())")
    await startChild({ ...command, env: { OWN: "1" } }, logPath).exited
    delete process.env.QUARKUS_HTTP_PORT
    const names = (await readFile(logPath, "utf8")).trim().split(",")
    expect(names).toContain("OWN")
    expect(names).not.toContain("QUARKUS_HTTP_PORT")
  })

  it.skipIf(onPath("setpriv") === undefined)("dies with the process that started it, however that dies", async () => {
    const script = `
      import { startChild } from ${JSON.stringify(join(import.meta.dirname, "child.ts"))}
      const command = { file: "sleep", args: ["1000"], cwd: ${JSON.stringify(folder)} }
      console.log(startChild(command, ${JSON.stringify(join(folder, "orphan.log"))}).pid)
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script])
    const [said] = (await once(parent.stdout, "data")) as [Buffer]
    const pid = Number(said.toString())
    expect(isAlive(pid)).toBe(true)
    await untilItIs(pid, "sleep")
    parent.kill("SIGKILL")
    await untilGone(pid)
  })
})

describe("A server", () => {
  const plan = (script: string, probe: () => Promise<void>): ServerPlan<null> => ({
    name: "kafka",
    address: null,
    logPath: join(folder, "server.log"),
    command: nodeCommand(script),
    probe,
  })

  it("that ends while it starts fails the start at once, with the end of its log", async () => {
    const failing = plan("console.error('Address already in use'); process.exit(7)", () =>
      Promise.reject(new Error("no")),
    )
    await expect(runServer(failing)).rejects.toThrow(/exit code 7[\s\S]*Address already in use/)
  })

  it("whose port a stranger answers is not taken for ready once it has ended", async () => {
    const stranger = plan("process.exit(1)", () => sleep(60_000, undefined, { ref: false }))
    await expect(runServer(stranger)).rejects.toThrow(/ended while it started/)
  })

  it("runs again after a kill and is gone after a stop", async () => {
    const server = await runServer(plan("setInterval(() => {}, 1000)", () => Promise.resolve()))
    const first = server.pid()
    await server.kill("SIGKILL")
    expect(server.isRunning()).toBe(false)
    await server.restart()
    expect(server.pid()).not.toBe(first)
    expect(server.isRunning()).toBe(true)
    await server.stop()
    expect(isAlive(server.pid())).toBe(false)
  })
})
