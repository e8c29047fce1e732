import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { afterEach, describe, expect, it } from "vitest"
import type { Order } from "./testing/odd-thread.ts"
import { openThreads, type Threads } from "./threads.ts"

const ENTRY = new URL("./testing/odd-thread.ts", import.meta.url)
const opened: Threads<Order, number>[] = []
const open = (most: number) => {
  const threads = openThreads<Order, number>({ most, entry: ENTRY, heapBytes: 64 * 2 ** 20 })
  opened.push(threads)
  return threads
}
afterEach(async () => {
  for (const threads of opened.splice(0)) await threads.close()
})

const task = (message: Order, part: { timeoutMs?: number; signal?: AbortSignal } = {}) => ({
  message,
  timeoutMs: 60_000,
  signal: new AbortController().signal,
  ...part,
})

describe("threads", () => {
  it("answer, and hand over the failures that they name", async () => {
    const threads = open(1)
    expect(await threads.run(task("echo"))).toEqual({ ok: true, value: 42 })
    expect(await threads.run(task("refuse"))).toMatchObject({ ok: false, failure: { code: "picture/damaged" } })
  })

  it.each([
    ["throws", "throw", "tool/crashed", /no such row in ours\.ts/],
    ["fills its heap", "heap", "tool/out-of-memory", /more memory/],
    ["asks for a buffer that cannot be had", "buffers", "tool/out-of-memory", /more memory/],
    ["ends by itself", "exit", "tool/crashed", /exit 7/],
  ] as const)("that %s fails its own task only, and another takes its place", async (_, order, code, says) => {
    const threads = open(2)
    const [odd, even] = await Promise.all([threads.run(task(order)), threads.run(task("echo"))])
    expect(odd).toMatchObject({ ok: false, failure: { code, kind: "transient", says: expect.stringMatching(says) } })
    expect(even.ok).toBe(true)
    expect((await Promise.all([1, 2, 3].map(() => threads.run(task("echo"))))).every(({ ok }) => ok)).toBe(true)
  })

  it("that hangs is ended when its time is up, or when the work is stopped", async () => {
    const threads = open(1)
    const late = await threads.run(task("spin", { timeoutMs: 200 }))
    expect(late).toMatchObject({ ok: false, failure: { code: "tool/timed-out", kind: "permanent" } })
    const stopped = await threads.run(task("spin", { signal: AbortSignal.timeout(200) }))
    expect(stopped).toMatchObject({ ok: false, failure: { code: "stopped" } })
    expect((await threads.run(task("echo"))).ok).toBe(true)
  })

  it("are never more than there may be: the others wait, and may give up waiting", async () => {
    const threads = open(1)
    const first = threads.run(task("spin", { timeoutMs: 400 }))
    const impatient = threads.run(task("echo", { signal: AbortSignal.timeout(50) }))
    const patient = threads.run(task("echo"))
    expect(await impatient).toMatchObject({ ok: false, failure: { code: "stopped" } })
    expect((await first).ok).toBe(false)
    expect((await patient).ok).toBe(true)
    expect(await threads.run(task("echo", { signal: AbortSignal.abort() }))).toMatchObject({ ok: false })
  })

  it("do not keep a process alive that has nothing else to do, but finish what it waits for", async () => {
    const script = `
      import { openThreads } from ${JSON.stringify(new URL("./threads.ts", import.meta.url).href)}
      const threads = openThreads({ most: 2, entry: new URL(${JSON.stringify(ENTRY.href)}), heapBytes: 2 ** 26 })
      const run = (message) => threads.run({ message, timeoutMs: 60000, signal: new AbortController().signal })
      console.log(JSON.stringify(await Promise.all([run("echo"), run("echo"), run("echo")])))`
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script])
    expect(JSON.parse(stdout)).toEqual([1, 2, 3].map(() => ({ ok: true, value: 42 })))
  })
})
