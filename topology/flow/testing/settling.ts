// Sequences that arrive frame by frame and are settled, for tests of how workflows run.

import { type Beside, type Driver, drive, type Wrap } from "../../../test/driver/index.ts"
import { REGROUP } from "../../graph.ts"
import { sequencerGroup } from "../../sequence/settle.ts"
import { sequencerPolicy } from "../../sequence/testing/policy.ts"
import { runRetelling } from "../run-retelling.ts"
import { runWorkflow, type WorkflowPorts } from "../run-workflow.ts"

export const QUIET_MS = 60_000
export const SEQUENCER = sequencerGroup(sequencerPolicy(QUIET_MS))

export const regrouping: Beside = (ports, stopping) => runRetelling(REGROUP, ports, stopping)

export const settling =
  (group = SEQUENCER, spill?: WorkflowPorts["spill"]): Beside =>
  (ports, stopping) =>
    runWorkflow(group, { ...ports, ...(spill && { spill }) }, stopping)

export const started = (wrap: Wrap = {}, group = SEQUENCER): Promise<Driver> =>
  drive({ ...wrap, besides: [regrouping, settling(group)] })

export const frame = (number: number) => `sh010/beauty.${number}.exr`

/** Frames that arrive one after the other, each in a version of its own for every settlement that there is. */
export async function arrive(driver: Driver, ...numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    await driver.puts(frame(number), `frame ${number} of ${await settlements(driver).then(({ length }) => length)}`)
    await driver.arrives({ key: frame(number) })
  }
}

export const settlements = async (driver: Driver) =>
  (await driver.facts("sequence-settled")).map(({ revision, made, missing }) => ({ revision, made, missing }))
