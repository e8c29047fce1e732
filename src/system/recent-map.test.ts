import { expect, it } from "vitest"
import { done, failed, failure } from "../events/result.ts"
import { onceEach, recentMap } from "./recent-map.ts"

it("forgets the oldest value where it holds one more than it may", () => {
  const map = recentMap<number>(2)
  map.set("a", 1)
  map.set("b", 2)
  map.set("a", 3)
  map.set("c", 4)
  expect(["a", "b", "c"].map(map.get)).toEqual([3, undefined, 4])
})

it("makes a thing once for each key, also when it is asked for twice at once, and again after a failure", async () => {
  const once = onceEach<string>(2)
  const made: string[] = []
  const make = (key: string) => async () => {
    made.push(key)
    return key === "bad" ? failed(failure("stopped", "not made")) : done(key)
  }
  await Promise.all(["a", "a", "bad"].map((key) => once(key, make(key))))
  await once("a", make("a"))
  await once("bad", make("bad"))
  expect(made).toEqual(["a", "bad", "bad"])
  for (const key of ["b", "c", "a"]) await once(key, make(key))
  expect(made.slice(3)).toEqual(["b", "c", "a"])
})
