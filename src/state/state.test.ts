import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it, onTestFinished } from "vitest"
import type { Result } from "../events/result.ts"
import { systemClock as clock } from "../system/clock.ts"
import { openState, type State } from "./index.ts"

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "state-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const open = async (folder: string, mode: "own" | "read" = "own"): Promise<State> => {
  const opened = await openState({ folder, mode, clock })
  if (!opened.ok) throw new Error(opened.failure.says)
  onTestFinished(() => void opened.value.close())
  return opened.value
}

const refusal = async (folder: string, mode: "own" | "read" = "own") => {
  const opened: Result<State> = await openState({ folder, mode, clock })
  if (opened.ok) throw new Error("opened, although it should not")
  return opened.failure
}

/** Another process that owns the state; resolves when it says so. */
async function owner(folder: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [new URL("testing/owner.ts", import.meta.url).pathname, folder])
  onTestFinished(() => void child.kill("SIGKILL"))
  const [said] = (await once(child.stdout, "data")) as [Buffer]
  return { child, said: said.toString().trim() }
}

const note = (state: State, topic: string) => state.write("log", () => state.groups.join("g", topic))

describe("state", () => {
  it("keeps what was written for the next owner", async () => {
    const folder = join(newFolder(), "deep", "state")
    const first = await open(folder)
    expect(await note(first, "proxy-made")).toEqual({ ok: true, value: undefined })
    first.close()
    expect((await open(folder)).groups.committed("g", "proxy-made")).toBe(0)
  })

  it("names its owner to a second process, and is free when that owner was killed", async () => {
    const folder = newFolder()
    const { child, said } = await owner(folder)
    expect(said).toBe("owned")
    const { code, says } = await refusal(folder)
    expect(code).toBe("state/owned")
    expect(says).toContain(`\`run --watch\`, process ${child.pid} on ${hostname()}, since 20`)
    const died = once(child, "exit")
    child.kill("SIGKILL")
    await died
    await open(folder)
  })

  it("is refused to a second owner in the same process, until the first gives it up", async () => {
    const folder = newFolder()
    const first = await open(folder)
    expect((await refusal(folder)).code).toBe("state/owned")
    expect((await owner(folder)).said).toBe("state/owned")
    first.close()
    expect(existsSync(join(folder, "owner.json"))).toBe(false)
    await open(folder)
  })

  it("can be read while an owner writes, by this and other processes", async () => {
    const folder = newFolder()
    const own = await open(folder)
    const read = await open(folder, "read")
    expect(read.groups.committed("g", "proxy-made")).toBeNull()
    await note(own, "proxy-made")
    expect(read.groups.committed("g", "proxy-made")).toBe(0)
    expect(await note(read, "element-created")).toMatchObject({ failure: { code: "log/refused" } })
  })

  it("can be read when nobody owns it", async () => {
    const folder = newFolder()
    const own = await open(folder)
    await note(own, "proxy-made")
    own.close()
    expect((await open(folder, "read")).groups.committed("g", "proxy-made")).toBe(0)
  })

  it("says that there is no state yet to a reader, and makes none", async () => {
    const folder = newFolder()
    expect(await refusal(folder, "read")).toMatchObject({ code: "state/missing" })
    expect(await refusal(join(folder, "absent"), "read")).toMatchObject({ code: "state/missing" })
    expect(existsSync(join(folder, "state.sqlite"))).toBe(false)
  })

  it("refuses a file of a newer version, of another program, or of none", async () => {
    const folder = newFolder()
    const own = await open(folder)
    own.sql("PRAGMA user_version = 999").run()
    own.close()
    expect((await refusal(folder)).code).toBe("state/newer")
    expect((await refusal(folder, "read")).code).toBe("state/newer")
    const foreign = newFolder()
    const db = new DatabaseSync(join(foreign, "state.sqlite"))
    db.exec("CREATE TABLE theirs(a)")
    db.close()
    expect(await refusal(foreign)).toMatchObject({
      code: "state/unusable",
      says: expect.stringContaining("another program"),
    })
    const garbage = newFolder()
    writeFileSync(join(garbage, "state.sqlite"), "no database at all, but long enough to be one".repeat(50))
    expect(await refusal(garbage)).toMatchObject({ code: "state/unusable", says: expect.stringContaining("damaged") })
  })

  it("says so when the directory cannot be used", async () => {
    const folder = newFolder()
    writeFileSync(join(folder, "file"), "")
    expect(await refusal(join(folder, "file", "state"))).toMatchObject({ code: "state/unusable" })
  })

  it("frees its lock when opening fails", async () => {
    const folder = newFolder()
    writeFileSync(join(folder, "state.sqlite"), "no database at all, but long enough to be one".repeat(50))
    await refusal(folder)
    rmSync(join(folder, "state.sqlite"))
    await open(folder)
  })
})

describe("group commit", () => {
  it("commits what its company breaks, job by job", async () => {
    const state = await open(newFolder())
    const [good, bug, other] = await Promise.allSettled([
      note(state, "proxy-made"),
      state.write("log", () => {
        throw new Error("a bug")
      }),
      note(state, "element-failed"),
    ])
    expect([good?.status, other?.status]).toEqual(["fulfilled", "fulfilled"])
    expect(bug).toMatchObject({ status: "rejected", reason: new Error("a bug") })
    expect([state.groups.committed("g", "proxy-made"), state.groups.committed("g", "element-failed")]).toEqual([0, 0])
  })

  it("tells each commit to whoever listens, until he stops", async () => {
    const state = await open(newFolder())
    let heard = 0
    const silence = state.onCommit(() => heard++)
    await Promise.all([note(state, "proxy-made"), note(state, "element-failed")])
    silence()
    await note(state, "element-created")
    expect(heard).toBe(1)
  })

  it("commits what waits when it is closed", async () => {
    const folder = newFolder()
    const state = await open(folder)
    const written = note(state, "proxy-made")
    state.close()
    expect((await written).ok).toBe(true)
    expect((await open(folder)).groups.committed("g", "proxy-made")).toBe(0)
  })
})
