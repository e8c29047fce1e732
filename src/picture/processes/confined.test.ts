import { constants as osConstants } from "node:os"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { confinePath, libraryPath } from "../native/library.ts"
import { packageFolder } from "../tools/find-tool.ts"
import { openProcesses, type Processes } from "./index.ts"
import type { Order } from "./testing/odd-process.ts"

const asked = (order: Order) => ({
  order,
  timeoutMs: 120_000,
  signal: new AbortController().signal,
  isAnswer: (value: unknown): value is number => typeof value === "number",
})

describe("a confined render process", () => {
  let confined: Processes
  beforeAll(async () => {
    const library = libraryPath(await packageFolder())
    confined = openProcesses({
      most: 2,
      entry: new URL("./testing/odd-process.ts", import.meta.url),
      args: [library],
      guards: { setpriv: null, prlimit: null },
      confine: confinePath(library),
      memoryLimitBytes: 2 ** 29,
    })
  })
  afterAll(() => confined.close())

  it("reads files", async () => {
    expect(await confined.run(asked("open for reading"))).toMatchObject({
      ok: true,
      value: expect.toSatisfy((n) => n >= 0),
    })
  })

  it.each([
    "open for writing",
    "open for appending",
    "make a file",
    "make a folder",
    "remove a folder",
    "open a socket",
    "start a program",
    "split in two",
    "signal its parent",
    "trace its parent",
    "raise its limits",
    "make a ring",
  ] as const)("cannot %s, though native code asks for it", async (order) => {
    expect(await confined.run(asked(order))).toEqual({ ok: true, value: -osConstants.errno.EPERM })
  })

  it("cannot read its parent's environment, where secrets may stand", async () => {
    const answer = await confined.run(asked("read its parent's environment"))
    expect(answer).toEqual({ ok: true, value: -osConstants.errno.EACCES })
  })

  it.each([
    ["fault in native code", "segv", "tool/crashed", /SIGSEGV/],
    ["abort", "abort", "tool/crashed", /SIGABRT/],
    ["fill their heap", "heap", "tool/out-of-memory", /more memory/],
    ["fill all memory that they may have", "fill", "tool/out-of-memory", /more memory/],
    ["throw", "throw", "tool/crashed", /no such row in ours\.ts/],
  ] as const)("may still %s, by the same name", async (_, order, code, says) => {
    const answer = await confined.run(asked(order))
    expect(answer).toMatchObject({ ok: false, failure: { code, says: expect.stringMatching(says) } })
    expect(await confined.run(asked("echo"))).toEqual({ ok: true, value: 42 })
  })
})
