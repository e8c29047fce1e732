import { chmod, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { openKeptAnswers, type ToolQuestion } from "./kept-answers.ts"

let folder: string
let program: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kept-answers-"))
  program = join(folder, "tool")
  await writeFile(program, "first")
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const keptIn = (): string => join(folder, "deep", "answers")

/** What a new process hears, and whether it had to ask. */
async function hear(answer: string | null, question: Partial<ToolQuestion> = {}) {
  let asked = 0
  const heard = await openKeptAnswers(keptIn()).of({ program, args: ["--version"], ...question }, async () => {
    asked += 1
    return answer
  })
  return { heard, asked }
}

describe("kept answers of tools", () => {
  it("spare the next process the question", async () => {
    expect(await hear("3.2")).toEqual({ heard: "3.2", asked: 1 })
    expect(await hear("never")).toEqual({ heard: "3.2", asked: 0 })
  })

  it("hold for one program, its arguments, and what they are about", async () => {
    await hear("3.2")
    expect(await hear("help", { args: ["--help"] })).toEqual({ heard: "help", asked: 1 })
    expect(await hear("config", { about: "another config" })).toEqual({ heard: "config", asked: 1 })
  })

  it("hold no longer once the program is written, replaced or grants other rights", async () => {
    const changes: readonly (() => Promise<unknown>)[] = [
      () => writeFile(program, "other"),
      () => rm(program).then(() => writeFile(program, "other")),
      () => chmod(program, 0o500),
    ]
    for (const change of changes) {
      await hear("before")
      await change()
      expect(await hear("after")).toEqual({ heard: "after", asked: 1 })
    }
  })

  it("hold for a day", async () => {
    await hear("3.2")
    const [file = ""] = await readdir(keptIn())
    const yesterday = new Date(Date.now() - 25 * 3_600_000)
    await utimes(join(keptIn(), file), yesterday, yesterday)
    expect(await hear("3.3")).toEqual({ heard: "3.3", asked: 1 })
  })

  it("are none of a program that gave none, or that is gone", async () => {
    await hear(null)
    expect(await hear("3.2")).toEqual({ heard: "3.2", asked: 1 })
    await rm(program)
    expect(await hear("from nowhere")).toEqual({ heard: "from nowhere", asked: 1 })
  })

  it("are for their owner alone, and left out where they cannot be kept", async () => {
    await hear("3.2")
    expect((await stat(keptIn())).mode & 0o077).toBe(0)
    await rm(join(folder, "deep"), { recursive: true })
    await writeFile(join(folder, "deep"), "a file in the way")
    expect(await hear("3.2")).toEqual({ heard: "3.2", asked: 1 })
    expect(await hear("3.2")).toEqual({ heard: "3.2", asked: 1 })
  })
})
