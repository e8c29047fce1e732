import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { HttpIntakeOptions } from "./http.ts"
import { givenHttpIntake } from "./testing/http-intake.ts"

const unhandled: unknown[] = []
const note = (reason: unknown): number => unhandled.push(reason)
beforeEach(() => {
  unhandled.length = 0
  process.on("unhandledRejection", note)
})
afterEach(() => {
  process.off("unhandledRejection", note)
})

const bug = new TypeError("a bug of ours")
const throwing = (): never => {
  throw bug
}
const rejecting = (): Promise<never> => Promise.reject(bug)

/** Each thing that the intake is given, broken in both ways that a function can break. */
const BROKEN: readonly (readonly [string, Partial<HttpIntakeOptions>])[] = [
  ["the log throws", { append: throwing }],
  ["the log rejects", { append: rejecting }],
  ["whoever watches throws", { observe: throwing }],
  ["the clock throws", { clock: { nowMs: throwing, steadyMs: throwing, sleep: rejecting } }],
  ["the look at the object throws", { exists: { object: throwing, row: throwing } }],
  ["the look at the object rejects", { exists: { object: rejecting, row: rejecting } }],
  ["the question for its version throws", { versionOf: throwing }],
  ["the question for its version rejects", { versionOf: rejecting }],
]

const BODY = { s3_bucket: "b", s3_key: "a.exr" }

describe("a bug behind the HTTP intake", () => {
  it.each(BROKEN)("is a 500 where %s, and the server goes on", async (_, broken) => {
    const { post } = await givenHttpIntake(broken)
    expect(await post(BODY)).toBe(500)
    expect(await post(BODY)).toBe(500)
    // A promise that nobody waits for tells of itself one turn of the loop later.
    await new Promise((turn) => setImmediate(turn))
    expect(unhandled).toEqual([])
  })
})
