import { expect, it } from "vitest"
import { backoffMs } from "./backoff.ts"

const BACKOFF = { firstMs: 100, mostMs: 1_000 }

it("doubles the wait up to the longest", () => {
  expect([1, 2, 3, 4, 5, 60].map((tries) => backoffMs(tries, BACKOFF))).toEqual([100, 200, 400, 800, 1_000, 1_000])
})

it("leaves the upper half of a wait to chance", () => {
  expect([0, 0.5, 1].map((random) => backoffMs(3, BACKOFF, random))).toEqual([200, 300, 400])
})
