import { expect, it } from "vitest"
import { splitByBytes } from "./batches.ts"

const sized = (...sizes: number[]) => sizes.map((sizeBytes) => ({ sizeBytes }))
const sizesOf = (runs: readonly (readonly { readonly sizeBytes: number }[])[]) =>
  runs.map((run) => run.map(({ sizeBytes }) => sizeBytes))

it("fills each run up to the limit, in order", () => {
  expect(sizesOf(splitByBytes(sized(4, 6, 1, 9, 10, 3), 10))).toEqual([[4, 6], [1, 9], [10], [3]])
})

it("gives an item above the limit a run of its own", () => {
  expect(sizesOf(splitByBytes(sized(2, 50, 3, 3), 10))).toEqual([[2], [50], [3, 3]])
})

it("makes no run of nothing", () => {
  expect(splitByBytes([], 10)).toEqual([])
})
