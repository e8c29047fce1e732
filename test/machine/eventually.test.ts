import { expect, it } from "vitest"
import { eventually } from "./eventually.ts"

it("asks again after an answer that is not yet so, and after an ask that failed", async () => {
  const answers = [() => false, () => Promise.reject(new Error("no answer in 4 s")), () => true]
  let asked = 0
  await eventually("it is so", async () => (await answers[asked++]?.()) ?? false)
  expect(asked).toBe(3)
})

it("says at its deadline what never came true, and how asking failed last", async () => {
  const failing = () => Promise.reject(new Error("the registry is away"))
  await expect(eventually("the row is there", failing, 1)).rejects.toThrow(
    "it never came true that the row is there; asking failed: the registry is away",
  )
  await expect(eventually("the row is there", () => false, 1)).rejects.toThrow(/row is there$/)
})
