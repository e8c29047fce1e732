import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, readFileSync } from "node:fs"
import { promisify } from "node:util"
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { findGuards, type Guards } from "../tools/run-tool.ts"
import { openProcesses, type Processes, type ProcessesOptions } from "./index.ts"
import type { Order } from "./testing/odd-process.ts"

/** A deadline that ends a hang, and measures nothing. */
const SOON = { timeout: 60_000 }

const ENTRY = new URL("./testing/odd-process.ts", import.meta.url)
const opened: Processes[] = []
let guards: Guards
beforeAll(async () => {
  guards = await findGuards()
})
const open = (most: number, memoryLimitBytes = 2 ** 30, part: Partial<ProcessesOptions> = {}) => {
  const heapBytes = 64 * 2 ** 20
  const processes = openProcesses({ most, entry: ENTRY, heapBytes, guards, confine: null, memoryLimitBytes, ...part })
  opened.push(processes)
  return processes
}
afterEach(async () => {
  for (const processes of opened.splice(0)) await processes.close()
})

const asked = (order: Order, part: { timeoutMs?: number; signal?: AbortSignal } = {}) => ({
  order,
  timeoutMs: 120_000,
  signal: new AbortController().signal,
  isAnswer: (value: unknown): value is number => typeof value === "number",
  ...part,
})

const any = (order: Order) => ({ ...asked(order), isAnswer: (_: unknown): _ is unknown => true })

/** What the system says of a process, such as R where it runs and Z where it has ended; null where there is none. */
const stateOf = (pid: number): string | null =>
  readdirSync("/proc").includes(String(pid))
    ? readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) (.).*/s, "$1")
    : null

const isAlive = (pid: number): boolean => ![null, "Z"].includes(stateOf(pid))

/** The processes that this one has started and that have not ended. */
const children = (): readonly number[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number)

const pidOf = async (processes: Processes): Promise<number> => {
  const answer = await processes.run(asked("pid"))
  if (!answer.ok) throw new Error(answer.failure.says)
  return answer.value
}

describe("render processes", () => {
  it("answer, and hand over bytes and the failures that they name", async () => {
    const processes = open(1)
    expect(await processes.run(asked("echo"))).toEqual({ ok: true, value: 42 })
    expect(await processes.run(asked("refuse"))).toMatchObject({ ok: false, failure: { code: "picture/damaged" } })
    const bytes = { one: Uint8Array.of(1, 2, 3), none: new Uint8Array(0), text: "ü" }
    expect(await processes.run(any("bytes"))).toEqual({ ok: true, value: bytes })
  })

  it("are used again", async () => {
    const processes = open(2)
    expect(await pidOf(processes)).toBe(await pidOf(processes))
  })

  it("hand over a file piece by piece, each after the one before was taken", async () => {
    const [taken, concurrent]: [number[], number[]] = [[], []]
    let open_ = 0
    const take = async (bytes: Uint8Array): Promise<void> => {
      concurrent.push(++open_)
      await new Promise((resolve) => setImmediate(resolve))
      taken.push(bytes[0] ?? -1)
      expect(bytes).toHaveLength(100_000)
      open_--
    }
    expect(await open(1).run({ ...asked("pieces"), take })).toEqual({ ok: true, value: 40 })
    expect(taken).toEqual(Array.from({ length: 40 }, (_, piece) => piece))
    expect(Math.max(...concurrent)).toBe(1)
  })

  it.each([
    ["throws", "throw", "tool/crashed", /no such row in ours\.ts/],
    ["fills its heap", "heap", "tool/out-of-memory", /more memory/],
    ["fills all memory that it may have", "fill", "tool/out-of-memory", /more memory/],
    ["asks for a buffer that cannot be had", "buffers", "tool/out-of-memory", /more memory/],
    ["ends by itself", "exit", "tool/crashed", /exit 7/],
    ["aborts", "abort", "tool/crashed", /SIGABRT/],
    ["faults in native code", "segv", "tool/crashed", /SIGSEGV/],
    ["writes what is no frame", "garbage", "tool/crashed", /could not be read/],
    ["answers what nobody asked for", "an answer of another kind", "tool/crashed", /could not be read/],
    ["fails in a way that nobody knows", "a failure that nobody knows", "tool/crashed", /could not be read/],
    ["hands over a file that nobody asked for", "pieces", "tool/crashed", /could not be read/],
  ] as const)("that %s fail their own order only, and others take their place", async (_, order, code, says) => {
    const processes = open(2, 2 ** 29)
    const [odd, even] = await Promise.all([processes.run(asked(order)), processes.run(asked("echo"))])
    expect(odd).toMatchObject({ ok: false, failure: { code, kind: "transient", says: expect.stringMatching(says) } })
    expect(odd.ok || odd.failure.says).not.toMatch(/\/(tmp|home|usr|node_modules|src)\//)
    expect(even.ok).toBe(true)
    expect((await Promise.all([1, 2, 3].map(() => processes.run(asked("echo"))))).every(({ ok }) => ok)).toBe(true)
  })

  it("that hang are ended when their time is up, or when the work is stopped", async () => {
    const processes = open(1)
    const pid = await pidOf(processes)
    const late = await processes.run(asked("spin", { timeoutMs: 500 }))
    expect(late).toMatchObject({ ok: false, failure: { code: "tool/timed-out", kind: "permanent" } })
    await vi.waitUntil(() => !isAlive(pid), SOON)
    const stopped = await processes.run(asked("spin", { signal: AbortSignal.timeout(500) }))
    expect(stopped).toMatchObject({ ok: false, failure: { code: "stopped" } })
    expect((await processes.run(asked("echo"))).ok).toBe(true)
  })

  it("that are killed from outside fail the order that they are at", async () => {
    const processes = open(1)
    const pid = await pidOf(processes)
    const spinning = processes.run(asked("spin"))
    await vi.waitUntil(() => stateOf(pid) === "R", SOON)
    await new Promise((resolve) => setTimeout(resolve, 300))
    process.kill(pid, "SIGKILL")
    const says = expect.stringContaining("killed from outside")
    expect(await spinning).toMatchObject({
      ok: false,
      failure: { code: "tool/out-of-memory", kind: "transient", says },
    })
    expect(await pidOf(processes)).not.toBe(pid)
  })

  it("that die while they wait for work fail nobody", async () => {
    const processes = open(1)
    const pid = await pidOf(processes)
    process.kill(pid, "SIGKILL")
    // Whether its end was heard of before the order or not.
    expect((await processes.run(asked("echo"))).ok).toBe(true)
    process.kill(await pidOf(processes), "SIGKILL")
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await processes.run(asked("echo"))).ok).toBe(true)
  })

  it("that answer twice are not used again, and their second answer is nobody's", async () => {
    const processes = open(1)
    const pid = await pidOf(processes)
    expect(await processes.run(asked("an answer too many"))).toEqual({ ok: true, value: 42 })
    expect(await processes.run(asked("echo"))).toEqual({ ok: true, value: 42 })
    await vi.waitUntil(() => !isAlive(pid), SOON)
    expect(await pidOf(processes)).not.toBe(pid)
  })

  it("are started beforehand where orders are announced, as many as there may be, and used first", async () => {
    const before = new Set(children())
    const processes = open(2)
    processes.begin(1)
    const first = children().filter((pid) => !before.has(pid))
    expect(first).toHaveLength(1)
    processes.begin(7)
    const both = children().filter((pid) => !before.has(pid))
    expect(both).toHaveLength(2)
    expect(both).toEqual(expect.arrayContaining(first))
    processes.begin(7)
    const used = await Promise.all([pidOf(processes), pidOf(processes)])
    expect(new Set(used)).toEqual(new Set(both))
    expect(children().filter((pid) => !before.has(pid))).toHaveLength(2)
  })

  it("have ended once they are closed", async () => {
    const processes = open(2)
    const pids = await Promise.all([pidOf(processes), pidOf(processes)])
    await processes.close()
    expect(pids.filter(isAlive)).toEqual([])
  })

  it("may talk without end", async () => {
    expect(await open(1).run(asked("talk"))).toEqual({ ok: true, value: 42 })
  })

  it("that cannot start fail the order, and say why", async () => {
    const nowhere = open(1, 2 ** 30, { entry: new URL("./testing/nowhere.ts", import.meta.url) })
    nowhere.begin(1)
    expect(await nowhere.run(asked("echo"))).toMatchObject({
      ok: false,
      failure: { code: "tool/crashed", says: expect.stringContaining("exit 1") },
    })
  })

  it("are never more than there may be: the others wait, and may give up waiting", async () => {
    const processes = open(1)
    const first = processes.run(asked("spin", { timeoutMs: 1000 }))
    const impatient = processes.run(asked("echo", { signal: AbortSignal.timeout(50) }))
    const patient = processes.run(asked("echo"))
    expect(await impatient).toMatchObject({ ok: false, failure: { code: "stopped" } })
    expect((await first).ok).toBe(false)
    expect((await patient).ok).toBe(true)
    expect(await processes.run(asked("echo", { signal: AbortSignal.abort() }))).toMatchObject({ ok: false })
  })
})

describe("what a render process may do", () => {
  type Surroundings = { env: string[]; cwd: string; open: string[]; limits: string; group: boolean }

  it("is told nothing: no variable of ours, no descriptor but its channel, a group of its own", async () => {
    const answer = await open(1).run(any("surroundings"))
    const { env, cwd, open: descriptors, limits, group } = (answer.ok ? answer.value : null) as Surroundings
    expect(env.filter((name) => name !== "NODE_COMPILE_CACHE")).toEqual([])
    expect(cwd).toBe("/")
    expect(group).toBe(true)
    const files = descriptors.filter((name) => !/^(anon_inode|\/dev\/null|the listing|\/proc\/)/.test(name))
    // Its channel, its standard error, and Node's own pipes for waking its threads.
    expect(files.every((name) => /^(socket|pipe):/.test(name))).toBe(true)
    if (guards.prlimit !== null) {
      expect(limits).toMatch(/Max data size +2147483648 /)
      expect(limits).toMatch(/Max core file size +0 /)
    }
  })

  it("is no writing of files", async () => {
    const written = await open(1).run(asked("write"))
    expect(written).toMatchObject({ ok: false, failure: { says: expect.stringContaining("restricted") } })
  })
})

describe("a program with render processes", () => {
  const script = (work: string): string => `
    import { openProcesses } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)}
    const processes = openProcesses({ most: 2, entry: new URL(${JSON.stringify(ENTRY.href)}), heapBytes: 2 ** 26,
      memoryLimitBytes: 2 ** 30, confine: null, guards: ${JSON.stringify(guards)} })
    const isAnswer = (value) => true
    const run = (order) => processes.run({ order, isAnswer, timeoutMs: 120000, signal: new AbortController().signal })
    ${work}`
  const node = (work: string): readonly [string, string[]] => [
    process.execPath,
    ["--no-warnings", "--input-type=module", "-e", script(work)],
  ]

  it("ends when it has nothing else to do, but not before the answers that it waits for", async () => {
    const work = `processes.begin(2)
      console.log(JSON.stringify(await Promise.all([run("echo"), run("echo"), run("pid"), run("pid")])))`
    const { stdout } = await promisify(execFile)(...node(work))
    const answers = JSON.parse(stdout) as { ok: boolean; value: number }[]
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, true])
    for (const { value } of answers.slice(2)) await vi.waitUntil(() => !isAlive(value), SOON)
  })

  it("takes its processes along when it is killed, those at work too", async () => {
    const work = `const pids = await Promise.all([run("pid"), run("pid")])
      void run("spin")
      console.log(JSON.stringify(pids.map(({ value }) => value)))`
    const program = spawn(...node(work), { stdio: ["ignore", "pipe", "inherit"] })
    const [text] = (await once(program.stdout as NodeJS.EventEmitter, "data")) as [Buffer]
    const pids = JSON.parse(text.toString()) as number[]
    expect(pids.some(isAlive)).toBe(true)
    program.kill("SIGKILL")
    for (const pid of pids) await vi.waitUntil(() => !isAlive(pid), SOON)
  })
})
