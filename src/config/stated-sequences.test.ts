import { describe, expect, it } from "vitest"
import { statedOf, statedSequences } from "./stated-sequences.ts"

const { parse, problem, show, default: none } = statedSequences({ group: "sequences", says: "Rules of sequences." })

function rulesOf(raw: unknown) {
  const rules = parse(raw)
  if (rules === undefined) throw new Error(problem?.(raw) ?? "refused")
  return rules
}

describe("what is stated of sequences by rule", () => {
  const raw = [
    { bucket: "scans", prefix: "sh010/", frames: "1001-1040,1045", firstFrame: 1001, rate: "24000/1001" },
    { prefix: "plates/", rate: 25, poster: 1012 },
    { prefix: "", poster: "last", gaps: "skip", sound: "Mix v2.WAV" },
  ]

  it("is what the first rule that applies says", () => {
    const rules = rulesOf(raw)
    expect(statedOf(rules, "scans", "sh010/beauty.1001.exr")).toEqual({
      ...{ frames: "1001-1040,1045", firstFrame: 1001, rate: { num: 24000, den: 1001 } },
    })
    expect(statedOf(rules, "other", "sh010/beauty.1001.exr")).toEqual({
      poster: "last",
      gaps: "skip",
      sound: "Mix v2.WAV",
    })
    expect(statedOf(rules, "any", "plates/a.7.dpx")).toEqual({ rate: { num: 25, den: 1 }, poster: 1012 })
    expect(statedOf(rulesOf([]), "any", "a.exr")).toEqual({})
    expect(none).toEqual([])
  })

  it("is shown as it stands in the file", () => {
    expect(JSON.parse(show(rulesOf(raw)))).toEqual(raw)
  })

  it.each([
    [["a"], /rule 1 must be a mapping/],
    [[{ frames: "1-2" }], /rule 1 needs a prefix/],
    [[{ prefix: "" }], /rule 1 decides nothing/],
    [[{ prefix: "", frame: "1-2" }], /unknown key "frame". Did you mean "frames"/],
    [[{ prefix: "/a", poster: 7 }], /leading slash/],
    [[{ prefix: "", bucket: 7, poster: 7 }], /text as its bucket/],
    [
      [
        { prefix: "", poster: 7 },
        { prefix: "", frames: "40-1" },
      ],
      /rule 2 must have ranges of frames/,
    ],
    [[{ prefix: "", frames: 1001 }], /ranges of frames/],
    [[{ prefix: "", frames: "1-99999999999" }], /ranges of frames/],
    [[{ prefix: "", firstFrame: "1001" }], /whole number as its firstFrame/],
    [[{ prefix: "", rate: "24000/0" }], /ratio such as/],
    [[{ prefix: "", rate: 0.5 }], /ratio such as/],
    [[{ prefix: "", rate: {} }], /ratio such as/],
    [[{ prefix: "", poster: 1.5 }], /first, middle, last or the number/],
    [[{ prefix: "", gaps: "freeze" }], /hold, black, skip or error as its gaps/],
    [[{ prefix: "", sound: "../elsewhere.wav" }], /WAV file beside the frames, or none, as its sound/],
    [[{ prefix: "", sound: "mix.mp3" }], /WAV file beside the frames, or none, as its sound/],
  ])("is refused with a sentence: %j", (rules, says) => {
    expect(parse(rules)).toBeUndefined()
    expect(problem?.(rules)).toMatch(says)
  })
})
