import { expect, it } from "vitest"
import { sequenceRuleFor, sequenceRules } from "./sequence-rules.ts"

const { parse, problem, show } = sequenceRules({ group: "sequences", says: "Which names are frames." })

const ruleOf = (raw: unknown, key: string) => sequenceRuleFor(parse(raw) ?? [])({ bucket: "show", key })

it("the first rule that applies decides, and the usual names where none does", () => {
  const rules = [
    { prefix: "tex/", sequence: "never" },
    { bucket: "plates", prefix: "", sequence: "never" },
    { prefix: "fx/", sequence: "always" },
  ]
  expect([ruleOf(rules, "tex/wood.1001.exr"), ruleOf(rules, "fx/a.exr"), ruleOf(rules, "sh010/a.1.exr")]).toEqual([
    "never",
    "always",
    "usual",
  ])
  expect(JSON.parse(show(parse(rules) ?? []))).toEqual(rules)
})

it("a pattern matches names", () => {
  const rule = ruleOf([{ prefix: "", sequence: "*_####.dpx" }], "scan_0001.dpx")
  expect(rule).toMatchObject({ padding: 4 })
})

it.each([
  [{ prefix: "", sequence: "nevr" }, "must have never"],
  [{ prefix: "", sequence: "a.####.####.exr" }, "must have never"],
  [{ prefix: "" }, "must have never"],
  [{ prefix: "", sequence: "never", gaps: "hold" }, 'has an unknown key "gaps"'],
  [{ sequence: "never" }, "needs a prefix"],
])("a rule that is none is refused with what is wrong: %j", (rule, says) => {
  expect(parse([rule])).toBeUndefined()
  expect(problem?.([rule])).toContain(says)
})
