import { expect, it } from "vitest"
import { flowOf, type GroupAnswer, lastTroubleOf, stepsOf, troubleCounts } from "./operations.ts"

const counts = { ended: 3, ms: 30, retries: 1, outage_waits: 2, failures: 0, last_trouble: null }
const trouble = { code: "store/unreachable", says: "It does not answer.", at_ms: 5 }

const step = (name: string, appends: readonly string[] = []) => ({ name, says: name, appends, counts })

const GROUP: GroupAnswer = {
  name: "renderer",
  consumes: ["element-created"],
  beside: ["sequence-stated"],
  fails_to: "element-failed",
  stages: [
    step("locate-source"),
    {
      on: "outputs",
      branches: {
        current: [step("recall-outputs", ["source-fetched"])],
        outdated: [
          step("fetch-source", ["source-fetched"]),
          {
            on: "picture",
            branches: { missing: [{ ...step("render"), counts: { ...counts, last_trouble: trouble } }] },
          },
        ],
      },
    },
    step("publish-outputs", ["proxy-made"]),
  ],
  progress: null,
  work: null,
}

it("finds every step of a group, those of branches in branches too", () => {
  expect(stepsOf(GROUP.stages).map(({ name }) => name)).toEqual([
    "locate-source",
    "recall-outputs",
    "fetch-source",
    "render",
    "publish-outputs",
  ])
})

it("tells what a group takes and tells, each topic once, its failures too", () => {
  expect(flowOf(GROUP)).toEqual({
    name: "renderer",
    consumes: ["element-created", "sequence-stated"],
    appends: ["source-fetched", "proxy-made", "element-failed"],
  })
})

it("sums up the trouble that its steps have had", () => {
  expect(troubleCounts(GROUP)).toEqual({ retries: 5, waits: 10 })
  expect(lastTroubleOf(GROUP)).toEqual(trouble)
  expect(lastTroubleOf({ ...GROUP, stages: [step("one")] })).toBeNull()
})
