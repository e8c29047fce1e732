import { describe, expect, it } from "vitest"
import { ratesOf, type Sample, timeLeftMs, withSample } from "./throughput.ts"

const sample = (seconds: number, made: number, waiting = 0): Sample => ({ atMs: seconds * 1000, made, waiting })

describe("the rate of frames", () => {
  it("is that of the last half minute, not of all that was ever made", () => {
    const samples = [sample(0, 0), sample(60, 6000), sample(75, 6000), sample(90, 6030)]
    expect(ratesOf(samples).map(({ rate }) => rate)).toEqual([0, 0, 0, 1])
  })

  it("is never below nothing, though frames are removed", () => {
    expect(ratesOf([sample(0, 100), sample(10, 50)]).at(-1)?.rate).toBe(0)
  })

  it("is kept for an hour", () => {
    let samples: readonly Sample[] = []
    for (let at = 0; at < 4000; at++) samples = withSample(samples, sample(at * 2, at))
    expect(samples).toHaveLength(1800)
    expect(samples.at(-1)?.made).toBe(3999)
  })
})

describe("the time left", () => {
  it.each([
    ["at a rate", [sample(0, 0, 300), sample(10, 100, 200)], 20_000],
    ["where nothing waits", [sample(0, 0, 10), sample(10, 10, 0)], 0],
    ["where nothing is made", [sample(0, 0, 10), sample(10, 0, 10)], null],
    ["where nothing is known", [], null],
  ])("%s", (_, samples, left) => {
    expect(timeLeftMs(samples)).toBe(left)
  })
})
