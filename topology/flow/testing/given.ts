import { expect } from "vitest"
import type { Recorded, Tick, Workflow } from "../workflow.ts"

/** What a workflow was told, and what it says. */
export type Given<Out> = {
  /** It says these facts at a tick, and nothing at a second one, once it has heard of them itself. */
  readonly whenAsked: (tick: Partial<Tick> & { readonly nowMs: number }) => {
    readonly says: (...facts: Out[]) => Given<Out>
  }
  /** From when on a tick may find something to say. */
  readonly deadline: (atMs: number | null) => Given<Out>
}

/** Given facts, when asked, it says facts: a specification of a workflow without log, clock and threads. */
export function given<State, In, Out>(
  workflow: Workflow<State, In, Out>,
  ...recorded: readonly Recorded<In | Out>[]
): Given<Out> {
  const keys = new Set(recorded.map(({ fact }) => workflow.keyOf(fact)))
  const [key = "", another] = keys
  if (another !== undefined) throw new Error(`Facts of two keys: ${key}, ${another}.`)
  let state = recorded.reduce(workflow.evolve, workflow.initial(key))
  const self: Given<Out> = {
    whenAsked: ({ nowMs, knownUntilMs = nowMs }) => ({
      says: (...facts) => {
        const tick = { nowMs, knownUntilMs }
        const said = workflow.decide(state, tick)
        expect(said).toEqual(facts)
        for (const fact of said) state = workflow.evolve(state, { fact, atMs: nowMs })
        expect(workflow.decide(state, tick)).toEqual([])
        return self
      },
    }),
    deadline: (atMs) => {
      expect(workflow.deadlineOf(state)).toBe(atMs)
      return self
    },
  }
  return self
}
