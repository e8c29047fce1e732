import { afterEach, beforeEach, expect } from "vitest"

/** Holds every test of a file, or of a `describe`, to leaving no rejected promise behind that nobody waits for. */
export function leavesNoPromiseUnhandled(): void {
  const unhandled: unknown[] = []
  const note = (reason: unknown): number => unhandled.push(reason)
  beforeEach(() => {
    unhandled.length = 0
    process.on("unhandledRejection", note)
  })
  afterEach(async () => {
    // Such a promise tells of itself one turn of the loop later; what it caused, another.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((next) => setImmediate(next))
    process.off("unhandledRejection", note)
    expect(unhandled).toEqual([])
  })
}

export const BUG = new TypeError("a bug of ours")

export const throwing = (): never => {
  throw BUG
}

export const rejecting = (): Promise<never> => Promise.reject(BUG)
