import { afterEach, describe, expect, it } from "vitest"
import { done, failed, failure } from "../../src/events/result.ts"
import type { Topic } from "../../src/log/index.ts"
import { type Beside, type Driver, drive, type Wrap } from "../../test/driver/index.ts"
import { REGROUP } from "../graph.ts"
import { sequencerGroup } from "../sequence/settle.ts"
import { sequencerPolicy } from "../sequence/testing/policy.ts"
import { runGroup } from "./run-group.ts"
import { runWorkflow } from "./run-workflow.ts"

const QUIET_MS = 60_000
const SEQUENCER = sequencerGroup(sequencerPolicy(QUIET_MS))

let driver: Driver
afterEach(() => driver.close())

const regrouping: Beside = (ports, stopping) => runGroup(REGROUP, ports, stopping)
const settling =
  (group = SEQUENCER): Beside =>
  (ports, stopping) =>
    runWorkflow(group, ports, stopping)

const start = async (wrap: Wrap = {}, group = SEQUENCER): Promise<void> => {
  driver = await drive({ ...wrap, besides: [regrouping, settling(group)] })
}

const frame = (number: number) => `sh010/beauty.${number}.exr`

async function arrive(...numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    await driver.puts(frame(number), `frame ${number} of ${await settlements().then(({ length }) => length)}`)
    await driver.arrives({ key: frame(number) })
  }
}

const settlements = async () =>
  (await driver.facts("sequence-settled")).map(({ revision, made, missing }) => ({ revision, made, missing }))

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
    await arrive(1, 2)
    await driver.passes(2 * QUIET_MS)
    takesOver()
    await driver.passes(10_000)
    await arrive(3)
    await driver.passes(2 * QUIET_MS)
    expect(failures).toEqual(["log/lost-ownership"])
    expect((await settlements()).map(({ made }) => made)).toEqual(["1-2", "1-3"])
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
    await arrive(1, 2)
    expect(failures).toEqual(["log/refused"])
  })

  it("goes on where the log cannot hold what is to be said, and tells of that once", async () => {
    const tooLarge = failed(failure("log/too-large", "The record is too large."))
    await start({
      log: (log) => ({
        ...log,
        append: (records) =>
          records.some(({ topic }) => topic === "sequence-settled") ? Promise.resolve(tooLarge) : log.append(records),
      }),
    })
    await arrive(1, 2)
    await driver.passes(10 * QUIET_MS)
    expect(await settlements()).toEqual([])
    expect(driver.observed.filter(({ kind }) => kind === "failed")).toMatchObject([
      { step: "sequencer", failure: { code: "log/too-large" }, key: "sh010/beauty..exr" },
    ])
    expect(await driver.lag("sequencer")).toBe(0)
  })

  it("waits out an outage of the log", async () => {
    let isOut = false
    const out = failed(failure("log/unreachable", "The log is away."))
    await start({
      log: (log) => ({
        ...log,
        ends: (topics) => (isOut ? Promise.resolve(out) : log.ends(topics)),
        append: (records) => (isOut ? Promise.resolve(out) : log.append(records)),
      }),
    })
    await arrive(1, 2)
    isOut = true
    await driver.passes(10 * QUIET_MS)
    expect(await settlements()).toEqual([])
    isOut = false
    await driver.passes(QUIET_MS)
    expect(await settlements()).toHaveLength(1)
  })
})
