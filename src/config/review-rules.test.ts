import { describe, expect, it } from "vitest"
import { asksForReviews, reviewFor, reviewRules } from "./review-rules.ts"

const setting = reviewRules({ group: "sequences", says: "" })

function settings(rules: readonly object[], review = false) {
  const parsed = setting.parse(rules)
  if (parsed === undefined) throw new Error(setting.problem?.(rules) ?? "Refused.")
  return { review, reviewCrf: 25, reviewRules: parsed, proxyPreset: "medium" }
}

describe("whether a movie has a review copy", () => {
  it("is no, unless the settings ask for it", () => {
    expect(reviewFor(settings([]), "show", "sh010/a..exr")).toBeNull()
    expect(asksForReviews(settings([]))).toBe(false)
    expect(reviewFor(settings([], true), "show", "sh010/a..exr")).toMatchObject({
      handles: 0,
      shotFolder: null,
      crf: 25,
    })
    expect(asksForReviews(settings([], true))).toBe(true)
  })

  it("is said by the first rule that matches its bucket and prefix", () => {
    const of = settings([
      { prefix: "sh010/work/", review: false },
      {
        bucket: "show",
        prefix: "sh010/",
        review: true,
        handles: 8,
        shotFolder: 1,
        topCenter: "",
        bottomRight: "#{frame}",
      },
    ])
    expect(asksForReviews(of)).toBe(true)
    expect(reviewFor(of, "show", "sh010/work/a..exr")).toBeNull()
    expect(reviewFor(of, "other", "sh010/a..exr")).toBeNull()
    expect(reviewFor(of, "show", "sh010/a..exr")).toMatchObject({
      ...{ handles: 8, shotFolder: 1 },
      texts: { topLeft: "{shot}", topCenter: "", bottomRight: "#{frame}" },
    })
  })

  it.each([
    [{ prefix: "a" }, "decides nothing"],
    [{ prefix: "a", review: "yes" }, "true or false, as its review"],
    [{ prefix: "a", handles: -1 }, "from 0 to 1000, as its handles"],
    [{ prefix: "a", shotFolder: 0 }, "the number of a folder"],
    [{ prefix: "a", topLeft: "{show}" }, "names in braces only shot, version"],
    [{ prefix: "a", topleft: "x" }, 'unknown key "topleft". Did you mean "topLeft"?'],
    [{ prefix: "/a", review: true }, "leading slash"],
  ])("is not said by a rule that is wrong: %j", (rule, says) => {
    expect(setting.parse([rule])).toBeUndefined()
    expect(setting.problem?.([rule])).toContain(says)
  })
})
