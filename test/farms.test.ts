import { afterEach, describe, expect, it } from "vitest"
import { farmPlaceFor, farmRules } from "../src/config/farm-rules.ts"
import { recordsOf, takeIn } from "../src/ingest/take-in.ts"
import { deadlineJobEvent, documentedJobEvent } from "../src/ingest/testing/farm-messages.ts"
import { messageOf, sourceOf } from "../src/ingest/testing/messages.ts"
import { runGroup } from "../topology/flow/run-group.ts"
import { runRetelling } from "../topology/flow/run-retelling.ts"
import { runWorkflow } from "../topology/flow/run-workflow.ts"
import { HINTS, REGROUP } from "../topology/graph.ts"
import { sequencerGroup } from "../topology/sequence/settle.ts"
import { sequencerPolicy } from "../topology/sequence/testing/policy.ts"
import { type Driver, drive } from "./driver/index.ts"

const QUIET_MS = 3_600_000
const SETTLING = sequencerGroup(sequencerPolicy(QUIET_MS))

const rules = farmRules({ group: "sequences", says: "" }).parse([
  { by: "opencue", show: "ghost", job: "ghost-{shot}-*_comp_*", bucket: "show", prefix: "{shot}/comp/" },
  { by: "deadline-cloud", queue: "queue-1", bucket: "show", prefix: "sh020/" },
])
const source = sourceOf("vast", { placeOfWork: farmPlaceFor(rules ?? []) })

let driver: Driver
afterEach(() => driver.close())

async function start(...keys: readonly string[]): Promise<void> {
  driver = await drive({
    besides: [
      (ports, stopping) => runRetelling(REGROUP, ports, stopping),
      (ports, stopping) => runGroup(HINTS, ports, stopping),
      (ports, stopping) => runWorkflow(SETTLING, ports, stopping),
    ],
  })
  for (const key of keys) {
    await driver.puts(key, `picture of ${key}`)
    await driver.arrives({ key })
  }
}

/** Brings a farm's event by the intake that Kafka and HTTP share. */
async function tells(event: unknown): Promise<void> {
  await driver.log.append(recordsOf(takeIn(messageOf(event), source, driver.store.nowMs())))
  await driver.passes(2_000)
}

const settled = async (): Promise<readonly string[]> =>
  (await driver.facts("sequence-settled")).map(({ sequence, made }) => `${sequence.folder}${sequence.head} ${made}`)

const finished = (shot: string) => documentedJobEvent({ name: `ghost-${shot}-artist_comp_v001`, show: "ghost" })

describe("that a farm has finished a job", () => {
  it("settles the sequences of the mapped shot without waiting for quiet, and of nothing else", async () => {
    await start(
      "sh010/comp/x.1.exr",
      "sh010/comp/x.2.exr",
      "sh010/fx/x.1.exr",
      "sh0101/comp/x.1.exr",
      "sh020/comp/x.1.exr",
    )
    await tells(finished("sh010"))
    expect(await settled()).toEqual(["sh010/comp/x. 1-2"])
    await tells(deadlineJobEvent("queue-1"))
    expect(await settled()).toEqual(["sh010/comp/x. 1-2", "sh020/comp/x. 1"])
    await driver.passes(QUIET_MS)
    expect(await settled()).toHaveLength(4)
  })

  it("waits for a frame that arrived and is unfinished, where it was said too early", async () => {
    await start("sh010/comp/x.1.exr")
    await driver.puts("sh010/comp/x.2.exr", "slow 60000")
    await driver.arrives({ key: "sh010/comp/x.2.exr" })
    await tells(finished("sh010"))
    expect(await settled()).toEqual([])
    await driver.passes(120_000)
    expect(await settled()).toEqual(["sh010/comp/x. 1-2"])
  })

  it("says nothing of a frame that comes afterwards, for which there is quiet to wait for", async () => {
    await start("sh010/comp/x.1.exr")
    await tells(finished("sh010"))
    await driver.puts("sh010/comp/x.2.exr", "picture")
    await driver.arrives({ key: "sh010/comp/x.2.exr" })
    await driver.passes(QUIET_MS / 2)
    expect(await settled()).toEqual(["sh010/comp/x. 1"])
    await driver.passes(QUIET_MS)
    expect(await settled()).toEqual(["sh010/comp/x. 1", "sh010/comp/x. 1-2"])
  })

  it("of a job that no rule maps, or that it has not finished, has no effect", async () => {
    await start("sh010/comp/x.1.exr")
    await tells(documentedJobEvent({ name: "ghost-sh010-artist_fx_v001", show: "ghost" }))
    await tells({ ...finished("sh010"), pending_frames: 1 })
    expect([await settled(), await driver.facts("sequence-stated")]).toEqual([[], []])
  })
})
