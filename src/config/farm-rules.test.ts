import { expect, it } from "vitest"
import type { FarmWork } from "../element/farms.ts"
import { farmPlaceFor, farmRules } from "./farm-rules.ts"

const { parse, problem, show } = farmRules({ group: "sequences", says: "Where frames of jobs are." })

const placeBy = (rules: readonly unknown[], work: FarmWork): string | null => {
  const place = farmPlaceFor(parse(rules) ?? [])(work)
  return place === null ? null : `${place.bucket}/${place.prefix}`
}

const job = (name: string, names: FarmWork["names"] = {}): FarmWork => ({
  by: "opencue",
  names: { job: name, ...names },
})

const COMP = { by: "opencue", job: "*_comp_*", bucket: "renders", prefix: "{show}/{shot}/comp/" }

it("the first rule that matches decides, and the prefix names what the event does", () => {
  const rules = [COMP, { by: "opencue", show: "ghost", job: "*", bucket: "other", prefix: "all/" }]
  const names = { show: "ghost", shot: "sh010" }
  expect(placeBy(rules, job("ghost-sh010_comp_v1", names))).toBe("renders/ghost/sh010/comp/")
  expect(placeBy(rules, job("ghost-sh010_fx_v1", names))).toBe("other/all/")
  expect(placeBy(rules, job("witch-sh010_fx_v1", { show: "witch" }))).toBeNull()
  expect(JSON.parse(show(parse(rules) ?? []))).toEqual(rules)
})

it.each([
  ["{project}-{shot}-*", "ghost-sh010-artist_v1", "b/ghost/sh010/"],
  ["{project}-{shot}-*_v1", "ghost-sh010-artist_v1", "b/ghost/sh010/"],
  ["{project}-{shot}-*_v1", "ghost-sh010-artist_v1_v1", "b/ghost/sh010/"],
  ["{project}-{shot}", "ghost-sh010-artist", "b/ghost/sh010-artist/"],
  ["{project}-{shot}-*", "ghost-sh010", null],
  ["{project}-{shot}-*", "-sh010-artist", null],
  ["{project}-{shot}-*", "GHOST_sh010-artist", null],
])("the job pattern %s takes names out of %s: %s", (pattern, name, expected) => {
  expect(placeBy([{ by: "opencue", job: pattern, bucket: "b", prefix: "{project}/{shot}/" }], job(name))).toBe(expected)
})

it("a rule with a layer or a step is about these alone, one without about whole jobs", () => {
  const layer = { by: "opencue", job: "*", layer: "bty*", bucket: "b", prefix: "bty/" }
  const whole = { by: "opencue", job: "*", bucket: "b", prefix: "job/" }
  expect([placeBy([layer], job("a")), placeBy([layer, whole], job("a"))]).toEqual([null, "b/job/"])
  expect([placeBy([layer], job("a", { layer: "bty_l" })), placeBy([whole], job("a", { layer: "bty" }))]).toEqual([
    "b/bty/",
    null,
  ])
})

it("a rule is about one farm", () => {
  const rule = { by: "deadline-cloud", queue: "queue-1", bucket: "b", prefix: "{job}/" }
  const work = { by: "deadline-cloud", names: { farm: "farm-1", queue: "queue-1", job: "job-1" } } as const
  expect([placeBy([rule], work), placeBy([COMP], work)]).toEqual(["b/job-1/", null])
  expect(placeBy([rule], { by: "opencue", names: work.names })).toBeNull()
})

it.each(["..", ".", "a/b", "../../etc", ""])("a name leads out of no folder, and stands for nothing: %j", (shot) => {
  expect(placeBy([COMP], job("a_comp_1", { show: "ghost", shot }))).toBeNull()
})

it("a long name meets a rule with many stars in no time", () => {
  const pattern = `${"*a".repeat(40)}*b`
  expect(placeBy([{ by: "opencue", job: pattern, bucket: "b", prefix: "x/" }], job("a".repeat(100_000)))).toBeNull()
})

it.each([
  [{ ...COMP, by: "tractor" }, "must be a mapping whose by is opencue or deadline-cloud."],
  [{ ...COMP, queue: "q" }, 'has an unknown key "queue"'],
  [{ ...COMP, bucket: undefined }, "needs the bucket"],
  [{ ...COMP, prefix: "" }, "needs a prefix that is not empty"],
  [{ ...COMP, prefix: "/a/" }, "leading slash"],
  [{ ...COMP, prefix: "{sequence}/" }, "names {sequence}, which is none of show, shot, job, layer"],
  [{ ...COMP, job: "{a}{b}" }, "must have a text as its job"],
  [{ ...COMP, job: "{a" }, "must have a text as its job"],
  [{ ...COMP, job: undefined }, "says of no job"],
])("a rule that is none is refused with what is wrong: %j", (rule, says) => {
  expect(parse([rule])).toBeUndefined()
  expect(problem?.([rule])).toContain(says)
})
