import { expect, it } from "vitest"
import type { Observation } from "../../../topology/ports.ts"
import { failure } from "../../events/failure.ts"
import { openWaitNotes } from "./progress.ts"

const outage = (code: "store/full" | "table/unreachable"): Observation => ({
  kind: "outage",
  step: "store-outputs",
  failure: failure(code, "The disk\nis full."),
  waitMs: 500,
})

it("says what the work waits for, on one line, each reason once a minute", () => {
  const lines: string[] = []
  let nowMs = 0
  const observe = openWaitNotes((line) => lines.push(line), { steadyMs: () => nowMs })
  for (const code of ["store/full", "store/full", "table/unreachable"] as const) observe(outage(code))
  observe({ kind: "retry", step: "fetch-source", failure: failure("store/failed", "Once."), waitMs: 1 })
  expect(lines).toEqual([
    "waiting: store/full: The disk\\nis full. The work goes on by itself after that.",
    "waiting: table/unreachable: The disk\\nis full. The work goes on by itself after that.",
  ])
  nowMs = 61_000
  observe(outage("store/full"))
  expect(lines.length).toBe(3)
})
