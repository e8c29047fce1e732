import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createRoundRobin, foldersOf } from "./round-robin.ts"

type RoundRobin = ReturnType<typeof createRoundRobin<string>>

const filled = (...keys: readonly string[]): RoundRobin => {
  const turns = createRoundRobin<string>()
  for (const key of keys) turns.add(foldersOf("t", key), key)
  return turns
}

const drained = (turns: RoundRobin): string[] => {
  const taken: string[] = []
  for (let next = turns.take(); next !== undefined; next = turns.take()) taken.push(next)
  return taken
}

describe("folders take turns", () => {
  it("and keep the order inside each", () => {
    expect(drained(filled("b/x/1", "b/x/2", "b/x/3", "b/y/1", "b/y/2"))).toEqual([
      "b/x/1",
      "b/y/1",
      "b/x/2",
      "b/y/2",
      "b/x/3",
    ])
  })

  it("at each level: a show of a thousand shots gets no more turns than a show of one", () => {
    const large = Array.from({ length: 1_000 }, (_, at) => `b/large/sh${at}/f`)
    const taken = drained(filled(...large, "b/small/sh1/1", "b/small/sh1/2", "b/small/sh1/3"))
    expect(taken.indexOf("b/small/sh1/3")).toBe(5)
  })

  it("with the files that lie beside them", () => {
    expect(drained(filled("b/1", "b/2", "b/x/1", "b/x/2"))).toEqual(["b/1", "b/x/1", "b/2", "b/x/2"])
  })

  it("and one that comes later waits for one round", () => {
    const turns = filled("b/x/1", "b/x/2", "b/x/3")
    expect(turns.take()).toBe("b/x/1")
    turns.add(foldersOf("t", "b/y/1"), "b/y/1")
    expect(drained(turns)).toEqual(["b/x/2", "b/y/1", "b/x/3"])
  })

  it("down to a depth that no key can stretch", () => {
    const deep = `b/${"d/".repeat(5_000)}f`
    expect(foldersOf("t", deep).length).toBeLessThan(20)
    expect(drained(filled(deep, "b/x/1"))).toEqual([deep, "b/x/1"])
  })
})

describe("a folder that is held back", () => {
  const x = foldersOf("t", "b/x/1")

  it("gets no turn, neither with what is there nor with what comes, and its sub-folders keep theirs", () => {
    const turns = filled("b/x/1", "b/x/in/1", "b/y/1")
    turns.hold(x)
    turns.hold(x)
    turns.add(x, "b/x/2")
    expect([drained(turns), turns.size()]).toEqual([["b/x/in/1", "b/y/1"], 2])
  })

  it("goes on in its order once it is released", () => {
    const turns = filled("b/x/1", "b/x/2")
    turns.hold(x)
    turns.add(x, "b/x/3")
    expect(turns.peek()).toBeUndefined()
    turns.release(x)
    turns.release(x)
    turns.add(x, "b/x/4")
    expect(drained(turns)).toEqual(["b/x/1", "b/x/2", "b/x/3", "b/x/4"])
  })

  it("loses what no longer passes", () => {
    const turns = filled("b/x/1", "b/x/2")
    turns.hold(x)
    turns.retain((key) => key !== "b/x/1")
    turns.release(x)
    expect([turns.size(), drained(turns)]).toEqual([1, ["b/x/2"]])
  })
})

it("nothing is lost or doubled, and each folder keeps its order, whatever comes and goes", () => {
  const key = fc
    .array(fc.constantFrom("a", "b", "", "c"), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join("/"))
  const step = fc.oneof(key, fc.constant(null), fc.record({ hold: key }), fc.record({ release: key }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const turns = createRoundRobin<{ readonly folder: string; readonly at: number }>()
      const taken: { readonly folder: string; readonly at: number }[] = []
      let added = 0
      for (const one of steps) {
        if (one !== null && typeof one === "object") {
          if ("hold" in one) turns.hold(foldersOf("t", one.hold))
          else turns.release(foldersOf("t", one.release))
        } else if (one !== null) {
          const folders = foldersOf("t", one)
          turns.add(folders, { folder: folders.join("/"), at: added++ })
        } else taken.push(...[turns.take()].filter((item) => item !== undefined))
      }
      for (const one of steps)
        if (one !== null && typeof one === "object" && "hold" in one) turns.release(foldersOf("t", one.hold))
      for (let next = turns.take(); next !== undefined; next = turns.take()) taken.push(next)
      expect(taken.map(({ at }) => at).sort((a, b) => a - b)).toEqual(Array.from({ length: added }, (_, at) => at))
      for (const { folder } of taken) {
        const order = taken.filter((item) => item.folder === folder).map(({ at }) => at)
        expect(order).toEqual([...order].sort((a, b) => a - b))
      }
      expect(turns.size()).toBe(0)
    }),
  )
})

it("what no longer passes is dropped, the rest keeps its order", () => {
  const turns = filled("b/x/1", "b/y/1", "b/x/2", "b/y/2", "b/x/3")
  turns.retain((key) => key.startsWith("b/x"))
  expect([turns.size(), drained(turns)]).toEqual([3, ["b/x/1", "b/x/2", "b/x/3"]])
})
