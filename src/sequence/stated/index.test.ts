import { describe, expect, it } from "vitest"
import { agreedOn, besides, listStatement, otioStatement, type StatedSequence } from "./index.ts"

const SEQUENCE = { folder: "show/sh010/", head: "beauty.", tail: ".exr" }

describe("what others state of a sequence", () => {
  it("is what a rule says, else .ready, else an OpenTimelineIO file, else a hash list", () => {
    const said = [
      { by: "mhl", frames: "1-4" },
      { by: "otio", frames: "1-3" },
      { by: "ready", frames: "1-2" },
      { by: "rule", frames: "1" },
    ] as const
    for (const [at, { by }] of said.entries()) expect(agreedOn(said.slice(0, at + 1)).stated?.by).toBe(by)
    expect(agreedOn([])).toEqual({ stated: null, disagreements: [] })
  })

  it("is told where they disagree, however they write it", () => {
    const ready = { by: "ready", frames: "1001-1004" } as const
    expect(agreedOn([ready, { by: "mhl", frames: "1004,1001-1003" }]).disagreements).toEqual([])
    expect(agreedOn([{ by: "mhl", frames: "1001-1003" }, ready])).toMatchObject({
      stated: { by: "ready", set: Float64Array.of(1001, 1002, 1003, 1004) },
      disagreements: ["A hash list states the frames 1001-1003, the object .ready 1001-1004."],
    })
    const long = Array.from({ length: 200 }, (_, at) => at * 2).join(",")
    expect(agreedOn([ready, { by: "otio", frames: long }]).disagreements[0]?.length).toBeLessThan(150)
  })

  it("is left out where it is no frames", () => {
    expect(
      agreedOn([
        { by: "rule", frames: "" },
        { by: "mhl", frames: "1-2" },
      ]),
    ).toMatchObject({ stated: { by: "mhl" } })
  })

  it("by clips is the frames of all that are cut from it", () => {
    const clip = (frames: string, with_: Partial<StatedSequence> = {}): StatedSequence => ({
      ...{ ...SEQUENCE, clip: "a", frames, shown: null, rate: null, gaps: null },
      ...with_,
    })
    const clips = [clip("1001-1040"), clip("1031-1050"), clip("7", { head: "depth." }), clip("8", { folder: "show/" })]
    expect(otioStatement(clips, SEQUENCE)).toEqual({ by: "otio", frames: "1001-1050" })
    expect(otioStatement(clips, { ...SEQUENCE, tail: ".dpx" })).toBeNull()
  })

  it("by a hash list is what it lists, if it was read whole", () => {
    const listed = { count: 3, ranges: "1001-1003", more: 0 }
    expect(listStatement({ listed, problem: null })).toEqual({ by: "mhl", frames: "1001-1003" })
    expect(listStatement({ listed, problem: "is no XML" })).toBeNull()
    expect(listStatement({ listed: { ...listed, more: 2 }, problem: null })).toBeNull()
    expect(listStatement({ listed: { count: 0, ranges: "", more: 0 }, problem: null })).toBeNull()
  })
})

describe("objects beside a sequence", () => {
  it("that state something of it are found by their names", () => {
    const keys = [
      ...["show/sh010/beauty.1001.exr", "show/sh010/.ready", "show/sh010/depth.ready", "show/sh010/beauty.ready"],
      ...["show/.ready", "show/sh010/edit.otio", "show/edit.otio", "show/sh010/below/edit.otio"],
      ...["show/sh010/ascmhl/0001_sh010_2026-01-31_120000Z.mhl", "show/sh010/ascmhl/0010_sh010_2026-02-01_120000Z.mhl"],
      ...["show/sh010/ascmhl/0009_sh010_2026-03-01_120000Z.mhl", "show/sh010/ascmhl/ascmhl_chain.xml"],
      ...["show/sh010/ascmhl/99_x.mhl", "show/ascmhl/0099_show_2026-03-01_120000Z.mhl", "show/sh010/0098_x.mhl"],
    ]
    expect(besides(keys, SEQUENCE)).toEqual({
      ready: ["show/sh010/.ready", "show/sh010/beauty.ready"],
      otio: ["show/sh010/edit.otio"],
      list: "show/sh010/ascmhl/0010_sh010_2026-02-01_120000Z.mhl",
    })
    expect(besides([], SEQUENCE)).toEqual({ ready: [], otio: [], list: null })
  })
})
