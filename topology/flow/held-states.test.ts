import { expect, it, onTestFinished } from "vitest"
import { unwrap } from "../../src/events/testing/results.ts"
import { openSpill } from "../../src/system/spilling-map.ts"
import { dueKeys, evolve, workOutDeadlines } from "./held-states.ts"
import type { Workflow } from "./workflow.ts"

type Due = { readonly key: string; readonly atMs: number }

/** Is due when its last fact says. */
const alarm: Workflow<{ atMs: number }, Due, never> = {
  keyOf: ({ key }) => key,
  initial: () => ({ atMs: 0 }),
  bytesOf: () => 8,
  evolve: (_, { fact: { atMs } }) => ({ atMs }),
  decide: () => [],
  deadlineOf: ({ atMs }) => atMs,
}

it("works deadlines out in slices, so that a million states that change at once hold nobody up", () => {
  const spill = openSpill<{ atMs: number }>({ folder: "", mostBytes: Number.POSITIVE_INFINITY, bytesOf: alarm.bytesOf })
  onTestFinished(spill.close)
  const held = { states: spill.map(), touched: new Set<string>(), deadlines: new Map<string, number>() }
  const keys = Array.from({ length: 1200 }, (_, at) => `key ${at}`)
  for (const [at, key] of keys.entries())
    unwrap(evolve({ workflow: alarm }, held, { fact: { key, atMs: at }, atMs: 0 }))
  const known: number[] = []
  let isLeft = true
  while (isLeft) {
    isLeft = unwrap(workOutDeadlines({ workflow: alarm }, held))
    known.push(held.deadlines.size)
  }
  expect(known).toEqual([500, 1000, 1200])
  expect(dueKeys(held, 9)).toEqual(keys.slice(0, 10))
  expect(held.touched.size).toBe(0)
})
