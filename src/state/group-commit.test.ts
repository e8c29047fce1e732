import { DatabaseSync } from "node:sqlite"
import { setImmediate as turnOfTheLoop } from "node:timers/promises"
import { describe, expect, it, onTestFinished } from "vitest"
import { virtualClock } from "../../test/driver/virtual-clock.ts"
import { type CommitDisk, type GroupCommit, groupCommit } from "./group-commit.ts"

/** A database with a table of numbers, and a disk that is on time only when it is told to be. */
function opened() {
  const db = new DatabaseSync(":memory:")
  onTestFinished(() => db.close())
  db.exec("CREATE TABLE noted(number INTEGER)")
  const waits: ((lost: unknown) => void)[] = []
  let syncsNow = 0
  const disk: CommitDisk = {
    sync: () => new Promise((resolve) => waits.push((lost) => resolve(lost === null ? null : { error: lost }))),
    syncNow: () => {
      syncsNow += 1
      return null
    },
    close: () => undefined,
  }
  const clock = virtualClock(0)
  const commits = groupCommit(db, disk, clock)
  const note = (number: number) =>
    commits.write("log", () => void db.prepare("INSERT INTO noted VALUES (?)").run(number))
  const noted = () =>
    db
      .prepare("SELECT number FROM noted ORDER BY rowid")
      .all()
      .map((row) => row.number)
  /** Lets the disk take what it was given, or lose it, however soon that is after the commit before. */
  const turn = async (lost: unknown = null): Promise<void> => {
    while (waits.length === 0) {
      clock.wakeNext(Number.POSITIVE_INFINITY)
      await turnOfTheLoop()
    }
    waits.shift()?.(lost)
  }
  return { commits, clock, note, noted, turn, syncs: () => waits.length, syncsNow: () => syncsNow }
}

const heardOf = (commits: GroupCommit): (() => number) => {
  let heard = 0
  commits.onCommit(() => heard++)
  return () => heard
}

describe("a commit that several share", () => {
  it("is heard of, by whoever wrote and by whoever listens, once it is on disk", async () => {
    const { commits, note, noted, turn, syncs } = opened()
    const heard = heardOf(commits)
    let isWritten = false
    const written = note(1).then(() => {
      isWritten = true
    })
    while (syncs() === 0) await turnOfTheLoop()
    expect([noted(), isWritten, heard()]).toEqual([[1], false, 0])
    await turn()
    await written
    expect(heard()).toBe(1)
  })

  it("takes all that came while the disk was waited for, in their order", async () => {
    const { note, noted, turn, syncs } = opened()
    const first = note(1)
    while (syncs() === 0) await turnOfTheLoop()
    const others = [note(2), note(3), note(4)]
    await turnOfTheLoop()
    expect(noted()).toEqual([1])
    await turn()
    await first
    await turn()
    expect(await Promise.all(others)).toEqual(Array(3).fill({ ok: true, value: undefined }))
    expect([noted(), syncs()]).toEqual([[1, 2, 3, 4], 0])
  })

  it("takes what comes before it is due, once many have come without a pause", async () => {
    const { clock, note, noted, turn, syncs } = opened()
    for (let number = 1; number <= 10; number++) {
      const written = note(number)
      await turn()
      await written
    }
    const others = [note(11)]
    for (let turns = 0; turns < 5; turns++) await turnOfTheLoop()
    others.push(note(12))
    expect([noted().length, syncs()]).toEqual([10, 0])
    await turn()
    await Promise.all(others)
    expect([noted().length, syncs()]).toEqual([12, 0])
    clock.moveTo(clock.steadyMs() + 1000)
    for (let number = 13; number <= 15; number++) {
      const written = note(number)
      while (syncs() === 0) await turnOfTheLoop()
      await turn()
      await written
    }
    expect(noted()).toHaveLength(15)
  })

  it.each([
    ["EIO", "error"],
    ["ENOSPC", "full"],
  ])("fails as an outage where the disk reports %s, and the next one is another try", async (code, says) => {
    const { note, turn } = opened()
    const lost = note(1)
    await turn(Object.assign(new Error(`${code}: fdatasync`), { code, syscall: "fdatasync" }))
    expect(await lost).toMatchObject({
      failure: { code: "log/unreachable", kind: "outage", says: expect.stringContaining(says) },
    })
    const next = note(2)
    await turn()
    expect((await next).ok).toBe(true)
  })

  it("is left to nobody when all is flushed: what waits is committed and on disk at once", async () => {
    const { commits, note, noted, syncsNow } = opened()
    const written = note(1)
    commits.flush()
    expect([noted(), syncsNow()]).toEqual([[1], 1])
    expect((await written).ok).toBe(true)
    commits.flush()
    expect(syncsNow()).toBe(1)
  })
})
