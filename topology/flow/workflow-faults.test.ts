import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { done, failed, failure } from "../../src/events/result.ts"
import type { Topic } from "../../src/log/index.ts"
import { type Beside, type Driver, drive } from "../../test/driver/index.ts"
import { runWorkflow } from "./run-workflow.ts"
import { arrive, QUIET_MS, regrouping, SEQUENCER, settlements, settling, started } from "./testing/settling.ts"

let driver: Driver
afterEach(() => driver.close())

describe("a workflow that runs", () => {
  it("is taken over by a later reader, which knows all that was said and says nothing again", async () => {
    const failures: (string | null)[] = []
    const one: Beside = async (ports, stopping) => {
      const failure = await runWorkflow(SEQUENCER, ports, stopping)
      failures.push(failure?.code ?? null)
      return null
    }
    let takesOver: () => void = () => undefined
    const turn = new Promise<void>((resolve) => {
      takesOver = resolve
    })
    const later: Beside = async (ports, stopping) => {
      await turn
      return runWorkflow(SEQUENCER, ports, stopping)
    }
    driver = await drive({ besides: [regrouping, one, later] })
    await arrive(driver, 1, 2)
    await driver.passes(2 * QUIET_MS)
    takesOver()
    await driver.passes(10_000)
    await arrive(driver, 3)
    await driver.passes(2 * QUIET_MS)
    expect(failures).toEqual(["log/lost-ownership"])
    expect((await settlements(driver)).map(({ made }) => made)).toEqual(["1-2", "1-3"])
  })

  it("reads what was acknowledged before its deliveries begin, though it was not told so when it began", async () => {
    // As where the member before it acknowledges its last records while this one asks how far the group is.
    let isLate = false
    driver = await started({
      log: (log) => ({
        ...log,
        lag: async (group) => {
          const lag = await log.lag(group)
          return lag.ok && isLate && group === SEQUENCER.group
            ? done(lag.value.map((one) => ({ ...one, committed: 0 })))
            : lag
        },
      }),
    })
    await arrive(driver, 1, 2)
    await driver.passes(2 * QUIET_MS)
    await driver.dies()
    isLate = true
    driver.starts()
    await arrive(driver, 3)
    await driver.passes(2 * QUIET_MS)
    expect((await settlements(driver)).map(({ made }) => made)).toEqual(["1-2", "1-3"])
  })

  it("does not begin where its topics are partitioned otherwise than each other", async () => {
    const failures: (string | null)[] = []
    const one: Beside = async (ports, stopping) => {
      const log = {
        ...ports.log,
        ends: async (topics: readonly Topic[]) => {
          const ends = await ports.log.ends(topics)
          const more = { topic: "sequence-settled", partition: 1, offset: 0 } as const
          return ends.ok && topics.includes(more.topic) ? done([...ends.value, more]) : ends
        },
      }
      const failure = await runWorkflow(SEQUENCER, { ...ports, log }, stopping)
      failures.push(failure?.code ?? null)
      return null
    }
    driver = await drive({ besides: [regrouping, one] })
    await arrive(driver, 1, 2)
    expect(failures).toEqual(["log/refused"])
  })

  it("goes on where the log cannot hold what is to be said, and tells of that once", async () => {
    const tooLarge = failed(failure("log/too-large", "The record is too large."))
    driver = await started({
      log: (log) => ({
        ...log,
        append: (records) =>
          records.some(({ topic }) => topic === "sequence-settled") ? Promise.resolve(tooLarge) : log.append(records),
      }),
    })
    await arrive(driver, 1, 2)
    await driver.passes(10 * QUIET_MS)
    expect(await settlements(driver)).toEqual([])
    expect(driver.observed.filter(({ kind }) => kind === "failed")).toMatchObject([
      { step: "sequencer", failure: { code: "log/too-large" }, key: "sh010/beauty..exr" },
    ])
    expect(await driver.lag("sequencer")).toBe(0)
  })

  it("waits out an outage of the log", async () => {
    let isOut = false
    const out = failed(failure("log/unreachable", "The log is away."))
    driver = await started({
      log: (log) => ({
        ...log,
        ends: (topics) => (isOut ? Promise.resolve(out) : log.ends(topics)),
        append: (records) => (isOut ? Promise.resolve(out) : log.append(records)),
      }),
    })
    await arrive(driver, 1, 2)
    isOut = true
    await driver.passes(10 * QUIET_MS)
    expect(await settlements(driver)).toEqual([])
    isOut = false
    await driver.passes(QUIET_MS)
    expect(await settlements(driver)).toHaveLength(1)
  })

  describe("whose states do not fit into memory", () => {
    const arriveIn = async (folder: string, number: number) => {
      const key = `${folder}/a.${number}.exr`
      await driver.puts(key, `${key} ${number}`)
      await driver.arrives({ key })
    }
    const settled = async () =>
      (await driver.facts("sequence-settled")).map(({ sequence, made }) => `${sequence.folder}: ${made}`).sort()
    let folder: string
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "workflow-spill-"))
    })
    afterEach(() => rmSync(folder, { recursive: true, force: true }))

    it("settles all sequences, and after a death those that changed", async () => {
      driver = await drive({ besides: [regrouping, settling(SEQUENCER, { folder, mostBytes: 1 })] })
      for (const number of [1, 2]) for (const shot of ["a", "b", "c"]) await arriveIn(shot, number)
      await driver.passes(2 * QUIET_MS)
      expect(await settled()).toEqual(["a/: 1-2", "b/: 1-2", "c/: 1-2"])
      await driver.dies()
      driver.starts()
      await arriveIn("b", 3)
      await driver.passes(2 * QUIET_MS)
      expect(await settled()).toEqual(["a/: 1-2", "b/: 1-2", "b/: 1-3", "c/: 1-2"])
    })

    it("waits until its folder can be used", async () => {
      const file = join(folder, "file")
      writeFileSync(file, "")
      driver = await drive({ besides: [regrouping, settling(SEQUENCER, { folder: file, mostBytes: 1 })] })
      for (const shot of ["a", "b"]) await arriveIn(shot, 1)
      await driver.passes(2 * QUIET_MS)
      expect(await settled()).toEqual([])
      const outages = driver.observed.filter(({ kind }) => kind === "outage")
      expect(outages[0]).toMatchObject({ step: "fold", failure: { code: "scratch/full" } })
      rmSync(file)
      await driver.passes(2 * QUIET_MS)
      expect(await settled()).toEqual(["a/: 1", "b/: 1"])
    })
  })
})
